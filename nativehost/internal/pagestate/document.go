// Package pagestate says how a page stands, by its records: whether the extension
// sees into it, how far the Userlike client has come, what became of the site's
// function, and so whether calls can arrive.
//
// It is decided here alone. The verdicts on a page's function, the terminal's
// sources and what the host tells the extension's popup all come from here, so
// that they cannot contradict each other. The package is pure: the time is given.
package pagestate

import (
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/record"
)

// Moment is what nothing can be made of: a function may be there that much later
// than the client, and be away for that long.
const Moment = time.Second

// Silence is for how long a client may have its frame, and show and call
// nothing, before that is worth a word.
const Silence = 10 * time.Second

// Sighting is a record that is remembered.
type Sighting struct {
	ID    string
	URL   string
	Order int64 // of its arrival, as the caller counts
	Time  int64 // ms since 1970, as the caller corrects it
}

// Removal is when the site took its function away.
type Removal struct {
	Sighting
	Back int64 // when one was there again, ms since 1970; 0 for not yet
}

// Replacement is a function that took the place of the site's.
type Replacement struct {
	Sighting        // of the record that told of it
	seq       int64 // of the same
	PassedOn  bool  // it has passed calls on, at once or later
	Withheld  bool  // there was a call that it did not pass on
	FirstLost string
}

// Document is what the records of one document tell. The zero value is one of
// which nothing was heard.
type Document struct {
	Hooked bool // the extension's script in the page has answered
	Late   bool // the document was there before the extension
	Closed bool

	Client    record.State // the stage that the Userlike client has reached, "" for none seen
	Running   *Sighting    // since when the client runs here and may call; nil for not yet
	RunningAs record.State // Loaded or Framed: what showed that

	Function     *Sighting // the first sign of a function that can be called
	Exists       bool      // there is or was a function, even if it cannot be seen
	Handler      record.State
	StandIn      bool // the tester's stand-in took the last call
	Removals     []Removal
	Replacements []Replacement

	Calls    int
	Lost     int64         // calls that were lost, as far as they were counted
	Gaps     int           // how often calls were lost
	Why      record.Reason // of the newest loss
	Uncalled int64         // calls that were only counted, as the tester had paused

	heard       bool
	sub         bool // it is not a tab's top document
	loaded      *Sighting
	since       int64 // when the client reached its stage
	staged      bool  // the client's records say stages; those of older programs do not
	pageSeq     int64 // of the newest record of the document's life
	functionSeq int64 // of the newest record of the function
}

// Add takes in a record of the document, which came at that place and time.
func (d *Document) Add(r *record.Record, at Sighting) {
	if r.Kind == record.Hit {
		return // what was handed on may come at any time, from elsewhere too
	}
	// The first records of a document went to an earlier host if this one does not
	// begin with them: that its script has answered can't be denied then.
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
	// A tag that is refused after another one has run takes nothing back.
	if stageRank(stage) > stageRank(d.Client) {
		d.Client, d.since = stage, at.Time
	}
	// The client's scripts run in a frame of its own, whose document has no
	// function: that is its parent's, which holds the frame. So in frames a script
	// proves nothing by itself. What is mounted may look like the client's and be
	// another's.
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

// stageRank orders the client's stages as it reaches them.
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
		same := false // as frameworks do that clean up and set up again
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

// Cut tells whether a function keeps calls from the one whose place it took.
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

// State is how the document stands, whatever it has lost.
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

// waiting is what a page waits for in which nothing was called yet.
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

// severities are how bad states are: an error where calls are or will be missed,
// "" where all is well.
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
