package simulation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// How long each step of a request may take.
const (
	// answerTime is how long hosts and the extension may take to answer.
	answerTime = 5 * time.Second
	// othersTime is how long to wait, after the first answer, for those of other browsers.
	othersTime = 700 * time.Millisecond
	// returnTime is how long the site's function may run.
	returnTime = 20 * time.Second
	poll       = 30 * time.Millisecond
)

// ErrNoBrowser says that no host has answered, because no browser with the extension runs
// that records to this store.
var ErrNoBrowser = errors.New("no browser with the extension is connected to this store: open the page in one (the command inspect does), and see the command doctor")

// Page is a page that is open in a browser.
type Page struct {
	Profile string
	Browser *record.Browser
	wire.OpenPage
}

// Pages asks all hosts for the pages that are open.
func (f Folder) Pages(ctx context.Context, now func() time.Time) ([]Page, error) {
	id := uuid.NewString()
	if err := f.Put(Request{ID: id, Until: record.At(now().Add(answerTime))}); err != nil {
		return nil, err
	}
	defer f.Forget(id)
	var first time.Time
	begun := time.Now()
	for {
		answers, err := f.Answers(id)
		if err != nil {
			return nil, err
		}
		if len(answers) > 0 && first.IsZero() {
			first = time.Now()
		}
		switch {
		case !first.IsZero() && time.Since(first) > othersTime:
			return pages(answers), nil
		case first.IsZero() && time.Since(begun) > answerTime:
			return nil, ErrNoBrowser
		}
		if err := pause(ctx, poll); err != nil {
			return nil, err
		}
	}
}

// End tells all hosts to end, and returns the browsers of those that do. A host first stores
// and acknowledges what it has read. The rest is kept by its extension.
func (f Folder) End(ctx context.Context, now func() time.Time) ([]*record.Browser, error) {
	id := uuid.NewString()
	if err := f.Put(Request{ID: id, Until: record.At(now().Add(answerTime)), End: true}); err != nil {
		return nil, err
	}
	defer f.Forget(id)
	known, newest := 0, time.Now()
	for {
		answers, err := f.Answers(id)
		if err != nil {
			return nil, err
		}
		if len(answers) > known {
			known, newest = len(answers), time.Now()
		}
		if time.Since(newest) > othersTime {
			var all []*record.Browser
			for _, a := range answers {
				if a.Browser != nil {
					all = append(all, a.Browser)
				}
			}
			return all, nil
		}
		if err := pause(ctx, poll); err != nil {
			return nil, err
		}
	}
}

// pages are the pages of all answers, sorted.
func pages(answers []Answer) []Page {
	var all []Page
	for _, a := range answers {
		if a.Browser == nil {
			continue
		}
		for _, p := range a.Pages {
			all = append(all, Page{a.Browser.Profile, a.Browser, p})
		}
	}
	slices.SortFunc(all, func(a, b Page) int {
		return cmp.Or(cmp.Compare(a.Profile, b.Profile), cmp.Compare(a.Tab, b.Tab), cmp.Compare(a.Frame, b.Frame), cmp.Compare(a.Document, b.Document))
	})
	return all
}

// Result is the result of a call.
type Result struct {
	Call
	Record  string // the id of the call's record, "" if it was not recorded
	Outcome wire.Outcome
	Threw   string
}

// Followed is a result with the places that the call went to. It is an element of the JSON
// that simulate prints.
type Followed struct {
	Event   string       `json:"event"`
	Variant Variant      `json:"variant"`
	Record  *string      `json:"record"` // null if the call was not recorded
	Outcome wire.Outcome `json:"outcome"`
	Threw   string       `json:"threw,omitempty"`
	Hits    []Hit        `json:"hits"`
}

// Hit is a hit of a call.
type Hit struct {
	To      string           `json:"to"`
	System  string           `json:"system,omitempty"`
	Carries []record.Carried `json:"carries"`
}

// Places are the names of the places that the call went to, each once.
func (f Followed) Places() []string {
	var all []string
	for _, h := range f.Hits {
		if place := cmp.Or(h.System, h.To); !slices.Contains(all, place) {
			all = append(all, place)
		}
	}
	return all
}

// Broken is the error for a simulation that ended early. It says at which step.
type Broken struct {
	At  string // a sentence
	Why string // what to do, a sentence
}

func (b *Broken) Error() string { return b.At + " " + b.Why }

// Run makes a page call its function, and calls told with each result as it comes. If not
// all calls were made, the error is a *Broken, and the results are those that were made.
func (f Folder) Run(ctx context.Context, page Page, calls []Call, between, timeout time.Duration, now func() time.Time, told func(Result)) (results []Result, err error) {
	r := Request{
		ID: uuid.NewString(), Until: record.At(now().Add(timeout)), Profile: page.Profile, Document: page.Document, Pause: between.Milliseconds(),
	}
	for _, c := range calls {
		r.Calls = append(r.Calls, c.SimulatedCall)
	}
	if err := f.Put(r); err != nil {
		return nil, err
	}
	defer f.Forget(r.ID)
	w := way{calls: calls, between: between, since: time.Now()}
	for read := 0; ; {
		answers, err := f.Answers(r.ID)
		if err != nil {
			return w.results, err
		}
		for ; read < len(answers); read++ {
			if done, err := w.take(answers[read], told); err != nil {
				return w.results, err
			} else if done {
				return w.results, page.missed(w.results)
			}
		}
		if broken := w.overdue(); broken != nil {
			return w.results, broken
		}
		if err := pause(ctx, poll); err != nil {
			return w.results, err
		}
	}
}

// way is the progress of a request.
type way struct {
	calls   []Call
	between time.Duration // pause between two calls
	results []Result
	since   time.Time // the time of the last step
	taken   bool      // the host has taken the request
	reached bool      // it has reached the page
	calling bool      // the function runs now
}

// take handles an answer. done says that it is the last one.
func (w *way) take(a Answer, told func(Result)) (done bool, err error) {
	w.since = time.Now()
	if a.Step == nil {
		w.taken = true
		return false, nil
	}
	switch a.Step.Stage {
	case wire.Reached:
		w.reached = true
	case wire.Calling:
		w.calling = true
	case wire.Called:
		w.calling = false
		if i := a.Step.Index; i == len(w.results) && i < len(w.calls) {
			r := Result{w.calls[i], a.Step.Record, a.Step.Outcome, a.Step.Threw}
			w.results = append(w.results, r)
			told(r)
		}
	case wire.Ended:
		return true, nil
	case wire.Stopped:
		if w.calling {
			return true, &Broken{w.during() + " has not returned.", Meaning(a.Step.Why)}
		}
		return true, &Broken{fmt.Sprintf("%d of %d calls were made.", len(w.results), len(w.calls)), Meaning(a.Step.Why)}
	}
	return false, nil
}

// during says which call's function runs now.
func (w *way) during() string {
	c := w.calls[min(len(w.results), len(w.calls)-1)]
	return fmt.Sprintf("The site's function, called with %s (%s),", c.Event, c.Variant)
}

// overdue is the error for a step that has taken too long.
func (w *way) overdue() *Broken {
	quiet := time.Since(w.since)
	switch {
	case w.calling && quiet > returnTime:
		return &Broken{w.during() + " has not returned for " + returnTime.String() + ".", "It may be in an endless loop, or show a dialog that waits for somebody."}
	case w.calling, quiet <= answerTime:
		return nil
	case !w.taken:
		return &Broken{"The host does not answer.", "See whether the browser still runs, and “userlike-inspector doctor”."}
	case !w.reached:
		return &Broken{"The extension does not answer.", "Reload the page, and see “userlike-inspector doctor”."}
	case quiet > returnTime+w.between:
		return &Broken{"Nothing more is heard of the page.", "See whether it still answers its user."}
	}
	return nil
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
