package tui

import (
	"context"
	"slices"
	"strings"
	"time"
)

// A Check is what was found out about one part of the installation.
type Check struct {
	Fine, Broken bool   // if neither, it is something to know
	What         string // the part, such as "registration Chromium"; "" if it is about all of it
	Text, Remedy string // sentences; the remedy may be ""
}

// lookEvery is how often the installation is checked while nothing is recorded.
const lookEvery = 5 * time.Second

// examine checks the installation again and again until something is recorded. told gets the
// results, in the loop.
func (f *feed) examine(look func(context.Context) ([]Check, error), told func([]Check, error)) {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-again.C:
		case <-f.ctx.Done():
			return
		}
		if last, err := f.store.Last(f.ctx); err == nil && last > 0 {
			return
		}
		checks, err := look(f.ctx)
		f.post(f.ctx, func() { told(checks, err) })
		again.Reset(lookEvery)
	}
}

// A welcome says how to begin while nothing has been recorded.
type welcome struct {
	*lines
	checks  []Check // of the installation
	err     error   // why there are no checks
	checked bool    // the installation has been checked
}

// take keeps the results of examine, what is broken first.
func (w *welcome) take(checks []Check, err error) {
	order := func(c Check) int {
		switch {
		case c.Broken:
			return 0
		case c.Fine:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(checks, func(a, b Check) int { return order(a) - order(b) })
	w.checks, w.err, w.checked = checks, err, true
}

// welcomes tells whether the welcome is shown instead of the view: nothing has been recorded
// yet, or not since an inspection began.
func (a *app) welcomes() bool {
	return (a.events.list.last == 0 || a.opts.Browser != "") && a.events.list.last <= a.begun.since && a.scope.since == a.begun.since && a.kinds[a.view].welcome
}

// drawWelcome says what to do when nothing has arrived.
func (a *app) drawWelcome(cells, body int) {
	d := &detail{lines: a.welcome.lines}
	d.cells, d.all = min(cells-6, 90), nil
	if a.opts.Recording != "" {
		d.text(strong, "There is no record in "+a.opts.Recording+".")
	} else {
		d.text(strong, "Nothing has been recorded yet.")
	}
	d.add(line{})
	if a.opts.Recording != "" {
		d.text(plain, "q leaves it.")
	} else if a.opts.Browser == "" {
		d.text(plain, "To look at a site, in a browser with a throw-away profile:")
		d.add(line{spans: []span{{isKey, "    userlike-inspector inspect https://your.site/"}}})
		d.text(plain, "Without an address it opens a small shop to try things out in. What any browser records shows up here at once.")
		if a.opts.Installation != nil {
			d.add(line{})
			a.welcome.installation(d)
		}
	} else {
		d.text(plain, "Go to the window of "+a.opts.Browser+" and use the site as a contact would: open the chat, accept the privacy notice, write a message.")
		d.add(line{})
		d.text(plain, "Each call of userlikeTrackingEvent shows up here as it is made, with its verdict. The page, the Userlike client and the site's own function show up as they are seen.")
		d.add(line{})
		d.text(plain, "If nothing shows up although the page is there, reload it. Pages of the browser itself, such as one that says that a site can't be reached, can't be inspected.")
		d.add(line{})
		d.text(faint, "? shows the keys.")
	}
	a.height = body
	a.welcome.draw(a.screen, 3, 3, d.cells, body-1, false)
	a.area(area{x: 0, y: 2, cells: cells, rows: body, scroll: a.welcome.scroll})
}

// installation lays out the checks of the installation in the user's own browsers.
func (w *welcome) installation(d *detail) {
	d.text(strong, "Your own browsers, as the command doctor finds them:")
	switch {
	case !w.checked:
		d.text(faint, "Looking at them"+w.theme.ellipsis)
	case w.err != nil:
		d.text(plain, w.err.Error())
	}
	for i, c := range w.checks {
		glyph, st := w.theme.info, isInfo
		switch {
		case c.Broken:
			glyph, st = w.theme.bad, isError
		case c.Fine:
			glyph, st = w.theme.good, isGood
		}
		text := c.Text
		if c.What != "" {
			text = c.What + ": " + text
		}
		for n, s := range d.wrap(text, d.cells-2) {
			rest, named := strings.CutPrefix(s, c.What)
			switch {
			case n > 0:
				d.add(line{spans: []span{{plain, "  " + s}}})
			case named && c.What != "":
				d.add(line{spans: []span{{st, glyph + " "}, {strong, c.What}, {plain, rest}}})
			default:
				d.add(line{spans: []span{{st, glyph + " "}, {plain, s}}})
			}
		}
		// Where several checks have the same remedy, it is written once, below the last.
		if c.Remedy != "" && (i+1 == len(w.checks) || w.checks[i+1].Remedy != c.Remedy) {
			for _, s := range d.wrap(c.Remedy, d.cells-2) {
				d.add(line{spans: []span{{isKey, "  " + s}}})
			}
		}
	}
}
