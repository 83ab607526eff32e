package tui

import (
	"errors"
	"testing"

	"userlike-inspector/nativehost/internal/filter"
)

// TestFiltering types filters, key by key as it were, and looks at what is in force.
func TestFiltering(t *testing.T) {
	all, calls := parsed(t, ""), parsed(t, "kind:call")
	visit := filter.Visit("visit 1", "s", nil) // it has a name, but no text
	for name, tt := range map[string]struct {
		shown, scope *filter.Filter
		typed        []string
		changed      bool   // by the last of them
		now          string // the name of the filter in force
	}{
		"nothing typed":          {shown: all, scope: all, now: "/"},
		"a text":                 {shown: all, scope: all, typed: []string{"ada"}, changed: true, now: "/ada"},
		"the same with a space":  {shown: all, scope: all, typed: []string{"ada", "ada "}, now: "/ada"},
		"a bad one":              {shown: all, scope: all, typed: []string{"ada", "!"}, now: "/ada"},
		"a good one after that":  {shown: all, scope: all, typed: []string{"ada", "!", "bob"}, changed: true, now: "/bob"},
		"taken away":             {shown: calls, scope: calls, typed: []string{""}, changed: true, now: "/"},
		"as it was":              {shown: calls, scope: calls, typed: []string{"", "kind:call"}, changed: true, now: "/kind:call"},
		"within a visit":         {shown: visit, scope: all, typed: []string{"ada"}, changed: true, now: "visit 1 /ada"},
		"within the scope":       {shown: parsed(t, "ada"), scope: calls, typed: []string{"bob"}, changed: true, now: "/kind:call bob"},
		"as it was in the scope": {shown: parsed(t, "ada"), scope: calls, typed: []string{"bob", "ada"}, changed: true, now: "/ada"},
	} {
		t.Run(name, func(t *testing.T) {
			f, changed := newFiltering(tt.shown, tt.scope, 3), false
			for _, text := range tt.typed {
				if text == "!" {
					changed = f.edit(nil, errors.New("no filter"))
					if f.err == nil {
						t.Error("it does not keep what is wrong")
					}
					continue
				}
				changed = f.edit(parsed(t, text), nil)
				if f.err != nil {
					t.Errorf("something is wrong with %q: %v", text, f.err)
				}
			}
			if changed != tt.changed || f.now.Name() != tt.now {
				t.Errorf("changed %t, in force %q; want %t, %q", changed, f.now.Name(), tt.changed, tt.now)
			}
			if back := f.text == f.before.String(); back != (f.now == f.before) {
				t.Errorf("the text is what it was: %t, and so is the filter: %t", back, f.now == f.before)
			}
		})
	}
}
