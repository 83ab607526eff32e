package tui

import (
	"fmt"
	"strings"
)

// KeyHelp says in plain text what keys do, each once, from the table of keys.
func KeyHelp() string {
	var b strings.Builder
	told := map[string]bool{}
	for _, bound := range bindings(viewKinds()) {
		line := fmt.Sprintf("%-8s %s\n", bound.show, bound.does)
		if !told[line] {
			told[line] = true
			b.WriteString("  " + line)
		}
	}
	return b.String()
}
