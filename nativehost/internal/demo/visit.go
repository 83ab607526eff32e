package demo

import (
	"fmt"
	"strings"
)

// Call is one call of userlikeTrackingEvent in the demo's visit.
type Call struct {
	// Event is the documented event that the client means to report.
	Event string `json:"event"`
	// Mistake is what the client gets wrong in this call, nil for nothing.
	Mistake *Mistake `json:"mistake,omitempty"`
}

// Mistake is one wrong value in a call's arguments. Either Value or Function is set.
type Mistake struct {
	At       string `json:"at"`                 // JSON Pointer into the arguments
	Value    string `json:"value,omitempty"`    // the string to put there
	Function bool   `json:"function,omitempty"` // put a function there, which JSON cannot carry
	Rule     string `json:"-"`                  // the rule that finds it, pointing to At
}

// A Slip is a mistake that the shop's tag manager makes when it hands on a call.
type Slip struct {
	Event string
	Rule  string // the rule that finds it
	At    string // the JSON Pointer that the rule points to, into what was handed on; "" for none
}

// Slips lists what assets/tags.js gets wrong.
func Slips() []Slip {
	return []Slip{
		{"chat_requested", "personal-data-forwarded", "/body/email"}, // and before the contact has agreed
		{"pre_survey_submit", "not-forwarded", ""},                   // to the collector
		{"rating_submit", "forwarded-twice", ""},
	}
}

// Mistakes counts the mistakes that a visit makes, those of Visit and of Slips, and how many
// of them were found. found reports whether there is a finding of the rule at the place.
func Mistakes(found func(rule, at string) bool) (made, met int) {
	count := func(rule, at string) {
		made++
		if found(rule, at) {
			met++
		}
	}
	for _, c := range Visit() {
		if c.Mistake != nil {
			count(c.Mistake.Rule, c.Mistake.At)
		}
	}
	for _, s := range Slips() {
		count(s.Rule, s.At)
	}
	return made, met
}

// plan wants all events in the data layer and at the collector.
func plan(site, collector string) string {
	_, place, _ := strings.Cut(collector, "://")
	return fmt.Sprintf("name: The demo shop's own\nsites: [%q]\nforward:\n  - {to: dataLayer}\n  - {to: %q}\n", site+"/*", place)
}

// Sends is the event name that the page's function receives.
func (c Call) Sends() string {
	if c.Mistake != nil && c.Mistake.At == "/0" {
		return c.Mistake.Value
	}
	return c.Event
}

// Visit lists every call of the visit that the shop plays with ?autoplay, in order. The
// client's mistakes are defined here alone: the client gets this list in its configuration,
// and tests compare with it.
//
// A tester who clicks through the chat meets the same mistakes: for the nth call of an
// event in a visit, the client looks up the nth one here and makes its mistake.
func Visit() []Call {
	calls := strings.Fields(`
		button_displayed
		chat_requested chat_window_maximized
		disclaimer_ok slot_check slot_available chat_connected
		pre_survey_show pre_survey_submit
		chat_started contact_first_message message_operator_terminating message_client_terminating
		message_operator_terminating message_client_terminating
		chat_window_minimized

		button_displayed conversation_resume chat_window_maximized
		message_operator_terminating message_client_terminating
		feedback_rating_show rating_submit feedback_submit
		transcript_show transcript_submit
		chat_window_minimized`)
	// Only the first call of the event in a visit makes the mistake.
	mistakes := map[string]*Mistake{
		"chat_requested":        {At: "/2/client_email", Value: "ada@shop.example", Rule: "before-consent"},
		"pre_survey_show":       {At: "/1/operator_group_id", Value: "8412", Rule: "wrong-type"},
		"chat_started":          {At: "/2/operator_avatar", Value: "mara.png", Rule: "undocumented-field"},
		"chat_window_minimized": {At: "/0", Value: "chat_window_minimzed", Rule: "undocumented-event"},
		"feedback_rating_show":  {At: "/2/custom_data/basket/format", Function: true, Rule: "not-serializable"},
	}
	visit := make([]Call, len(calls))
	for i, event := range calls {
		visit[i] = Call{Event: event, Mistake: mistakes[event]}
		delete(mistakes, event)
	}
	return visit
}
