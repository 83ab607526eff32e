package journey

import (
	"fmt"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// The rule error-shown: the contact saw an error.

// show notes whether the call tells of an error that the contact saw.
func (v *journey) show(j *Judge, c call, now uint32) {
	if j.rules.errors[c.event] {
		v.shown = append(v.shown, now)
	}
}

// judgeErrors finds the errors that the contact saw.
func (k *known) judgeErrors() {
	for _, i := range k.v.shown {
		k.tell(k.j.errorShown(k.v.calls[i]), k.v.calls[i])
	}
}

func (j *Judge) errorShown(c call) Finding {
	return verdict(inspect.ErrorShown, record.Finding{
		Message:  fmt.Sprintf("The contact saw an error: the client reported %s. Check what the contact did just before, and the browser's console and network at that time.", j.names.text(c.event)),
		Expected: "no error",
		Actual:   j.names.text(c.event),
		Demand:   j.inspector.Catalogue().Source + ": " + j.names.text(c.event),
	})
}
