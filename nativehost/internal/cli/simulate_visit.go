package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/recording"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// handlerTime is how long a visit waits for the site's function.
const handlerTime = 30 * time.Second

// simulateVisit waits until the page of a visit has a function, has it called with every
// documented event, and says how that ended.
func (a *app) simulateVisit(ctx context.Context, s *store.Store, before int64, gone <-chan struct{}, v *visit, p *plan.Plan, progress *progress) (ending string, err error) {
	folder, err := a.requests()
	if err != nil {
		return "", err
	}
	page, ending, err := a.awaitHandler(ctx, folder, s, before, gone, v)
	if ending != "" {
		v.broken = cmp.Or(v.broken, fmt.Sprintf("nothing was called in %s: %s", v.browser, ending))
	}
	if err != nil || ending != "" {
		return ending, err
	}
	calls, _, err := simulatedCalls(ctx, nil, p)
	if err != nil {
		return "", err
	}
	results, err := a.makeCalls(ctx, folder, s, page, calls, simulation.Pause, simulation.Timeout, p, progress)
	v.simulation = results
	var broken *simulation.Broken
	switch {
	case errors.As(err, &broken):
		v.broken, err = broken.Error(), nil
	case err != nil && ctx.Err() != nil && results != nil: // after ^C the report is still made
		v.broken, err = fmt.Sprintf("the simulation in %s was interrupted after %d of %s", v.browser, len(results), words.Plural(len(calls), "call")), nil
	}
	return fmt.Sprintf("its simulation has made %s", words.Plural(len(results), "call")), err
}

// awaitHandler waits until the visit's page has a function to call. If there is none in
// time, ending says why. There is no need to pause between two looks: each asks the
// browser, which takes a moment.
func (a *app) awaitHandler(ctx context.Context, folder simulation.Folder, s *store.Store, before int64, gone <-chan struct{}, v *visit) (page simulation.Page, ending string, err error) {
	for deadline := time.Now().Add(handlerTime); ; {
		page, found, err := a.handlerPage(ctx, folder, s, before)
		if found || err != nil && ctx.Err() == nil {
			return page, "", err
		}
		select {
		case <-gone:
			return page, "its last page closed itself", nil
		case <-ctx.Done():
			return page, "it was interrupted", nil
		default:
		}
		if v.over() {
			return page, "nothing more can come", nil
		}
		if time.Now().After(deadline) {
			v.broken = fmt.Sprintf("no page had a userlikeTrackingEvent to call within %s; check whether the script that defines it was allowed to run", handlerTime)
			return page, "there was no function to call", nil
		}
	}
}

// simulationToShow is what the terminal UI has the site's page call, once the user has
// agreed to it and the browser has such a page.
func (a *app) simulationToShow(ctx context.Context, s *store.Store, before int64, site string, p *plan.Plan) (*tui.Simulation, error) {
	folder, err := a.requests()
	if err != nil {
		return nil, err
	}
	calls, _, err := simulatedCalls(ctx, nil, p)
	if err != nil {
		return nil, err
	}
	if err := a.consent(&simulating{}, simulation.Page{OpenPage: wire.OpenPage{URL: site}}, calls); err != nil {
		return nil, err
	}
	return &tui.Simulation{Calls: calls, Page: func(ctx context.Context) (simulation.Page, error) {
		for {
			if page, found, err := a.handlerPage(ctx, folder, s, before); found || err != nil {
				return page, err
			}
			select {
			// The user may have to click through the site before the function is there, and no
			// record tells that it is. So this asks again, for as long as the terminal is open.
			case <-time.After(time.Second):
			case <-ctx.Done():
				return simulation.Page{}, ctx.Err()
			}
		}
	}}, nil
}

// handlerPage is the page that has a function to call now, of the browsers that were heard
// of after the row before.
func (a *app) handlerPage(ctx context.Context, folder simulation.Folder, s *store.Store, before int64) (page simulation.Page, found bool, err error) {
	profiles, err := profilesAfter(ctx, s, before)
	if err != nil {
		return page, false, err
	}
	pages, err := folder.Pages(ctx, a.now)
	if err != nil && !errors.Is(err, simulation.ErrNoBrowser) {
		return page, false, err
	}
	pages = slices.DeleteFunc(pages, func(p simulation.Page) bool { return !p.Handler || !profiles[p.Profile] })
	if len(pages) == 0 {
		return page, false, nil
	}
	// The top document is preferred, because frames are often of other sites.
	return slices.MinFunc(pages, func(a, b simulation.Page) int { return cmp.Compare(a.Frame, b.Frame) }), true, nil
}

// profilesAfter are the browser profiles that were heard of after a row.
func profilesAfter(ctx context.Context, s *store.Store, row int64) (map[string]bool, error) {
	profiles := map[string]bool{}
	err := recording.EachAfter(ctx, s, row, func(r *record.Record) error {
		if r.Browser != nil {
			profiles[r.Browser.Profile] = true
		}
		return nil
	})
	return profiles, err
}
