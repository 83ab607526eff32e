package tui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/schema"
)

const (
	// mostValues is how many values of a field are kept at least, the newest. mostOfPlace is the
	// same for a place, of which there are many, and mostMarks for marks. mostPlaces is how many
	// places are told apart.
	mostValues  = 200
	mostOfPlace = 50
	mostMarks   = 5000
	mostPlaces  = 1000

	// longestValue is how many bytes a value may have that is worth suggesting.
	longestValue = 200

	// gatheredRows is how many of the newest records are looked through for what calls had,
	// so many at once, and at most so many places of one call.
	gatheredRows   = 20_000
	gatheredAtOnce = 500
	placesOfCall   = 300
)

// values are the values that records had, by the filter's fields and by places, each with the
// newest row that had it.
type values map[string]map[string]int64

// labels is the field of marks among values.
const labels = "mark"

// note keeps a value. When there are too many, the older half of them is forgotten.
func (v values) note(field, value string, row int64) {
	if value == "" || len(value) > longestValue && field != labels {
		return
	}
	of, most, room := v[field], mostValues, true
	switch {
	case field == labels:
		most = mostMarks
	case field == "/":
		most = mostPlaces
	case strings.HasPrefix(field, "/"):
		most, room = mostOfPlace, len(v) < mostPlaces
	}
	if of == nil {
		if !room {
			return
		}
		of = map[string]int64{}
		v[field] = of
	}
	if of[value] = max(of[value], row); len(of) > 2*most {
		for _, old := range newestFirst(of)[most:] {
			delete(of, old)
		}
	}
}

// known are the values as they are suggested: the newest first, but places by their names.
func (v values) known() filter.Known {
	k := filter.Known{}
	for field, of := range v {
		k[field] = newestFirst(of)
		if field == "/" {
			slices.Sort(k[field])
		}
	}
	return k
}

func newestFirst(of map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b)) })
}

// seen is what the judge notes of each record that it passes. It costs next to nothing.
type seen struct {
	values
	times  map[string]time.Time // of the newest mark with each name
	labels filter.Marks         // as told last; not changed any more
	stale  bool
}

func newSeen() seen { return seen{values: values{}, times: map[string]time.Time{}} }

func (s *seen) add(row int64, r *record.Record) {
	switch r.Kind {
	case record.Mark:
		if row > s.values[labels][r.Text] {
			s.note(labels, r.Text, row)
			s.times[r.Text], s.stale = r.Time.Time, true
		}
		return
	case record.Hit:
		s.note("to", withoutScheme(r.Handed.To), row)
		s.note("system", r.Handed.System, row)
	}
	s.note("site", withoutScheme(r.Site()), row)
	if r.Tab != nil {
		s.note("tab", strconv.Itoa(*r.Tab), row)
	}
	if r.Browser != nil {
		s.note("browser", r.Browser.Name, row)
		s.note("browser", r.Browser.Profile, row)
	}
}

// marks are all marks so far.
func (s *seen) marks() filter.Marks {
	if s.stale {
		s.stale = false
		names := newestFirst(s.values[labels])
		if len(names) < len(s.times) { // some have been forgotten
			s.labels.Among = fmt.Sprintf("the newest %d", mostMarks)
			maps.DeleteFunc(s.times, func(name string, _ time.Time) bool { return s.values[labels][name] == 0 })
		}
		s.labels.Names, s.labels.Times = names, maps.Clone(s.times)
	}
	return s.labels
}

// knows is what can be suggested of all that was recorded, and of what calls of the scope
// had in custom_data.
func (j *judge) knows() filter.Known {
	k := j.seen.known()
	var places []string
	for _, s := range j.visits.Shapes() {
		for _, p := range s.Paths {
			places = append(places, p.At)
			k.Add(p.At, p.Distinct...)
			k.Add(p.At, p.Low, p.High)
		}
	}
	slices.Sort(places)
	k.Add("/", slices.Compact(places)...)
	for _, s := range j.visits.Coverage(j.now()) {
		k.Add("event", s.Event)
	}
	return k
}

// A gathering is what can be suggested while a filter is typed. What the newest calls had is
// looked for then, and only among records that came since the time before.
type gathering struct {
	judged filter.Known // what the judge knows
	values values       // of the goroutine that gathers
	known  filter.Known // what the newest calls had; not changed any more
	upTo   int64        // rows up to this one have been looked through
	busy   bool
}

// gather looks through the newest records. What it finds is told a few times on the way.
func (a *app) gather() {
	g, last := &a.gathered, a.events.list.last
	low := max(g.upTo, last-gatheredRows)
	if g.busy || low >= last {
		return
	}
	if g.values == nil {
		g.values = values{}
	}
	g.busy = true
	v := g.values
	a.feed.start(func() {
		var failed error
		told := int64(gatheredAtOnce)
		for before := last + 1; before > low+1; {
			page, err := a.feed.store.Records(a.feed.ctx, store.Query{After: low, Before: before, Newest: true, Limit: gatheredAtOnce})
			if failed = err; err != nil || len(page) == 0 {
				break
			}
			for _, one := range page {
				v.addCall(one.Row, one.Record)
			}
			if before = page[0].Row; last-before >= told {
				known := v.known()
				a.feed.post(a.feed.ctx, func() { a.gathered.known = known; a.learn() })
				told *= 4
			}
		}
		known := v.known()
		a.feed.post(a.feed.ctx, func() {
			g.busy, g.known = false, known
			if failed == nil {
				g.upTo = last
			}
			a.learn()
		})
	})
}

// addCall notes the values that a call had, or which of them a hit carries.
func (v values) addCall(row int64, r *record.Record) {
	v.note("url", r.URL, row)
	if r.Kind == record.Hit {
		for _, c := range r.Handed.Carries {
			v.note("carries", c.What, row)
		}
	}
	if r.Kind != record.Call {
		return
	}
	v.note("event", r.EventName(), row)
	v.note("journey", r.SessionID(), row)
	args, err := schema.Decode(r.Args)
	all, ok := args.([]any)
	if err != nil || !ok {
		return
	}
	left := placesOfCall
	for i := 1; i < len(all); i++ {
		v.addPlace("/"+strconv.Itoa(i), all[i], row, &left)
	}
	for _, n := range r.Notes {
		v.note("/", anyElement(n.At), row)
		v.note(anyElement(n.At), n.Is, row)
	}
}

// addPlace notes a value and those in it, as many as are left.
func (v values) addPlace(at string, value any, row int64, left *int) {
	if *left--; *left < 0 {
		return
	}
	if strings.Count(at, "/") > 1 {
		v.note("/", at, row)
	}
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			v.addPlace(at+schema.Pointer(name), value[name], row, left)
		}
	case []any:
		for _, element := range value {
			v.addPlace(at+"/*", element, row, left)
		}
	default:
		text, _ := filter.TextOf(value)
		v.note(at, text, row)
	}
}

// knew takes in what the judge knows.
func (a *app) knew(k filter.Known) {
	a.gathered.judged = k
	a.learn()
}

// all is all that can be suggested. marks are those that since and until can name.
func (g *gathering) all(marks []string) filter.Known {
	k := filter.Documented()
	for _, more := range []filter.Known{g.judged, g.known} {
		for field, values := range more {
			if k[field] == nil {
				k[field] = slices.Clip(values) // there are many, and this costs nothing
			} else {
				k.Add(field, values...)
			}
		}
	}
	k.Add("since", marks...)
	k.Add("until", marks...)
	return k
}

// learn has what is known now suggested in the filter that is being typed.
func (a *app) learn() {
	if a.typed == nil {
		return
	}
	a.typed.known = a.gathered.all(a.verdicts.labels.Values())
	if q := a.asking; q != nil && q.in == inFilter {
		a.suggestAgain(q)
	}
}

// relabel reads the filter that is being typed again when the marks have changed: it may name
// one that was not there before.
func (a *app) relabel() {
	a.learn()
	if q := a.asking; q != nil && q.in == inFilter && a.typed.err != nil {
		a.setFilter(a.field.GetText())
	}
}
