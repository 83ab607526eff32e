// Package winregtest is a registry in memory, for tests.
package winregtest

import "userlike-inspector/nativehost/internal/winreg"

// Registry is a user's part of the registry, by key.
type Registry map[string]winreg.Value

func (r Registry) Get(key string) (winreg.Value, error)     { return r[key], nil }
func (r Registry) Set(key string, value winreg.Value) error { r[key] = value; return nil }
func (r Registry) Delete(key string) error                  { delete(r, key); return nil }
