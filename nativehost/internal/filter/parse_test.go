package filter_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/record"
)

func TestErrorsSayPlaceAndRemedy(t *testing.T) {
	tests := []struct{ filter, want string }{
		{"simulated:maybe", `column 11: there is no value of simulated "maybe"; use yes or no`},
		{
			filter: "evnt:x",
			want: `column 1: there is no field "evnt"; did you mean event? Or put all of it in quotes to search for the text; ` +
				`fields are event, site, severity, rule, journey, tab, kind, to, system, carries, simulated, browser, url, id, ` +
				`since and until, and places such as /2/chat_id`,
		},
		{"tab:1  sverity>=error", `column 8: there is no field "sverity"; did you mean severity?`},
		{"ä ö:x", `column 3: there is no field "ö"; put all of it in quotes`},
		{
			filter: ":x",
			want:   `column 1: there is no field before ":"; write it without spaces, as in event:chat_*, or put all of it in quotes to search for the text: ":…"`,
		},
		{"event :x", `column 7: there is no field before ":"`},
		{"-<b>", `column 2: there is no field before "<"`},
		{"event=x", `column 6: there is no operator "="; write event:… for it`},
		{"event!=x", `column 6: there is no operator "!="; write -event:… for what is not so`},
		{"event>=x", `column 6: event cannot be compared with ">="; write it as in event:chat_*`},
		{"event:", `column 6: there is no value after event:; write one, as in event:chat_*`},
		{"event: x", `column 6: there is no value after event:`},
		{"event:a,", `column 9: there is no value beside the comma; leave out the comma, or put it in quotes if it belongs to the value: ","`},
		{"event:,a", `column 7: there is no value beside the comma`},
		{`x "abc`, `column 3: the quote is not closed; write " at the end of the text`},
		{`event:"abc`, `column 7: the quote is not closed`},
		{`""`, `column 1: the text is empty; write what to search for between the quotes`},
		{
			filter: "a -",
			want:   `column 3: there is nothing after "-"; write after it what is not wanted, such as -rule:wrong-type, or put it in quotes to search for it: "-"`,
		},
		{
			filter: "a !",
			want:   `column 3: there is nothing after "!"; write after it what is not wanted, such as -rule:wrong-type, or put it in quotes to search for it: "!"`,
		},
		{
			filter: "since:mark:fix",
			want:   `column 7: only the terminal's filter knows marks; on the command line write --since mark:fix beside the filter`,
		},
		{
			filter: `since:mark:"the fix"`,
			want:   `column 7: only the terminal's filter knows marks; on the command line write --since "mark:the fix" beside the filter`,
		},
		{"severity:eror", `column 10: there is no severity "eror"; did you mean error?`},
		{"severity:bad", `column 10: there is no severity "bad"; use none, info, warning or error`},
		{"kind:cal", `column 6: there is no kind "cal"; did you mean call?`},
		{
			filter: "site:https://shop.example/checkout",
			want:   `column 6: a site ends before "/checkout"; leave that out, or write url:… for the whole address`,
		},
		{"site:x,shop.example/", `column 8: a site ends before "/"`},
		{"tab:1,x", `column 7: "x" is not a tab's number; write one such as tab:3`},
		{"tab:-1", `column 5: "-1" is not a tab's number`},
		{
			filter: "since:yesterday",
			want:   `column 7: "yesterday" is not a time; write how long ago such as 5m or 1h30m, or 10:13, 2026-11-22 or 2026-11-22T10:13:04`,
		},
		{"since:-5m", `column 7: "-5m" is in the future; write how long ago, such as 5m`},
		{"since:5m,6m", `column 10: since takes one time; leave out the others`},
		{"/2/chat_id", `column 1: /2/chat_id has no value; write /2/chat_id:* for calls that have something there`},
		{
			filter: "/checkout:x",
			want: `column 1: "/checkout" does not begin with an argument's number; ` +
				`write /0 for the event's name, /1/… for global_ctx or /2/… for session_ctx; put it in quotes to search for the text`,
		},
		{"/2/a~2:x", `column 1: "/2/a~2" is not a JSON Pointer; write "~" in a name as ~0 and "/" as ~1`},
		{"/2/x>=ten", `column 7: "ten" is not a number; only numbers compare by >=`},
		{"/2/x>=nan", `column 7: "nan" is not a number`},
		{"/2/x<Inf", `column 6: "Inf" is not a number`},
		{"/2/x>=", `column 5: there is no value after /2/x>=; write one, as in /2/x>=10`},
		{"/2/x:", `column 5: there is no value after /2/x:; write one, as in /2/x:*`},
		{"a\xff", `column 1: the filter is not UTF-8; check how the terminal encodes text`},
		{"a\x00", `column 2: there is a NUL character; leave it out; recordings have it as \u0000`},
		{strings.Repeat("x", 5000), `column 1: the filter is 5000 bytes long; at most 4096 are read`},
		{"tab:1" + strings.Repeat(",1", 100), `column 1: there are more than 100 values; leave some out`},
		{strings.Repeat("x ", 101), `column 201: there are more than 100 values; leave some out`},
	}
	for _, test := range tests {
		_, err := filter.Parse(test.filter, now)
		var where *filter.Error
		if !errors.As(err, &where) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v\nwant %s", test.filter, err, test.want)
		}
	}
}

// An exclamation mark negates as a minus does.
func TestExclamationMark(t *testing.T) {
	for _, text := range []string{"!event:slot_check", "-event:slot_check", "!slot", "-slot"} {
		f := parsed(t, text)
		for name, want := range map[string]bool{"slot_check": false, "chat_started": true} {
			r := &record.Record{
				V:        record.Version,
				Kind:     record.Call,
				ID:       "a/1",
				Seq:      1,
				Time:     record.At(now),
				Document: "a",
				Args:     json.RawMessage(`["` + name + `",{},{}]`),
				Handled:  &record.HandlerAtCall{State: record.Assigned},
			}
			if got := f.Match(r); got != want {
				t.Errorf("%s matches %s: %v", text, name, got)
			}
		}
	}
}

func TestHelpIsTrue(t *testing.T) {
	for _, term := range filter.Terms() {
		if _, err := filter.Parse(term.Example, now); err != nil {
			t.Errorf("%s: %v", term.Example, err)
		}
		if !strings.Contains(filter.Help(), term.Example) || !strings.Contains(filter.Help(), term.Meaning) {
			t.Errorf("the help lacks %s", term.Example)
		}
	}
}

// FuzzParse: whatever is typed, a valid filter gives the same result for a record as for
// its row, and an error of an invalid one names a column of the text.
func FuzzParse(f *testing.F) {
	for _, term := range filter.Terms() {
		f.Add(term.Example)
	}
	for _, text := range []string{`-a"b\"c":d*,"e"`, `rule:*a*b*`, `site:*:*`, "/*/x>1", `"`, "://", "--", "since:0", "event:é*\u212a"} {
		f.Add(text)
	}
	s := stored(f)
	f.Fuzz(func(t *testing.T, text string) {
		from, suggestions := filter.Complete(text, len(text)/2, filter.Documented())
		if from > len(text)/2 {
			t.Errorf("%d suggestions from %d", len(suggestions), from)
		}
		parsed, err := filter.Parse(text, now)
		if err != nil {
			var where *filter.Error
			if !errors.As(err, &where) || where.Column < 1 || where.Column > utf8.RuneCountInString(text)+1 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		again, err := filter.Parse(parsed.String(), now)
		if err != nil || again.All() != parsed.All() {
			t.Errorf("%q is not %q: %v", parsed, text, err)
		}
		agrees(t, s, parsed)
	})
}
