package filter

import (
	"fmt"
	"strings"
)

// Term explains one kind of term.
type Term struct{ Example, Meaning string }

// Terms explains the language: its fields and then the rest, with an example each. Each
// call returns a new copy.
func Terms() []Term {
	var all []Term
	for _, f := range fields() {
		all = append(all, Term{f.example, f.meaning})
	}
	return append(all, []Term{
		{"/2/custom_data/basket:*", "there is something at this place of the arguments (JSON Pointer)"},
		{"/2/chat_id:undefined", "what stands there: a text, number, true, null, or what JSON cannot say"},
		{"/2/custom_data/*/price>=10", "a number compared; * as a name is any member"},
		{"checkout", "the record's JSON contains the text"},
		{`"chat started"`, `quotes keep spaces, : and *; in them \" is a quote`},
		{"-rule:wrong-type", "a minus negates, and so does !"},
		{"event:a,b", "one of several values; * in a value or text is anything"},
		{"event:chat_* tab:3", "both: everything that is written has to hold"},
	}...)
}

// Help is Terms as text with a line each, for a terminal and the README.
func Help() string {
	var b strings.Builder
	for _, t := range Terms() {
		fmt.Fprintf(&b, "  %-31s %s\n", t.Example, t.Meaning)
	}
	return b.String()
}
