package infer_test

import (
	"reflect"
	"testing"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/schema"
)

// TestPlaces: a place tells in how many calls it had each type, from where to where its numbers
// go, and what of it JSON did not keep, also where nothing else was there.
func TestPlaces(t *testing.T) {
	var s infer.Shape
	for i, c := range []struct {
		json string
		odd  map[string]string
		lost map[string]string
	}{
		{`{"total":12.5,"items":[1,2,"3"]}`, nil, nil},
		{`{"total":"9"}`, nil, map[string]string{"/c/onDone": "function"}},
		{`{"total":3,"items":[null]}`, map[string]string{"/c/items/0": ""}, map[string]string{"/c/items/0": "hole", "/c/onDone": "function"}},
		{`{"total":null,"items":[]}`, map[string]string{"/c/total": "number"}, map[string]string{"/c/total": "nan"}},
	} {
		value, err := schema.Decode([]byte(c.json))
		if err != nil {
			t.Fatal(err)
		}
		s.Add(value, "/c", c.odd, infer.Call{Order: int64(i + 1)})
		for at, is := range c.lost {
			s.Lose(value, "/c", at, is)
		}
	}
	type place struct {
		At        string
		Types     []string
		Calls     []int
		Low, High string
		Lost      []infer.Lost
	}
	var got []place
	for _, p := range s.Paths("/c") {
		got = append(got, place{p.At, p.Types, p.Calls, p.Low, p.High, p.Lost})
	}
	want := []place{
		{At: "/c", Types: []string{"object"}, Calls: []int{4}},
		{At: "/c/onDone", Lost: []infer.Lost{{Is: "function", Calls: 2}}},
		{At: "/c/items", Types: []string{"array"}, Calls: []int{3}},
		{At: "/c/items/*", Types: []string{"number", "string"}, Calls: []int{1, 1}, Low: "1", High: "2", Lost: []infer.Lost{{Is: "hole", Calls: 1}}},
		{At: "/c/total", Types: []string{"number", "string"}, Calls: []int{3, 1}, Low: "3", High: "12.5", Lost: []infer.Lost{{Is: "nan", Calls: 1}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTypesAt(t *testing.T) {
	value, err := schema.Decode([]byte(`{"a":[{"b":1},{"b":"x"},{"b":null}],"n":null}`))
	if err != nil {
		t.Fatal(err)
	}
	odd := map[string]string{"/c/n": "number", "/c/a/2/b": ""}
	for at, want := range map[string][]string{
		"/c": {"object"}, "/c/a": {"array"}, "/c/a/*": {"object"}, "/c/a/*/b": {"number", "string"}, "/c/n": {"number"}, "/c/none": nil, "/c/n/deeper": nil,
	} {
		if got := infer.TypesAt(value, "/c", at, odd); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", at, got, want)
		}
	}
}
