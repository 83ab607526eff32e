package filter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/words"
)

// Marks are the marks of a recording, for since:mark:NAME and until:mark:NAME.
type Marks struct {
	Names []string             // the newest first
	Times map[string]time.Time // when the newest with a name was put there
	Among string               // which marks these are, such as "the newest 100", "" for all
}

// beforeMark stands before a mark's name where a time may stand, too.
const beforeMark = "mark:"

// Values are the marks as since and until name them.
func (m *Marks) Values() (all []string) {
	for _, name := range m.Names {
		all = append(all, beforeMark+name)
	}
	return all
}

// find is the time of the newest mark with the name in v, or else of the newest that matches
// it as a pattern.
func (m *Marks) find(p *parser, v value) (time.Time, error) {
	name, at := strings.TrimPrefix(v.texts[0], beforeMark), v.columns[0]
	if m == nil {
		since := words.Verbatim(v.texts[0])
		if strings.Contains(since, " ") {
			since = words.Path(v.texts[0])
		}
		return time.Time{}, p.fail(at, "only the terminal's filter knows marks", "on the command line write --since "+since+" beside the filter")
	}
	if name == "" {
		return time.Time{}, p.fail(at, "the mark's name is missing", "write one such as mark:NAME; "+m.newest())
	}
	if t, ok := m.Times[name]; ok {
		return t, nil
	}
	wanted := append(pattern{strings.TrimPrefix(v.patterns[0][0], beforeMark)}, v.patterns[0][1:]...)
	if i := slices.IndexFunc(m.Names, wanted.match); i >= 0 {
		return m.Times[m.Names[i]], nil
	}
	reason, remedy := "there is no mark "+words.Typed(name), m.newest()
	if m.Among != "" {
		reason += " among " + m.Among
	}
	if near := words.Nearest(name, m.Names[:min(len(m.Names), comparedMarks)]); near != "" {
		reason, remedy = reason+"; did you mean "+words.Quote(near)+"?", ""
	}
	return time.Time{}, p.fail(at, reason, remedy)
}

// fewMarks is how many marks an error names if there is none of a name, and comparedMarks is
// with how many marks a name that may be mistyped is compared.
const (
	fewMarks      = 3
	comparedMarks = 500
)

// newest names the newest marks.
func (m *Marks) newest() string {
	var names []string
	for _, name := range m.Names[:min(len(m.Names), fewMarks)] {
		names = append(names, words.Quote(name))
	}
	switch n := len(names); {
	case n == 0:
		return "none has been put into the recording; the key m does that"
	case n == len(m.Names):
		return "there is " + words.List(names, "and")
	}
	return fmt.Sprintf("the newest are %s", words.List(names, "and"))
}
