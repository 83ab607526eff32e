package report

import (
	"io"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/simulation"
)

// jsonReport always has every field, so that readers need not distinguish absent from empty.
type jsonReport struct {
	Findings  []jsonFinding  `json:"findings"`
	Accepted  []jsonAccepted `json:"accepted"` // by the plan, and not among the findings
	Summary   jsonSummary    `json:"summary"`
	Inspected jsonInspected  `json:"inspected"`
	Journeys  []jsonJourney  `json:"journeys"`
	Consent   []jsonConsent  `json:"consent"`
	Coverage  []jsonSeen     `json:"coverage"`
	Places    []jsonPlace    `json:"forwarding"` // where calls went, and where the plan wants them
	// Simulation is the results of simulated calls, absent without a simulation.
	Simulation []simulation.Followed `json:"simulation,omitempty"`

	Unjudged []string     `json:"unjudged"` // why this report must not count as passed
	Notes    []string     `json:"notes"`    // what a reader must know first
	Demands  []jsonDemand `json:"demands"`  // of the plan
}

type jsonDemand struct {
	Journey *string       `json:"journey"` // null if there is no journey at all
	Chat    *string       `json:"chat"`    // the chat_id, null if the demand is about the whole journey
	Event   string        `json:"event"`
	Demand  string        `json:"demand"`
	Source  string        `json:"source"`
	Outcome journey.State `json:"outcome"`
	Why     string        `json:"why"`
}

type jsonFinding struct {
	Rule     string          `json:"rule"`
	Severity record.Severity `json:"severity"`
	Record   *string         `json:"record"`
	Journey  *string         `json:"journey"`
	At       string          `json:"at"`
	Message  string          `json:"message"`
	Expected string          `json:"expected"`
	Actual   string          `json:"actual"`
	Demand   string          `json:"demand"`
}

type jsonAccepted struct {
	jsonFinding
	Until   string `json:"until"` // the last day
	Because string `json:"because"`
	By      string `json:"by"` // where it is written in the plan
}

type jsonSummary struct {
	Calls    int `json:"calls"` // without simulated calls
	Journeys int `json:"journeys"`
	Hits     int `json:"hits"`
	Error    int `json:"error"`
	Warning  int `json:"warning"`
	Info     int `json:"info"`
}

type jsonInspected struct {
	Tool       string       `json:"tool"`
	Version    string       `json:"version"`
	Recordings []string     `json:"recordings"`
	Sites      []string     `json:"sites"`
	Browsers   []browser    `json:"browsers"`
	First      *record.Time `json:"first"`
	Last       *record.Time `json:"last"`
	Plan       *jsonPlan    `json:"plan"`
}

type jsonPlan struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

type jsonJourney struct {
	ID      string       `json:"id"`
	Site    string       `json:"site"`
	Session string       `json:"session"`
	Begun   bool         `json:"begun"` // recorded from its beginning
	Calls   []jsonMoment `json:"calls"`
}

type jsonMoment struct {
	Record string      `json:"record"`
	Event  string      `json:"event"`
	Time   record.Time `json:"time"`
}

type jsonConsent struct {
	Journey string      `json:"journey"`
	Site    string      `json:"site"`
	Event   string      `json:"event"`  // the event by which the contact agrees
	Agreed  *jsonMoment `json:"agreed"` // null if the contact never agreed
	Open    bool        `json:"open"`   // the contact may still agree: a page of the visit is open
	Before  []jsonSent  `json:"before"`
	After   []jsonSent  `json:"after"`
	// The same for what was forwarded to other sites.
	ForwardedBefore []jsonForwarded `json:"forwarded_before"`
	ForwardedAfter  []jsonForwarded `json:"forwarded_after"`
}

type jsonSent struct {
	What  string     `json:"what"`
	At    string     `json:"at"`
	Calls int        `json:"calls"`
	First jsonMoment `json:"first"`
	Last  jsonMoment `json:"last"`
	jsonEarly
}

// jsonEarly has the members for what was sent before the contact agreed.
type jsonEarly struct {
	Early int64           `json:"early_ms,omitempty"` // how many ms before, the first time
	Found record.Severity `json:"found,omitempty"`    // the severity of the finding on it
}

type jsonForwarded struct {
	What  string     `json:"what"`
	At    string     `json:"at"`
	To    string     `json:"to"`
	Hits  int        `json:"hits"`
	First jsonMoment `json:"first"`
	Last  jsonMoment `json:"last"`
	jsonEarly
}

type jsonPlace struct {
	To       string                 `json:"to"`
	System   string                 `json:"system"`   // "" for an unknown one
	Events   map[string]jsonArrived `json:"events"`   // those that came
	Personal []string               `json:"personal"` // JSON Pointers of the fields that it got
}

type jsonArrived struct {
	Calls     int `json:"calls"`
	Forwarded int `json:"forwarded"`
	Failed    int `json:"failed,omitempty"` // of the forwarded ones, those of which each request there failed
}

type jsonSeen struct {
	Event      string       `json:"event"`
	Documented bool         `json:"documented"`
	Calls      int          `json:"calls"`
	Invalid    int          `json:"invalid"` // calls with an error of their own
	First      *record.Time `json:"first"`
	Last       *record.Time `json:"last"`
}

// JSON writes r as one JSON object, with the findings in order of arrival. Nothing is left
// out, cut or redacted.
func (r *Report) JSON(w io.Writer) error {
	same := func(s string) string { return s }
	return sanitize.WriteJSON(w, jsonReport{
		Findings: each(r.Findings, jsonFindingOf),
		Accepted: each(r.Accepted, func(a journey.Accepted) jsonAccepted {
			return jsonAccepted{jsonFindingOf(a.Finding), a.By.Last(), a.By.Because, a.By.Source}
		}),
		Summary: jsonSummary{
			Calls: r.Summary.Calls, Journeys: r.Summary.Journeys, Hits: r.Summary.Hits,
			Error: r.Summary.Error, Warning: r.Summary.Warning, Info: r.Summary.Info,
		},
		Inspected: r.jsonInspected(),
		Journeys: each(r.Journeys, func(j journey.Journey) jsonJourney {
			return jsonJourney{j.ID, j.Site, j.Session, j.Begun, each(j.Calls, jsonMomentOf)}
		}),
		Consent:    each(r.Consents, jsonConsentOf),
		Coverage:   each(r.Coverage, jsonSeenOf),
		Places:     each(r.Places, jsonPlaceOf),
		Simulation: r.Simulation,
		Unjudged:   each(r.Unjudged, same), Notes: each(r.top()[len(r.Unjudged):], same),
		Demands: each(r.Outcomes, func(o journey.Outcome) jsonDemand {
			return jsonDemand{orNull(o.Journey), orNull(o.Chat), o.Event, o.Expected, o.Source, o.State, o.Why}
		}),
	})
}

// each converts a list. The result is never nil, so that JSON has [] instead of null.
func each[From, To any](all []From, to func(From) To) []To {
	out := make([]To, len(all))
	for i, one := range all {
		out[i] = to(one)
	}
	return out
}

func jsonFindingOf(f journey.Finding) jsonFinding {
	out := jsonFinding{
		Rule: f.Rule, Severity: f.Severity, At: f.At, Message: f.Message,
		Expected: f.Expected, Actual: f.Actual, Demand: f.Demand,
	}
	out.Record, out.Journey = orNull(f.Record), orNull(f.Journey)
	return out
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (r *Report) jsonInspected() jsonInspected {
	same := func(s string) string { return s }
	out := jsonInspected{
		Tool: r.Tool, Version: r.Version, Recordings: each(r.Recordings, same), Sites: each(r.Sites, same),
		Browsers: each(r.Browsers, func(b browser) browser { return b }),
	}
	if !r.First.IsZero() {
		first, last := record.At(r.First), record.At(r.Last)
		out.First, out.Last = &first, &last
	}
	if p := r.Plan; p != nil {
		out.Plan = &jsonPlan{p.Name, p.File, p.Hash}
	}
	return out
}

func jsonMomentOf(m journey.Moment) jsonMoment { return jsonMoment{m.Record, m.Event, m.Time} }

func jsonConsentOf(c journey.Consent) jsonConsent {
	out := jsonConsent{Journey: c.Journey, Site: c.Site, Event: c.Event, Open: c.Open, Before: each(c.Before, jsonSentOf), After: each(c.After, jsonSentOf)}
	out.ForwardedBefore, out.ForwardedAfter = each(c.ForwardedBefore, jsonForwardedOf), each(c.ForwardedAfter, jsonForwardedOf)
	if c.Agreed != nil {
		agreed := jsonMomentOf(*c.Agreed)
		out.Agreed = &agreed
	}
	return out
}

func jsonSentOf(s journey.Sent) jsonSent {
	return jsonSent{s.What, s.At, s.Calls, jsonMomentOf(s.First), jsonMomentOf(s.Last), jsonEarlyOf(s)}
}

func jsonEarlyOf(s journey.Sent) jsonEarly {
	e := jsonEarly{Early: s.Early}
	if s.Found != nil {
		e.Found = s.Found.Severity
	}
	return e
}

func jsonForwardedOf(s journey.Sent) jsonForwarded {
	return jsonForwarded{s.What, s.At, s.To, s.Calls, jsonMomentOf(s.First), jsonMomentOf(s.Last), jsonEarlyOf(s)}
}

func jsonPlaceOf(p journey.Place) jsonPlace {
	out := jsonPlace{p.To, p.System, map[string]jsonArrived{}, each(p.Personal, func(s string) string { return s })}
	for _, e := range p.Events {
		out.Events[e.Event] = jsonArrived{e.Calls, e.Forwarded, e.Failed}
	}
	return out
}

func jsonSeenOf(s journey.Seen) jsonSeen {
	out := jsonSeen{Event: s.Event, Documented: s.Documented, Calls: s.Calls, Invalid: s.Invalid}
	if s.Calls > 0 {
		out.First, out.Last = &s.First, &s.Last
	}
	return out
}
