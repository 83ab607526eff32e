package corpus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
)

// document holds the records of one document.
type document struct {
	in, page string // Place of its own first address, and of its tab's
	records  []*record.Record
}

// Sort returns the records of an export by the path of the page that they belong to. A
// page also gets the records of other documents, such as windows that it opens, if it
// expects calls in them.
func Sort(records []*record.Record, pages []Page) map[string][]*record.Record {
	owner := map[string]string{}
	for _, p := range pages {
		for _, c := range p.Calls {
			owner[c.In] = p.Path
		}
	}
	for _, p := range pages {
		owner[p.Path] = p.Path
	}
	byPage := map[string][]*record.Record{}
	for _, d := range documents(records) {
		byPage[owner[d.page]] = append(byPage[owner[d.page]], d.records...)
	}
	return byPage
}

// documents groups records by document. Hits are left out: the pages report to their site
// what they saw, and that is a hit which no page means to make.
func documents(records []*record.Record) []*document {
	var all []*document
	byID := map[string]*document{}
	for _, r := range records {
		if r.Kind == record.Hit {
			continue
		}
		d := byID[r.Document]
		if d == nil {
			d = &document{}
			byID[r.Document] = d
			all = append(all, d)
		}
		d.records = append(d.records, r)
	}
	for _, d := range all {
		slices.SortFunc(d.records, func(a, b *record.Record) int { return cmp.Compare(a.Seq, b.Seq) })
		d.in, d.page = Place(d.records[0].URL), Place(d.records[0].TopURL)
	}
	return all
}

// Check compares the records that Sort gives for p with what p expects. It returns a
// sentence for each difference.
func (p Page) Check(records []*record.Record) []string {
	var wrong []string
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	calls := map[string][]*record.Record{}
	var states []string
	visits, client := 0, false
	for _, d := range documents(records) {
		wrong = append(wrong, d.check(slices.Contains(p.Prepared, d.in))...)
		if d.in == p.Path {
			visits++
		}
		for _, r := range d.records {
			switch r.Kind {
			case record.Call:
				calls[d.in] = append(calls[d.in], r)
			case record.Handler:
				// Whether there is a record that a queue has passed calls on later depends on
				// timing: if the calls' own records have not been sent yet, they say it.
				if d.in == p.Path && r.Text != record.PassesOnLater {
					states = append(states, string(r.State))
				}
			case record.Client:
				client = true
			case record.Gap:
				complain("%d calls lost: %s", r.Lost, r.Why)
			}
		}
	}
	if visits != p.Visits {
		complain("%d documents, want %d", visits, p.Visits)
	}
	if client != p.Client {
		complain("client seen: %t, want %t", client, p.Client)
	}
	if !slices.Equal(p.Handler, []string{"any"}) && !slices.Equal(states, p.Handler) {
		complain("the function %q, want %q", states, p.Handler)
	}
	return append(wrong, p.checkCalls(calls)...)
}

// check checks what holds for every document: the numbers, and the order of opened, hooked
// and closed. prepared says that the document cannot have been hooked from the start.
func (d *document) check(prepared bool) []string {
	var wrong []string
	for i, r := range d.records {
		if r.Seq != int64(i+1) {
			wrong = append(wrong, fmt.Sprintf("%s: record %d has seq %d", d.in, i+1, r.Seq))
			break
		}
	}
	var life []string
	for _, r := range d.records {
		if r.Kind == record.Page {
			life = append(life, string(r.Event))
			// Of a document that ended before it could say anything, only the end is recorded.
			known := r.HookedFromStart != nil || r.Event != record.Closed
			if known && (r.HookedFromStart == nil || *r.HookedFromStart == prepared) {
				wrong = append(wrong, fmt.Sprintf("%s: hooked from the start: %t", d.in, prepared))
			}
		}
	}
	// A document that comes back from the back/forward cache is opened and closed again.
	rest, whole := strings.CutPrefix(strings.Join(life, " "), "opened hooked closed")
	if !whole || strings.ReplaceAll(rest, " opened closed", "") != "" {
		wrong = append(wrong, fmt.Sprintf("%s: its life is %q", d.in, life))
	}
	return wrong
}

// checkCalls compares the recorded calls of each document, in order, with what p expects.
func (p Page) checkCalls(got map[string][]*record.Record) []string {
	want := map[string][]Call{}
	for _, c := range p.Calls {
		for range c.Times {
			want[c.In] = append(want[c.In], c)
		}
	}
	var wrong []string
	for _, in := range places(got, want) {
		if names, wanted := gotNames(got[in]), wantNames(want[in]); !slices.Equal(names, wanted) {
			wrong = append(wrong, fmt.Sprintf("%s: calls\n got %s\nwant %s", in, brief(names), brief(wanted)))
			continue
		}
		for i, c := range want[in] {
			for _, w := range c.check(got[in][i], p.Cut) {
				wrong = append(wrong, fmt.Sprintf("%s: call %d: %s", in, i+1, w))
			}
		}
	}
	return wrong
}

// places lists the documents in which there are calls or should be, sorted.
func places(got map[string][]*record.Record, want map[string][]Call) []string {
	var all []string
	for in := range got {
		all = append(all, in)
	}
	for in := range want {
		all = append(all, in)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func gotNames(calls []*record.Record) []string {
	names := make([]string, len(calls))
	for i, r := range calls {
		names[i] = first(r.Args)
	}
	return names
}

func wantNames(calls []Call) []string {
	names := make([]string, len(calls))
	for i, c := range calls {
		names[i] = first(c.Args)
	}
	return names
}

// first returns the first argument as text, which is the event's name in most calls.
func first(args json.RawMessage) string {
	var list []any
	if json.Unmarshal(args, &list) != nil || len(list) == 0 {
		return "()"
	}
	return fmt.Sprint(list[0])
}

// brief writes a list, of which only the beginning if it is long.
func brief(names []string) string {
	if len(names) > 12 {
		return fmt.Sprintf("%d: %q…", len(names), names[:12])
	}
	return fmt.Sprintf("%q", names)
}

// check returns a sentence for each difference between r and the expected call.
func (c Call) check(r *record.Record, cut bool) []string {
	var wrong []string
	if !cut {
		var got, want any
		if err := json.Unmarshal(r.Args, &got); err != nil {
			wrong = append(wrong, err.Error())
		}
		if err := json.Unmarshal(c.Args, &want); err != nil {
			wrong = append(wrong, err.Error())
		}
		if !reflect.DeepEqual(got, want) {
			wrong = append(wrong, fmt.Sprintf("arguments\n got %s\nwant %s", r.Args, c.Args))
		}
	}
	wrong = append(wrong, c.checkNotes(r.Notes, cut)...)
	if r.Handled == nil || string(r.Handled.State) != c.State {
		wrong = append(wrong, fmt.Sprintf("handler %+v, want %q", r.Handled, c.State))
	} else if threw := r.Handled.Threw; threw != c.Threw && (c.Threw == "" || !strings.HasPrefix(threw, c.Threw)) {
		wrong = append(wrong, fmt.Sprintf("threw %q, want %q", threw, c.Threw))
	}
	if c.At != "" && Place(r.URL) != c.At {
		wrong = append(wrong, fmt.Sprintf("at %q, want %q", r.URL, c.At))
	}
	return wrong
}

// checkNotes compares notes; see Page.Cut for what cut means.
func (c Call) checkNotes(got []record.Note, cut bool) []string {
	var wrong []string
	for _, n := range c.Notes {
		if !slices.ContainsFunc(got, func(g record.Note) bool {
			return g.Is == n.Is && (g.At == n.At || cut && n.At == "") && (n.Text == "" || g.Text == n.Text)
		}) {
			wrong = append(wrong, fmt.Sprintf("no note %+v", n))
		}
	}
	surplus := len(got) > len(c.Notes)
	if cut {
		surplus = len(c.Notes) == 0 && len(got) > 0
	}
	if len(wrong) > 0 || surplus {
		wrong = append(wrong, fmt.Sprintf("notes %+v", got[:min(len(got), 12)]))
	}
	return wrong
}
