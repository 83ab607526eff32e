package journey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
)

// Visits are listed newest first, with all that is known of each.
func TestNewestVisits(t *testing.T) {
	j := journey.New(inspector(t))
	for _, r := range recording(t, `
		1 opened
		1 button_displayed
		2 #s2 @e button_displayed
		3 #s2 @e ~c2 error_message
		4 disclaimer_ok
		5 gap
		6 simulated slot_check
	`) {
		j.Add(r)
	}
	var got []string
	for v := range j.NewestVisits() {
		found := strings.Join(lines(v.Found), ", ")
		got = append(got, fmt.Sprintf("%s %s %v %v %v %v %v %s", v.Session, v.Site, v.Contacts, v.Documents, v.Calls,
			v.End.Sub(v.First.Time), v.Consent.Agreed != nil, found))
	}
	want := []string{
		"s2 e.example [c c2] [e] [3 4] 1s false warning error-shown e/2",
		"s d.example [c] [d] [2 5] 3s true ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
