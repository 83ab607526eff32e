package install

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/windows/registry"
)

// UserRegistry is the running system's.
func UserRegistry() Registry { return userRegistry{} }

type userRegistry struct{}

func (userRegistry) Get(key string) (string, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", failure("reading", key, err)
	}
	defer k.Close()
	value, _, err := k.GetStringValue("")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", failure("reading", key, err)
	}
	return value, nil
}

func (userRegistry) Set(key, value string) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if err != nil {
		return failure("writing", key, err)
	}
	defer k.Close()
	if err := k.SetStringValue("", value); err != nil {
		return failure("writing", key, err)
	}
	return nil
}

func (userRegistry) Delete(key string) error {
	err := registry.DeleteKey(registry.CURRENT_USER, key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failure("removing", key, err)
	}
	return nil
}

func failure(doing, key string, err error) error {
	return fmt.Errorf(`%s HKCU\%s: %w; your administrator may have locked it`, doing, key, err)
}
