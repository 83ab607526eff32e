package tui

import "userlike-inspector/nativehost/internal/record"

// A bell rings at new errors. It does not while the judge goes through what was recorded
// before: those errors are not new.
type bell struct {
	on     bool
	errors int  // how many there were last time
	final  bool // everything recorded by then was counted in errors
}

// toggle turns the bell on or off, and returns a message.
func (b *bell) toggle() (says string) {
	if b.on = !b.on; b.on {
		return "a bell rings at each new error"
	}
	return "no bell rings any more"
}

// rings takes in new verdicts, and tells whether the bell rings at them. last is the store's
// last row.
func (b *bell) rings(v *verdicts, n news, last int64) bool {
	begun := n.first || n.again
	errors := v.findings[record.Error.Rank()]
	rings := b.on && b.final && !begun && errors > b.errors
	b.errors, b.final = errors, b.final && !begun || v.upTo >= last
	return rings
}
