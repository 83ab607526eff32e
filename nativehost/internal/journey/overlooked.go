package journey

import (
	"cmp"
	"fmt"

	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// oversight is a stretch of time in which there may have been hits that were not recorded,
// or could not be read.
type oversight struct {
	document, profile string
	tab               int // -1 where it is not known
	from, to          int64
	lag               int64 // hits of calls may be missing that came as long after them or longer, in ms
	why               string
}

// maxOversights is how many stretches are kept. Further ones are added to the last one.
const maxOversights = 1000

// overlook handles a gap in which hits may have been lost. The gap may arrive late, so
// calls that were judged already are judged again.
func (j *Judge) overlook(r *record.Record) {
	m := oversightOf(r)
	m.why = words.OneLine(string(r.Why))
	if r.Received != nil {
		m.to = max(m.to, r.Received.UnixMilli())
	}
	j.addOversight(m)
}

// oversightOf says where and when a record was made.
func oversightOf(r *record.Record) oversight {
	m := oversight{document: r.Document, tab: -1, from: r.Time.UnixMilli(), to: r.Time.UnixMilli()}
	if r.Browser != nil {
		m.profile = r.Browser.Profile
	}
	if r.Tab != nil {
		m.tab = *r.Tab
	}
	return m
}

func (j *Judge) addOversight(m oversight) {
	if n := len(j.oversights); n == maxOversights {
		last := &j.oversights[n-1]
		*last = oversight{tab: -1, from: min(last.from, m.from), to: max(last.to, m.to), lag: min(last.lag, m.lag), why: last.why}
	} else {
		j.oversights = append(j.oversights, m)
	}
	for _, u := range j.units {
		if v, ok := u.(*journey); ok && v.owes {
			j.touch(v)
		}
	}
}

// crowd is the calls of a browser, or of one of its tabs, that the host keeps at once.
type crowd struct {
	times     []int64 // of the calls, in ms
	oversight int     // the number of the newest stretch in which there were too many, counted from 1
}

// crowdKey names a tab of a browser profile; -1 is all tabs.
type crowdKey struct {
	profile string
	tab     int
}

// crowd notes a call that the host keeps in order to tell what belongs to it, in a place where
// it keeps so many. If it has to drop an earlier one, hits of that one may be missing.
func (j *Judge) crowd(where crowdKey, most int, at int64) {
	c := j.crowds[where]
	if c == nil {
		c = &crowd{}
		j.crowds[where] = c
	}
	for len(c.times) > 0 && at-c.times[0] > observed.FollowedFor {
		c.times = c.times[1:]
	}
	if c.times = append(c.times, at); len(c.times) <= most {
		return
	}
	dropped := c.times[0]
	c.times = c.times[1:]
	lag := max(0, at-dropped)
	if n := c.oversight; n > 0 && n < maxOversights && dropped <= j.oversights[n-1].to+observed.FollowedFor {
		m := &j.oversights[n-1]
		m.from, m.to, m.lag = min(m.from, dropped), max(m.to, dropped), min(m.lag, lag)
		return
	}
	j.addOversight(oversight{profile: where.profile, tab: where.tab, from: dropped, to: dropped, lag: lag, why: "there were more calls than can be followed at once"})
	c.oversight = len(j.oversights)
}

// overlooked says why a hit of a call may not have been recorded, "" if it was.
func (j *Judge) overlooked(c call, within int64) string {
	d := j.origin(c).document
	for _, m := range j.oversights {
		if m.lag > within || m.from > c.time()+within || m.to < c.time()-observed.Tolerance || !m.concerns(d) {
			continue
		}
		return fmt.Sprintf("possible hits could not be looked at from %s on: %s", clockTime(m.from), m.why)
	}
	return ""
}

// concerns tells whether the lost hits may belong to a document: they were in this
// document, in its tab, or in an unknown tab.
func (m *oversight) concerns(d *document) bool {
	if profile := cmp.Or(d.Profile(), m.profile); m.profile != "" && m.profile != profile {
		return false
	}
	return m.document == d.ID || m.tab >= 0 && m.tab == d.Tab || m.tab < 0 && m.document == ""
}
