package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// Load reads the plan in a file, and the schemas that it refers to. The error
// is of type Problems where the files can be read but are wrong.
func Load(path string) (*Plan, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return Parse(path, abs, data, readFile)
}

// readFile reads no more of a file than shows that it is too large: one that
// a schema refers to may have no end.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// Parse reads a plan. It names it as the user does; abs is the file's absolute
// path, against which references are resolved, and read gets what they refer to.
func Parse(name, abs string, data []byte, read func(path string) ([]byte, error)) (*Plan, error) {
	s, err := readSource(name, data)
	if err != nil {
		return nil, err
	}
	r := &reader{
		source: s, abs: filepath.ToSlash(abs), read: read, sources: map[string]*source{},
		plan: &Plan{
			File: name, Hash: hex.EncodeToString(s.digest[:]),
			events: map[string]bool{}, fields: map[string]bool{}, severity: map[string]record.Severity{},
		},
	}
	for _, e := range schema.Catalogue().Events {
		r.documented = append(r.documented, e.Name)
	}
	if err := r.grammar(); err != nil {
		return nil, err
	}
	r.everything()
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, r.problems
	}
	r.plan.Sum = r.sum()
	return r.plan, nil
}

// sum is the digest of all that was read.
func (r *reader) sum() string {
	whole := sha256.New()
	io.WriteString(whole, r.plan.Hash)
	for _, u := range slices.Sorted(maps.Keys(r.sources)) {
		fmt.Fprintf(whole, "%q %x", u, r.sources[u].digest)
	}
	return hex.EncodeToString(whole.Sum(nil))
}

// reader makes a plan of a source and collects what is wrong.
type reader struct {
	*source
	abs        string
	read       func(path string) ([]byte, error)
	sources    map[string]*source // the schemas' documents by URL
	documented []string
	plan       *Plan
	problems   Problems
}

func (r *reader) problem(at position, format string, args ...any) {
	r.problems = append(r.problems, r.wrong(at, format, args...)...)
}

// grammar checks the source by the plan's schema.
func (r *reader) grammar() error {
	if root, ok := r.value.(map[string]any); ok {
		r.readOff(root)
	}
	s, err := schema.Compile(schema.Plan)
	if err != nil {
		return err
	}
	grammar, err := schema.Decode(schema.Text(schema.Plan))
	if err != nil {
		return err
	}
	for _, v := range s.Check(r.value) {
		r.violated(grammar, v)
	}
	if len(r.problems) > 0 {
		return r.problems
	}
	return nil
}

// readOff lets "off" be what it is meant for: YAML 1.1 reads it as false.
func (r *reader) readOff(root map[string]any) {
	severities, _ := root["severity"].(map[string]any)
	for rule, s := range severities {
		if text, ok := s.(string); s == false || ok && strings.EqualFold(text, "off") {
			severities[rule] = "off"
		}
	}
}

// violated says what the grammar does not accept.
func (r *reader) violated(grammar any, v schema.Violation) {
	_, pointer := v.Place()
	tokens, _ := schema.Tokens(pointer)
	keyword, _ := schema.Lookup(grammar, tokens[:len(tokens)-1])
	rule, _ := keyword.(map[string]any)
	described, _ := rule["description"].(string)
	properties, _ := rule["properties"].(map[string]any)
	known := slices.Sorted(maps.Keys(properties))
	value := inJSON(r.valueAt(v.At))
	switch {
	case v.At == "":
		r.problem(r.at(v.At), "found %s; expected members such as %s", value, words.List(known, "or"))
	case v.Keyword == "additionalProperties":
		name := v.At[strings.LastIndexByte(v.At, '/')+1:]
		r.problem(r.key(v.At), "%s has no meaning here; expected %s%s", words.Quote(name), words.List(known, "or"), didYouMean(name, known))
	case v.Keyword == "enum":
		list, _ := v.Want.([]any)
		for _, w := range list {
			if text, ok := w.(string); ok {
				known = append(known, text)
			}
		}
		at := r.at(v.At)
		if strings.Contains(pointer, "/propertyNames/") {
			r.unknownRules(known)
			return
		}
		text, _ := r.valueAt(v.At).(string)
		r.problem(at, "found %s; expected %s%s", value, words.List(known, "or"), didYouMean(text, known))
	default:
		r.problem(r.at(v.At), "found %s; expected %s", value, described)
	}
}

// inJSON is a value as JSON has it, cut.
func inJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "a value"
	}
	return words.Short(strings.TrimSuffix(b.String(), "\n"))
}

// unknownRules tells of every severity for a rule that there is not.
func (r *reader) unknownRules(known []string) {
	for _, name := range r.order["/severity"] {
		if !slices.Contains(known, name) {
			r.problem(r.key("/severity"+schema.Pointer(name)), "there is no rule %s; expected one that userlike-inspector events lists%s", words.Quote(name), didYouMean(name, known))
		}
	}
}

func didYouMean(name string, known []string) string {
	if near := words.Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
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

// texts are the strings of the list at a place, and where each is.
func (r *reader) texts(pointer string) (texts, pointers []string) {
	list, _ := r.valueAt(pointer).([]any)
	for i, v := range list {
		s, _ := v.(string)
		texts, pointers = append(texts, s), append(pointers, pointer+"/"+strconv.Itoa(i))
	}
	return texts, pointers
}

// everything reads a source that the grammar accepts.
func (r *reader) everything() {
	p := r.plan
	p.Name = r.text("/name")
	p.sites, _ = r.texts("/sites")
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
	for _, rule := range r.order["/severity"] {
		s := record.Severity(r.text("/severity" + schema.Pointer(rule)))
		if s == "off" {
			s = ""
		}
		p.severity[rule] = s
	}
}

// known tells of an event that is neither documented nor allowed.
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
		var err error
		e.WithinSource = fmt.Sprintf("%s: %s within %s", r.line(at+"/within"), name, text)
		if e.Within, err = time.ParseDuration(text); err != nil || e.Within < time.Millisecond || e.Within > maxWithin {
			r.problem(r.at(at+"/within"), "found %s; expected a time of 1ms to %s, such as 30s", words.Quote(text), maxWithin)
		}
		if e.Count != nil && e.Count.Max == 0 {
			r.problem(r.at(at+"/within"), "%s is expected within a time, but its count forbids it; remove one", name)
		}
	}
	for context, place := range map[string]string{"global_ctx": "/1", "session_ctx": "/2"} {
		if s := r.schema(at+"/"+context, place); s != nil {
			e.Contexts = append(e.Contexts, s)
		}
	}
	slices.SortFunc(e.Contexts, func(a, b *Schema) int { return strings.Compare(a.At, b.At) })
	r.plan.Events = append(r.plan.Events, e)
}

// maxWithin keeps times within what can be computed with.
const maxWithin = 8760 * time.Hour

// count reads how often an event comes, nil where that is not said.
func (r *reader) count(name, at string) *Count {
	v := r.valueAt(at)
	if v == nil {
		return nil
	}
	text := fmt.Sprint(v)
	number := strings.TrimLeft(text, "<>=")
	n, err := strconv.Atoi(number)
	if f, ferr := strconv.ParseFloat(number, 64); err != nil && ferr == nil && f == float64(int(f)) {
		n = int(f) // 1.0 is an integer, too
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
		refs = append(refs, Ref{other, fmt.Sprintf("%s:%d: %s %s %s", r.name, r.at(pointers[i]).line, name, word, other)})
	}
	return refs
}

// contradictions tells of orders that nothing can meet.
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
	var path []edge
	var visit func(name string)
	visit = func(name string) {
		state[name] = underway
		for _, e := range next[name] {
			path = append(path, e)
			switch state[e.to] {
			case 0:
				visit(e.to)
			case underway:
				first := len(path) - 1
				for first > 0 && path[first-1].to != e.to {
					first--
				}
				var orders []string
				for _, p := range path[first:] {
					orders = append(orders, p.source)
				}
				r.problem(r.key("/events"+schema.Pointer(r.stated(e.to))), "contradictory orders, of which one must go: %s", strings.Join(orders, ", "))
			}
			path = path[:len(path)-1]
		}
		state[name] = done
	}
	for _, e := range r.plan.Events {
		if state[e.Name] == 0 {
			visit(e.Name)
		}
	}
}

// stated is the event, or the first one that the plan has an entry for.
func (r *reader) stated(event string) string {
	if r.plan.Event(event) != nil {
		return event
	}
	return r.plan.Events[0].Name
}

func (r *reader) consent() {
	if r.valueAt("/consent") == nil {
		return
	}
	c := &Consent{Event: "disclaimer_ok", Source: r.line("/consent")}
	if name := r.text("/consent/event"); name != "" {
		c.Event = name
		r.known(name, r.at("/consent/event"))
	}
	guards, pointers := r.texts("/consent/guards")
	for i, g := range guards {
		guard := Guard{Source: fmt.Sprintf("%s:%d: %s guards %s", r.name, r.at(pointers[i]).line, c.Event, g)}
		if strings.HasPrefix(g, "/") {
			guard.Field = g
		} else {
			guard.Event = g
			r.known(g, r.at(pointers[i]))
		}
		if g == c.Event {
			r.problem(r.at(pointers[i]), "%s cannot have to wait for itself", g)
		}
		c.Guards = append(c.Guards, guard)
	}
	if len(guards) == 0 {
		for _, f := range schema.Catalogue().Fields {
			if f.Personal && f.Type == "string" {
				c.Guards = append(c.Guards, Guard{Field: f.At, Source: fmt.Sprintf("%s: %s", c.Source, c.Event)})
			}
		}
	}
	r.plan.Consent = c
}

// schema compiles the schema at a place of the plan, for the value at a place of
// a call; nil where there is none.
func (r *reader) schema(pointer, at string) *Schema {
	v := r.valueAt(pointer)
	if v == nil {
		return nil
	}
	// It is a document of its own beside the plan, so that "#" is its root and
	// files are found where the plan is.
	file := &url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(r.abs, "/") + "~" + strings.ReplaceAll(pointer[1:], "/", ".")}
	own := file.String()
	r.sources[own] = r.source
	s, err := schema.CompileOwn(own, func(u string) (any, error) {
		if u == own {
			return v, nil
		}
		return r.document(u)
	})
	if err != nil {
		r.badSchema(own, pointer, err)
		return nil
	}
	return &Schema{Schema: s, At: at, Source: func(v schema.Violation) string {
		doc, place := v.Place()
		if doc == own {
			return fmt.Sprintf("%s: %s#%s", r.line(pointer+place), pointer[1:], place)
		}
		if from := r.sources[doc]; from != nil {
			return fmt.Sprintf("%s: #%s", from.line(place), place)
		}
		return fmt.Sprintf("%s: %s#%s", r.line(pointer), doc, place)
	}}
}

// document reads a file that a schema refers to.
func (r *reader) document(u string) (any, error) {
	if s := r.sources[u]; s != nil {
		return s.value, nil
	}
	parsed, err := url.Parse(u)
	if err != nil || parsed.Scheme != "file" || parsed.Host != "" {
		return nil, fmt.Errorf("%q is not a local file, and nothing is fetched; put the schema beside the plan and refer to it as ./NAME", u)
	}
	path := filepath.FromSlash(parsed.Path)
	if volume := filepath.VolumeName(strings.TrimPrefix(path, string(filepath.Separator))); volume != "" {
		path = path[1:] // "/C:/…" of a URL
	}
	name := r.shortName(parsed.Path)
	data, err := r.read(path)
	if err != nil {
		if reason := (*fs.PathError)(nil); errors.As(err, &reason) {
			err = reason.Err
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s, err := readSource(name, data)
	if err != nil {
		return nil, err
	}
	r.sources[u] = s
	return s.value, nil
}

// shortName is a file's path as seen from the plan's.
func (r *reader) shortName(path string) string {
	dir := "/" + strings.TrimPrefix(r.abs[:strings.LastIndexByte(r.abs, '/')+1], "/")
	return cmp.Or(strings.TrimPrefix(path, dir), path)
}

// badSchema says why a schema cannot be used.
func (r *reader) badSchema(own, pointer string, err error) {
	if problems := (Problems)(nil); errors.As(err, &problems) {
		r.problems = append(r.problems, problems...)
		return
	}
	invalid := &schema.Invalid{}
	at := r.key(pointer)
	if errors.As(err, &invalid) {
		if from := r.sources[invalid.URL]; invalid.URL != own && from != nil {
			r.problems = append(r.problems, from.wrong(from.at(invalid.At), "this is no JSON Schema: %s", oneLine(err))...)
			return
		}
		at = r.at(pointer + invalid.At)
	}
	r.problem(at, "the schema cannot be used: %s", oneLine(err))
}

// oneLine is an error's text, fit for a line.
func oneLine(err error) string {
	return words.OneLine(strings.TrimPrefix(err.Error(), "jsonschema: "))
}
