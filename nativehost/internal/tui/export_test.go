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
	for _, b := range bindings() {
		k := Key{Keys: strings.Fields(b.keys), Show: b.show, Does: b.does}
		for _, p := range []struct {
			in   place
			name string
		}{{inEvents, "events"}, {inDetail, "detail"}, {inFindings, "findings"}, {inCoverage, "coverage"}, {inConsent, "consent"},
			{inShape, "shape"}, {inSources, "sources"}, {inHelp, "help"}, {inFilter, "filter"}, {inPrompt, "prompt"}, {inCopy, "copy"}} {
			if b.in&p.in != 0 {
				k.Places = append(k.Places, p.name)
			}
		}
		keys = append(keys, k)
	}
	return keys
}
