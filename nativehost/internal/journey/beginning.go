package journey

import (
	"fmt"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

// The rule mid-journey: the recording began in the middle of a visit.

// middle says why the recording begins in the middle of the journey.
func (v *journey) middle(j *Judge) string {
	for _, late := range []bool{true, false} { // prefer the reason that says what the tester did
		for _, d := range v.documents {
			if !d.FromStart() && d.Late() == late {
				return d.Spots()[0].Why
			}
		}
	}
	if len(v.resumed) > 0 {
		return j.names.text(j.rules.resumes) + " goes on with a conversation that began before"
	}
	return ""
}

// judgeBeginning tells that the recording begins in the middle of the journey.
func (k *known) judgeBeginning() {
	if k.middle != "" {
		k.tell(midJourney(k.middle), k.v.calls[0])
	}
}

func midJourney(why string) Finding {
	return verdict(inspect.MidJourney, record.Finding{
		Message:  fmt.Sprintf("The recording begins in the middle of this visit: %s. What came earlier is unknown, so nothing is said to lack an earlier step. To have that judged, open the site anew with the extension running.", why),
		Expected: "the visit from its beginning",
		Actual:   why,
	})
}
