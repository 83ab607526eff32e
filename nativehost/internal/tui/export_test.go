package tui

import "strings"

// A Key is a binding as tests see it.
type Key struct {
	Keys, Places []string
	Show, Does   string
}

// Keys is the table of keys.
func Keys() []Key {
	var keys []Key
	kinds := viewKinds()
	places := []string{"detail", "help", "filter", "prompt", "copy", "compare", "only", "simulate", "agreement", "quitting", "welcome"}
	for _, kind := range kinds {
		places = append(places, strings.ToLower(kind.name))
	}
	for _, b := range bindings(kinds) {
		k := Key{Keys: strings.Fields(b.keys), Show: b.show, Does: b.does}
		for bit, name := range places {
			if b.in&(1<<bit) != 0 && name != "welcome" {
				k.Places = append(k.Places, name)
			}
		}
		keys = append(keys, k)
	}
	return keys
}
