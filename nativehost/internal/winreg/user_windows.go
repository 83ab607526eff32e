package winreg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/windows/registry"
)

// User is the registry of the running system.
func User() Registry { return user{} }

type user struct{}

func (user) Get(key string) (Value, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return Value{}, nil
	}
	if err != nil {
		return Value{}, failure("reading", key, err)
	}
	defer k.Close()
	text, kind, err := k.GetStringValue("")
	if errors.Is(err, fs.ErrNotExist) {
		return Value{}, nil
	}
	if err != nil {
		return Value{}, failure("reading", key, err)
	}
	return Value{text, kind == registry.EXPAND_SZ}, nil
}

func (user) Set(key string, value Value) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if err != nil {
		return failure("writing", key, err)
	}
	defer k.Close()
	set := k.SetStringValue
	if value.Expand {
		set = k.SetExpandStringValue
	}
	if err := set("", value.Text); err != nil {
		return failure("writing", key, err)
	}
	return nil
}

func (user) Delete(key string) error {
	err := registry.DeleteKey(registry.CURRENT_USER, key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failure("removing", key, err)
	}
	return nil
}

// Values are the values below a key by name, as text: first those of the system's part, then
// those of the user's. What cannot be read is left out.
func Values(key string) (all []map[string]string) {
	for _, root := range []registry.Key{registry.LOCAL_MACHINE, registry.CURRENT_USER} {
		if values := valuesBelow(root, key); len(values) > 0 {
			all = append(all, values)
		}
	}
	return all
}

func valuesBelow(root registry.Key, key string) map[string]string {
	k, err := registry.OpenKey(root, key, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer k.Close()
	names, err := k.ReadValueNames(0)
	if err != nil {
		return nil
	}
	values := map[string]string{}
	for _, name := range names {
		if number, _, err := k.GetIntegerValue(name); err == nil {
			values[name] = strconv.FormatUint(number, 10)
		} else if text, kind, err := k.GetStringValue(name); err == nil {
			values[name] = Value{text, kind == registry.EXPAND_SZ}.Path(os.Getenv)
		}
	}
	return values
}

func failure(doing, key string, err error) error {
	return fmt.Errorf(`%s HKCU\%s: %w; your administrator may have locked it`, doing, key, err)
}
