package install

// Registry is the user's part of the Windows registry, as far as it is needed:
// the default values of keys below HKEY_CURRENT_USER.
type Registry interface {
	// Get returns a key's default value, "" where there is none.
	Get(key string) (string, error)
	// Set makes the key and its default value.
	Set(key, value string) error
	// Delete removes the key, which has no keys below it.
	Delete(key string) error
}
