package wire_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"userlike-inspector/nativehost/internal/wire"
)

// A form keeps the order of its fields.
func TestForm(t *testing.T) {
	var body wire.Body
	if err := json.Unmarshal([]byte(`{"form":{"b":["1","2"],"a":[""],"":[]}}`), &body); err != nil {
		t.Fatal(err)
	}
	if want := (wire.Form{{Name: "b", Values: []string{"1", "2"}}, {Name: "a", Values: []string{""}}, {Values: []string{}}}); !reflect.DeepEqual(body.Form, want) {
		t.Errorf("%+v", body.Form)
	}
	for _, form := range []string{`[]`, `7`, `{"a":"1"}`, `{"a":[1]}`, `null`} {
		if err := json.Unmarshal([]byte(`{"form":`+form+`}`), &body); err == nil {
			t.Errorf("%s is taken for a form", form)
		}
	}
}
