package report

import (
	"io"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/simulation"
)

// jsonReport has every field always: consumers need not tell absent from empty.
type jsonReport struct {
	Findings  []jsonFinding  `json:"findings"`
	Accepted  []jsonAccepted `json:"accepted"` // by the plan, and not among the findings
	Summary   jsonSummary    `json:"summary"`
	Inspected jsonInspected  `json:"inspected"`
	Journeys  []jsonJourney  `json:"journeys"`
	Consent   []jsonConsent  `json:"consent"`
	Coverage  []jsonSeen     `json:"coverage"`
	Places    []jsonPlace    `json:"forwarding"` // where calls went, and where the plan wants them
	// Simulation is what simulated calls came to, absent where nothing was simulated.
	Simulation []simulation.Followed `json:"simulation,omitempty"`

	Unjudged []string     `json:"unjudged"` // why nothing of this is a pass
	Notes    []string     `json:"notes"`    // what a reader must know first
	Demands  []jsonDemand `json:"demands"`  // of the plan
}

type jsonDemand struct {
	Journey *string       `json:"journey"` // null where there is none at all
	Chat    *string       `json:"chat"`    // the chat_id, null where the demand is on the whole journey
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
	By      string `json:"by"` // where the plan says so
}

type jsonSummary struct {
	Calls    int `json:"calls"` // without the simulated ones
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
	Event   string      `json:"event"`  // by which the contact agrees
	Agreed  *jsonMoment `json:"agreed"` // null for never
	Open    bool        `json:"open"`   // the contact may still agree: a page of the visit is open
	Before  []jsonSent  `json:"before"`
	After   []jsonSent  `json:"after"`
	// What of it went to other sites.
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

// jsonEarly is said of what was sent before the contact agreed.
type jsonEarly struct {
	Early int64           `json:"early_ms,omitempty"` // so long before, at the first time
	Found record.Severity `json:"found,omitempty"`    // the severity of what accuses it
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
}

type jsonSeen struct {
	Event      string       `json:"event"`
	Documented bool         `json:"documented"`
	Calls      int          `json:"calls"`
	Invalid    int          `json:"invalid"` // calls with an error of their own
	First      *record.Time `json:"first"`
	Last       *record.Time `json:"last"`
}

// JSON writes r as one JSON object, findings in order of arrival. It is the whole
// report: nothing is left out, cut or redacted.
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

// each makes a list that is never null.
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
		out.Events[e.Event] = jsonArrived{e.Calls, e.Forwarded}
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
