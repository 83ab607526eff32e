package plan

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Load reads the plan in a file, and the schemas and plans that it refers to. The error
// is of type Problems if the files can be read but their content is wrong.
func Load(name string) (*Plan, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, files.Unreadable("plan", name, err)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return Parse(name, abs, data, readFile)
}

func readFile(name string) ([]byte, error) { return files.Read(name, maxFile) }

// Parse reads a plan from data. Messages call it name, as the user did. abs is the
// file's absolute path, against which references are resolved; read reads the files
// that it refers to.
func Parse(name, abs string, data []byte, read func(name string) ([]byte, error)) (*Plan, error) {
	if isRecording(data) {
		return nil, newSource(name, abs).place(1, 1).wrong("this is a recording, not a plan; a recording is named without --plan")
	}
	s, err := readSource(name, filepath.ToSlash(abs), data, true)
	if err != nil {
		return nil, err
	}
	r := &reader{
		root: path.Dir(s.abs), read: read, sources: map[string]*source{},
		plan: &Plan{
			File: name, Hash: hex.EncodeToString(s.digest[:]),
			events: map[string]bool{}, fields: map[string]bool{}, severity: map[string]record.Severity{},
		},
	}
	for _, e := range schema.Catalogue().Events {
		r.documented = append(r.documented, e.Name)
	}
	if err := r.grammar(s); err != nil {
		return nil, err
	}
	if r.source, err = r.extended(s, nil); err != nil {
		return nil, err
	}
	r.everything()
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	r.plan.Sum = r.sum()
	r.plan.Refers = r.refers()
	r.plan.files = map[string]*source{}
	for _, s := range r.sources {
		r.plan.files[s.name] = s
	}
	r.plan.files[s.name] = s
	return r.plan, nil
}

// isRecording tells whether a file is a recording, which users may pass as a plan by
// mistake: it begins with a record, or is a store.
func isRecording(data []byte) bool {
	if text, err := files.Text(data); err == nil {
		data = text
	}
	var first struct {
		V    *json.Number
		Kind *string
	}
	return bytes.HasPrefix(data, []byte("SQLite format 3\x00")) ||
		json.NewDecoder(bytes.NewReader(data)).Decode(&first) == nil && first.V != nil && first.Kind != nil
}

// sum is the digest of all files that were read.
func (r *reader) sum() string {
	whole := sha256.New()
	io.WriteString(whole, r.plan.Hash)
	for _, u := range slices.Sorted(maps.Keys(r.sources)) {
		fmt.Fprintf(whole, "%q %x", u, r.sources[u].digest)
	}
	return hex.EncodeToString(whole.Sum(nil))
}

// refers lists the files that were read besides the plan's own.
func (r *reader) refers() []Reference {
	var all []Reference
	for _, s := range r.sources {
		one := Reference{s.name, hex.EncodeToString(s.digest[:])}
		if one.Hash != r.plan.Hash && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b Reference) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Hash, b.Hash)) })
	return all
}

// reader makes a plan from a source and collects its problems.
type reader struct {
	*source           // the plan, merged with what it extends
	root       string // the plan's folder
	read       func(name string) ([]byte, error)
	sources    map[string]*source // the schemas' documents by URL
	documented []string
	plan       *Plan
	problems   Problems
}

func (r *reader) problem(at position, format string, args ...any) {
	r.problems = append(r.problems, at.wrong(format, args...)...)
}

func (r *reader) valueAt(pointer string) any {
	tokens, _ := schema.Tokens(pointer)
	v, _ := schema.Lookup(r.value, tokens)
	return v
}

// text is the string at a place, "" for none.
func (r *reader) text(pointer string) string {
	s, _ := r.valueAt(pointer).(string)
	return s
}

// texts are the strings of the list at a place, and the JSON Pointer of each.
func (r *reader) texts(pointer string) (texts, pointers []string) {
	list, _ := r.valueAt(pointer).([]any)
	for i, v := range list {
		s, _ := v.(string)
		texts, pointers = append(texts, s), append(pointers, pointer+"/"+strconv.Itoa(i))
	}
	return texts, pointers
}

// everything reads a source that plan.schema.json accepts.
func (r *reader) everything() {
	p := r.plan
	p.Name = r.text("/name")
	patterns, pointers := r.texts("/sites")
	for i, pattern := range patterns {
		s, err := readSite(pattern)
		if err != nil {
			r.problem(r.at(pointers[i]), "%s can match no page: %v", words.Quote(pattern), err)
		}
		p.sites = append(p.sites, s)
	}
	allowed, _ := r.texts("/allow/events")
	for _, name := range allowed {
		p.events[name] = true
	}
	fields, _ := r.texts("/allow/fields")
	for _, at := range fields {
		p.fields[at] = true
	}
	for _, name := range r.order["/events"] {
		r.event(name)
	}
	r.contradictions()
	p.CustomData = r.schema("/custom_data", "/2/custom_data")
	r.consent()
	r.accept()
	r.forward()
	r.personalData()
	r.plan.SampleData, _ = r.valueAt("/samples/custom_data").(map[string]any)
	for _, rule := range r.order["/severity"] {
		s := record.Severity(r.text("/severity" + schema.Pointer(rule)))
		if s == "off" {
			s = ""
		}
		p.severity[rule] = s
	}
}

// known reports an event that is neither documented nor allowed.
func (r *reader) known(name string, at position) {
	if slices.Contains(r.documented, name) || r.plan.events[name] {
		return
	}
	candidates := slices.Clone(r.documented)
	for allowed := range r.plan.events {
		candidates = append(candidates, allowed)
	}
	slices.Sort(candidates)
	r.problem(at, "there is no event %s; expected a documented one, or one that allow.events lists%s", words.Quote(name), didYouMean(name, candidates))
}

func (r *reader) event(name string) {
	at := "/events" + schema.Pointer(name)
	r.known(name, r.key(at))
	e := Event{Name: name, Source: r.line(at)}
	e.Count = r.count(name, at+"/count")
	e.Before = r.refs(at, "before", name)
	e.After = r.refs(at, "after", name)
	if text := r.text(at + "/within"); text != "" {
		e.WithinSource = fmt.Sprintf("%s: %s within %s", r.line(at+"/within"), name, text)
		e.Within = r.duration(at+"/within", text)
		if e.Count != nil && e.Count.Max == 0 {
			r.problem(r.at(at+"/within"), "%s is expected within a time, but its count forbids it; remove one", name)
		}
	}
	for context, place := range map[string]string{"global_ctx": "/1", "session_ctx": "/2"} {
		if s := r.schema(at+"/"+context, place); s != nil {
			e.Contexts = append(e.Contexts, s)
		}
	}
	e.PerChat = r.text(at+"/per") == "chat"
	if seen := r.text(at + "/when/seen"); seen != "" {
		r.known(seen, r.at(at+"/when/seen"))
		e.When = &Ref{seen, fmt.Sprintf("%s: %s when %s is seen", r.line(at+"/when"), name, seen)}
	}
	e.Because = r.text(at + "/because")
	slices.SortFunc(e.Contexts, func(a, b *Schema) int { return strings.Compare(a.At, b.At) })
	r.plan.Events = append(r.plan.Events, e)
}

// maxWithin, a year, keeps times small enough for arithmetic.
const maxWithin = 8760 * time.Hour

// duration reads the time at a place.
func (r *reader) duration(pointer, text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Millisecond || d > maxWithin {
		r.problem(r.at(pointer), "found %s; expected a time of 1ms to %s, such as 30s", words.Quote(text), maxWithin)
	}
	return d
}

// count reads how often an event has to come, nil where the plan does not say.
func (r *reader) count(name, at string) *Count {
	v := r.valueAt(at)
	if v == nil {
		return nil
	}
	text := fmt.Sprint(v)
	number := strings.TrimLeft(text, "<>=")
	n, err := strconv.Atoi(number)
	if f, ferr := strconv.ParseFloat(number, 64); err != nil && ferr == nil && f == float64(int(f)) {
		n = int(f) // JSON Schema takes 1.0 for an integer, too
	}
	c := &Count{Min: n, Max: n, Text: text, Source: fmt.Sprintf("%s: %s count %s", r.line(at), name, text)}
	switch {
	case strings.HasPrefix(text, ">="):
		c.Max = -1
	case strings.HasPrefix(text, "<="):
		c.Min = 0
	}
	return c
}

// refs reads a list of other events.
func (r *reader) refs(at, word, name string) []Ref {
	var refs []Ref
	others, pointers := r.texts(at + "/" + word)
	for i, other := range others {
		r.known(other, r.at(pointers[i]))
		if slices.ContainsFunc(refs, func(ref Ref) bool { return ref.Event == other }) {
			continue
		}
		refs = append(refs, Ref{other, fmt.Sprintf("%s: %s %s %s", r.at(pointers[i]), name, word, other)})
	}
	return refs
}

// contradictions reports demands on the order of events that no visit can meet.
func (r *reader) contradictions() {
	type edge struct{ to, source string }
	next := map[string][]edge{}
	for _, e := range r.plan.Events {
		for _, ref := range e.Before {
			next[e.Name] = append(next[e.Name], edge{ref.Event, ref.Source})
		}
		for _, ref := range e.After {
			next[ref.Event] = append(next[ref.Event], edge{e.Name, ref.Source})
		}
	}
	const underway, done = 1, 2
	state := map[string]int{}
	var walked []edge
	var visit func(name string)
	visit = func(name string) {
		state[name] = underway
		for _, e := range next[name] {
			walked = append(walked, e)
			switch state[e.to] {
			case 0:
				visit(e.to)
			case underway:
				first := len(walked) - 1
				for first > 0 && walked[first-1].to != e.to {
					first--
				}
				var orders []string
				for _, p := range walked[first:] {
					orders = append(orders, p.source)
				}
				r.problem(r.key("/events"+schema.Pointer(r.stated(e.to))), "contradictory orders, of which one must go: %s", strings.Join(orders, ", "))
			}
			walked = walked[:len(walked)-1]
		}
		state[name] = done
	}
	for _, e := range r.plan.Events {
		if state[e.Name] == 0 {
			visit(e.Name)
		}
	}
}

// stated returns event if it has an entry, else the first event that has one.
func (r *reader) stated(event string) string {
	if r.plan.Event(event) != nil {
		return event
	}
	return r.plan.Events[0].Name
}
