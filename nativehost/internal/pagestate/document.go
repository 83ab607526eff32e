// Package pagestate decides the state of a page from its records: whether the extension sees
// into it, how far the Userlike client has come, what happened to the site's function, and so
// whether calls can arrive.
//
// Findings on a page's function, the terminal's list of sources and what the host tells the
// extension's popup all come from here, so that they cannot contradict each other. The
// package is pure: callers pass the time.
package pagestate

import (
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/record"
)

// Moment is a time too short to matter: the function may appear so much later than the
// client, and may be away for so long.
const Moment = time.Second

// Silence is how long a client with its frame may show and call nothing before that is
// reported.
const Silence = 10 * time.Second

// Sighting is a record that is remembered.
type Sighting struct {
	ID    string
	URL   string
	Order int64 // the order of its arrival, as the caller counts
	Time  int64 // ms since 1970, as the caller corrects it
}

// Removal is when the site took its function away.
type Removal struct {
	Sighting
	Back int64 // when a function was there again, in ms since 1970; 0 for not yet
}

// Replacement is a function that replaced the site's.
type Replacement struct {
	Sighting        // the record that reported it
	seq       int64 // the seq of that record
	PassedOn  bool  // it has passed calls on, at once or later
	Withheld  bool  // there was a call that it did not pass on
	FirstLost string
}

// Document is the state of one document, by its records. The zero value is a document
// without records.
type Document struct {
	Hooked bool // the extension's script in the page has answered
	Late   bool // the document was there before the extension
	Closed bool

	Client    record.State // the stage that the Userlike client has reached, "" for none seen
	Running   *Sighting    // since when the client runs here and may call; nil for not yet
	RunningAs record.State // Loaded or Framed: how that was seen

	Function     *Sighting // the first sign of a function that can be called
	Exists       bool      // there is or was a function, even if it cannot be seen
	Handler      record.State
	StandIn      bool // the tester's stand-in took the last call
	Removals     []Removal
	Replacements []Replacement

	Calls    int
	Lost     int64         // calls that were lost, as far as they were counted
	Gaps     int           // how often calls were lost
	Why      record.Reason // the reason of the newest loss
	Uncalled int64         // calls that were only counted, during a pause

	heard       bool
	sub         bool // it is in a frame
	loaded      *Sighting
	since       int64 // when the client reached its stage
	staged      bool  // the client's records have stages, which those of older programs do not have
	pageSeq     int64 // of the newest record of the document's life
	functionSeq int64 // of the newest record of the function
}

// Add adds a record of the document, with its order and time.
func (d *Document) Add(r *record.Record, at Sighting) {
	if r.AboutHits() {
		return // hits may come at any time, and from elsewhere
	}
	// If the first records are missing, an earlier host has received them. Then the
	// script in the page has probably answered.
	d.Hooked = d.Hooked || !d.heard && r.Seq > 2
	d.heard = true
	d.sub = d.sub || r.Frame != nil && *r.Frame != 0
	switch r.Kind {
	case record.Page:
		if r.Seq >= d.pageSeq {
			d.Closed, d.pageSeq = r.Event == record.Closed, r.Seq
		}
		d.Hooked = d.Hooked || r.Event == record.Hooked
		d.Late = d.Late || r.HookedFromStart != nil && !*r.HookedFromStart
	case record.Client:
		d.addClient(r, at)
	case record.Handler:
		d.Hooked = true
		d.addHandler(r, at)
	case record.Call:
		d.Hooked = true
		d.addCall(r, at)
	case record.Gap:
		if r.Why == record.PausedByTester {
			d.Uncalled += r.Lost
			break
		}
		d.Lost += r.Lost
		d.Gaps++
		d.Why = r.Why
	}
}

func (d *Document) addClient(r *record.Record, at Sighting) {
	stage := r.ClientState()
	d.staged = d.staged || r.State != ""
	// The stage never goes back, for example when a second tag is refused.
	if stageRank(stage) > stageRank(d.Client) {
		d.Client, d.since = stage, at.Time
	}
	// The client's scripts also run in the client's own frame. The function is not
	// there but in the document around it, so in a frame a script alone does not show
	// that the client runs here. What is mounted may only look like the client.
	if stage == record.Loaded && (d.loaded == nil || at.Time < d.loaded.Time) {
		d.loaded = &at
	}
	alone := !d.sub && !strings.HasPrefix(r.URL, "about:")
	if stage == record.Framed || stage == record.Loaded && alone {
		d.runs(at, stage)
	}
	if d.Running != nil && d.loaded != nil {
		d.runs(*d.loaded, record.Loaded)
	}
}

func (d *Document) runs(at Sighting, as record.State) {
	if d.Running == nil || at.Time < d.Running.Time {
		d.Running, d.RunningAs = &at, as
	}
}

// stageRank is the place of a stage in the order in which the client reaches them.
func stageRank(s record.State) int { return slices.Index(record.ClientStates[:], s) }

func (d *Document) addHandler(r *record.Record, at Sighting) {
	d.Exists = true
	switch {
	case strings.HasSuffix(r.Text, record.PassesOnLater):
		if n := len(d.Replacements); n > 0 {
			d.Replacements[n-1].PassedOn = true
		}
		return
	case r.State == record.Appeared || r.State == record.Replaced:
		if d.Function == nil || at.Time < d.Function.Time {
			d.Function = &at
		}
		same := false // frameworks remove the function and set it again
		if n := len(d.Removals); n > 0 && d.Removals[n-1].Back == 0 {
			d.Removals[n-1].Back = at.Time
			same = at.Time-d.Removals[n-1].Time < Moment.Milliseconds()
		}
		d.StandIn = false
		if d.Handler != "" && !same {
			d.Replacements = append(d.Replacements, Replacement{Sighting: at, seq: r.Seq})
		}
	case r.State == record.Removed:
		d.Removals = append(d.Removals, Removal{Sighting: at})
	}
	if r.Seq >= d.functionSeq {
		d.Handler, d.functionSeq = r.State, r.Seq
	}
}

func (d *Document) addCall(r *record.Record, at Sighting) {
	d.Calls++
	if r.Handled == nil {
		d.Exists = true
		return
	}
	d.StandIn = r.Handled.State == record.StandIn
	if d.StandIn {
		return
	}
	d.Exists = true
	if d.Handler == "" {
		d.Handler = record.Appeared
	}
	if r.Handled.PassedOn == nil {
		return
	}
	p := d.replacement(r.Seq)
	switch {
	case *r.Handled.PassedOn && p != nil:
		p.PassedOn = true
	case *r.Handled.PassedOn:
	case p == nil:
	case !p.Withheld:
		p.Withheld, p.FirstLost = true, r.EventName()
	}
}

// replacement is the newest one before a record of the document, nil for none.
func (d *Document) replacement(seq int64) *Replacement {
	for i, p := range slices.Backward(d.Replacements) {
		if p.seq <= seq {
			return &d.Replacements[i]
		}
	}
	return nil
}

// Cut tells whether a function does not pass calls on to the one that it replaced.
func (p Replacement) Cut() bool { return p.Withheld && !p.PassedOn }

// Clone is a copy that later records do not change.
func (d Document) Clone() Document {
	d.Removals, d.Replacements = slices.Clone(d.Removals), slices.Clone(d.Replacements)
	return d
}

// callable tells whether there is a function that the client can call.
func (d *Document) callable() bool {
	return d.Handler == record.Appeared || d.Handler == record.Replaced
}

// State is the document's state, apart from lost calls.
func (d *Document) State(now time.Time) glossary.Code {
	cut := len(d.Replacements) > 0 && d.Replacements[len(d.Replacements)-1].Cut()
	switch {
	case !d.heard:
		return glossary.PageUnheard
	case !d.Hooked:
		return glossary.HookSilent
	case d.Handler == record.Shadowed:
		return glossary.HandlerShadowed
	case d.Handler == record.NotWritable:
		return glossary.HandlerLocked
	case d.StandIn:
		return glossary.HandlerStandIn
	case d.Handler == record.Removed:
		return glossary.HandlerRemoved
	case cut:
		return glossary.HandlerReplaced
	case !d.callable() && d.Running != nil:
		return glossary.HandlerAbsent
	case d.Late:
		return glossary.HookLate
	case d.Calls > 0:
		return glossary.CallsArrive
	}
	return d.waiting(now)
}

// waiting is the state of a page without calls so far: what it waits for.
func (d *Document) waiting(now time.Time) glossary.Code {
	switch {
	case d.Client == record.HeldBack:
		return glossary.ClientHeldBack
	case d.Client == record.Refused:
		return glossary.ClientRefused
	case d.Running == nil && d.callable():
		return glossary.ClientAbsent
	case d.Running == nil:
		return glossary.ChatAbsent
	case !d.staged || d.Client == record.Mounted:
		return glossary.HandlerReady
	case d.Client == record.Loaded:
		return glossary.ClientLoaded
	case now.UnixMilli()-d.since >= Silence.Milliseconds():
		return glossary.ClientSilent
	}
	return glossary.ClientFramed
}

// severities say how bad states are: an error if calls are or will be missed, "" if all is
// well.
var severities = map[glossary.Code]record.Severity{
	glossary.PageUnheard: record.Error, glossary.HookSilent: record.Error,
	glossary.HandlerShadowed: record.Error, glossary.HandlerLocked: record.Error,
	glossary.HandlerRemoved: record.Warning, glossary.HandlerReplaced: record.Warning, glossary.HandlerAbsent: record.Warning,
	glossary.HookLate: record.Warning, glossary.ClientRefused: record.Warning, glossary.ClientSilent: record.Warning,
	glossary.CallsArrive: "",
}

// Severity is how bad a page's state is.
func Severity(state glossary.Code) record.Severity {
	if s, ok := severities[state]; ok {
		return s
	}
	return record.Info
}
