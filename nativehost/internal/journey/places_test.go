package journey_test

import (
	"testing"

	"userlike-inspector/nativehost/internal/journey"
)

// TestFailedAtPlaces: a call whose request failed counts as handed on, and as failed unless
// another request there did not.
func TestFailedAtPlaces(t *testing.T) {
	r := journey.NewRecording(inspector(t))
	for _, one := range recording(t, asked+
		`1.1 hit https://stats.example/c d/2 {"query":{"en":"button_displayed"}} failed 80ms has /0 /query/en`+"\n"+
		`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en`+"\n"+
		`2.4 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en`+"\n"+
		`2.9 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en`+left) {
		r.Add(one)
	}
	r.End()
	places := r.Forwarding()
	if len(places) != 1 || places[0].Hits != 4 || places[0].Failed != 3 {
		t.Fatalf("got %+v, want one place with 4 hits, of which 3 failed", places)
	}
	for i, want := range []journey.Arrived{{Event: "button_displayed", Forwarded: 1, Failed: 1}, {Event: "chat_requested", Forwarded: 1}} {
		if e := places[0].Events[i]; e.Event != want.Event || e.Forwarded != want.Forwarded || e.Failed != want.Failed {
			t.Errorf("got %+v, want %+v", e, want)
		}
	}
}

// TestRandomAddresses: a system that makes up a part of each request's address has one place.
func TestRandomAddresses(t *testing.T) {
	r := journey.NewRecording(inspector(t).With(parsePlan(t, "forward: [{events: [chat_requested], to: d.sc.omtrdc.net/b/ss/shop/1/JS-2.22.0/s1}]")))
	for _, one := range recording(t, asked+
		`1.1 hit https://d.sc.omtrdc.net/b/ss/shop/1/JS-2.22.0/s111 d/2 {"query":{"pev2":"button_displayed"}} has /0 /query/pev2`+"\n"+
		`2.1 hit https://d.sc.omtrdc.net/b/ss/shop/1/JS-2.22.0/s222 d/3 {"query":{"pev2":"chat_requested"}} has /0 /query/pev2`+left) {
		r.Add(one)
	}
	r.End()
	places := r.Forwarding()
	if len(places) != 1 || places[0].To != "https://d.sc.omtrdc.net/b/ss/shop/1/JS-2.22.0/*" || places[0].Hits != 2 {
		t.Errorf("got %+v, want one place with 2 hits", places)
	}
}
