package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/schema"
)

// FuzzParse: whatever the bytes, Parse quickly returns a plan, whose schemas can be
// used, or problems with their places.
func FuzzParse(f *testing.F) {
	f.Add(contract)
	f.Add(`{"name":"x","events":{"chat_started":{"count":">=1","within":"1h"}},"severity":{"shape-drift":false}}`)
	f.Add("events:\n  chat_started: {count: 1.0}\n  chat_connected:\n    before:\n    - chat_started\n")
	f.Add("custom_data: {properties: {a: {multipleOf: 1e-400, maximum: 1e999999999}}, $defs: {a: {$ref: '#'}}, $id: 'file:///x'}")
	f.Add("a: |\n  b\n? c\n: d\n<<: *e")
	value, err := schema.Decode([]byte(`{"a":[1,{"b":"c"}],"basket":{"d":1.5}}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		watch := time.AfterFunc(5*time.Second, func() { panic(fmt.Sprintf("%q takes too long", text)) })
		p, err := parse(text)
		watch.Stop()
		if err != nil {
			var problems plan.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("%q gives %T: %v", text, err, err)
			}
			for _, one := range problems {
				if one.File == "" || one.Line < 0 || one.Message == "" || strings.ContainsAny(one.Message, "\n\r\x1b\x00") {
					t.Fatalf("problem %+v", one)
				}
			}
			return
		}
		if p.CustomData != nil {
			for _, v := range p.CustomData.Check(value) {
				if p.CustomData.Source(v) == "" {
					t.Fatalf("%+v has no source", v)
				}
			}
		}
	})
}
