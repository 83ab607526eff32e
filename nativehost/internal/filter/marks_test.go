package filter_test

import (
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

// A filter can begin or end at a mark, by its name in any case or a part of it.
func TestMarks(t *testing.T) {
	first, second := now.Add(-time.Hour), now.Add(-time.Minute)
	marks := &filter.Marks{Names: []string{"after the fix", "login"}, Times: map[string]time.Time{"login": first, "after the fix": second}}
	for text, want := range map[string]string{
		"since:mark:login":               "first between second",
		"since:mark:LOGIN":               "first between second",
		`since:"mark:after the fix"`:     "second",
		`since:mark:"after the fix"`:     "second",
		"since:mark:*fix":                "second",
		"since:mark:login until:mark:a*": "first between second",
		"-since:mark:login":              "before",
		"until:mark:login":               "before first",
	} {
		f, err := filter.ParseOf(marks, text, now)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, r := range []struct {
			name string
			at   time.Time
		}{{"before", first.Add(-time.Second)}, {"first", first}, {"between", second.Add(-time.Second)}, {"second", second}} {
			if f.Match(&record.Record{Kind: record.Page, Time: record.At(r.at)}) {
				got = append(got, r.name)
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s matches %s, want %s", text, got, want)
		}
	}
	some := &filter.Marks{Names: []string{"d", "c", "b", "a"}, Among: "the newest 4"}
	for _, tt := range []struct {
		marks      *filter.Marks
		text, want string
	}{
		{marks, "since:mark:logon", `column 7: there is no mark "logon"; did you mean "login"?`},
		{marks, "since:mark:checkout", `column 7: there is no mark "checkout"; there is "after the fix" and "login"`},
		{marks, "since:mark:", `column 7: the mark's name is missing; write one such as mark:NAME; there is "after the fix" and "login"`},
		{some, "since:mark:checkout", `column 7: there is no mark "checkout" among the newest 4; the newest are "d", "c" and "b"`},
		{&filter.Marks{}, "until:mark:x", `column 7: there is no mark "x"; none has been put into the recording; the key m does that`},
	} {
		if _, err := filter.ParseOf(tt.marks, tt.text, now); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
		}
	}
}
