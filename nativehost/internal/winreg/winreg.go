// Package winreg is the part of the Windows registry that this program needs, as an
// interface that tests can implement on any system.
package winreg

import (
	"path"
	"strings"
)

// Registry is the user's own part, HKEY_CURRENT_USER: the default values of keys.
type Registry interface {
	// Get returns a key's default value, the zero Value if there is none.
	Get(key string) (Value, error)
	// Set makes the key and its default value.
	Set(key string, value Value) error
	// Delete removes the key, which has no keys below it.
	Delete(key string) error
}

// Value is a text in the registry.
type Value struct {
	Text   string `json:"text"`
	Expand bool   `json:"expand,omitempty"` // REG_EXPAND_SZ: %NAME% in it stands for a variable
}

// Path is what programs read from the value, such as the path of a file.
func (v Value) Path(env func(name string) string) string {
	if !v.Expand {
		return v.Text
	}
	var b strings.Builder
	rest := v.Text
	for {
		before, after, found := strings.Cut(rest, "%")
		name, behind, closed := strings.Cut(after, "%")
		if !found || !closed {
			return b.String() + rest
		}
		if value := env(name); value != "" {
			b.WriteString(before + value)
			rest = behind
			continue
		}
		// As in the system, the name of an unknown variable stays as it is.
		b.WriteString(before + "%" + name)
		rest = "%" + behind
	}
}

// SamePath tells whether two paths of Windows are equal, whatever their case and slashes.
func SamePath(a, b string) bool {
	clean := func(p string) string { return path.Clean(strings.ReplaceAll(p, `\`, "/")) }
	return strings.EqualFold(clean(a), clean(b))
}
