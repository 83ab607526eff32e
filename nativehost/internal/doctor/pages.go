package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/pagestate"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

const (
	// recentRecords is how many of the newest records are searched for open pages.
	recentRecords = 2000
	// recently is how old a page's last record may be.
	recently = 10 * time.Minute
	maxPages = 10
)

// page is what is known of the page in a tab.
type page struct {
	browser, site string
	heard         record.Time
}

// pages reports the state of open pages with recent records.
func (r *Report) pages(ctx context.Context, s *store.Store, last int64, now time.Time) error {
	type place struct {
		profile string
		tab     int
	}
	tabs, heard := map[string]*pagestate.Tabs{}, map[place]page{}
	for row := max(0, last-recentRecords); row < last; {
		some, err := s.After(ctx, row, recentRecords)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, one := range some {
			row = one.Row
			rec := one.Record
			if rec.Tab == nil || rec.Browser == nil {
				continue
			}
			profile := rec.Browser.Profile
			if tabs[profile] == nil {
				tabs[profile] = pagestate.NewTabs()
			}
			tabs[profile].Add(rec)
			heard[place{profile, *rec.Tab}] = page{rec.Browser.Name, rec.Site(), rec.Time}
		}
	}
	type found struct {
		page
		pagestate.Tab
	}
	var all []found
	for profile, t := range tabs {
		for _, tab := range t.Changed(now) {
			if p := heard[place{profile, tab.Tab}]; now.Sub(p.heard.Time) <= recently {
				all = append(all, found{p, tab})
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(b.heard.Compare(a.heard.Time), cmp.Compare(a.browser, b.browser), cmp.Compare(a.Tab.Tab, b.Tab.Tab))
	})
	for _, f := range all[:min(maxPages, len(all))] {
		which := fmt.Sprintf("%s (%s, tab %d)", f.site, f.browser, f.Tab.Tab)
		state := f.State
		if state == glossary.CallsArrive {
			r.add("page", which, glossary.Fine, state.Of().Meaning)
			continue
		}
		r.add("page", which, state, "")
	}
	return nil
}
