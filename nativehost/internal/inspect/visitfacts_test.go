package inspect_test

import (
	"testing"

	"userlike-inspector/schema"
)

// TestSays: every value with content counts, whether JSON can express it or not, and
// nothing else does.
func TestSays(t *testing.T) {
	in := inspector(t)
	for _, c := range []struct {
		name, session, notes, at string
		want                     bool
	}{
		{"a text", `{"client_email":"a@b.example"}`, "", "/2/client_email", true},
		{"an empty text", `{"client_email":""}`, "", "/2/client_email", false},
		{"null", `{"client_email":null}`, "", "/2/client_email", false},
		{"nothing", `{}`, "", "/2/client_email", false},
		{"undefined", `{}`, `[{"at":"/2/client_email","is":"undefined"}]`, "/2/client_email", false},
		{"a Symbol", `{}`, `[{"at":"/2/client_email","is":"symbol"}]`, "/2/client_email", true},
		{"a getter", `{}`, `[{"at":"/2/client_email","is":"getter"}]`, "/2/client_email", true},
		{
			name:    "a bigint",
			session: `{"custom_data":{"phone":null}}`,
			notes:   `[{"at":"/2/custom_data/phone","is":"bigint","text":"49"}]`,
			at:      "/2/custom_data/phone",
			want:    true,
		},
		{"a Map", `{"custom_data":{"who":{}}}`, `[{"at":"/2/custom_data/who","is":"map"}]`, "/2/custom_data/who", true},
		{
			name:    "a text that was cut",
			session: `{"client_email":null}`,
			notes:   `[{"at":"/2/client_email","is":"truncated","text":"99999"}]`,
			at:      "/2/client_email",
			want:    true,
		},
		{"what was cut around it", `{"custom_data":{}}`, `[{"at":"/2/custom_data","is":"truncated"}]`, "/2/custom_data/mail", false},
		{"what is within it", `{"custom_data":{}}`, `[{"at":"/2/custom_data/mail","is":"symbol"}]`, "/2/custom_data", true},
		{"what is undefined within it", `{"custom_data":{}}`, `[{"at":"/2/custom_data/mail","is":"undefined"}]`, "/2/custom_data", false},
		{"a neighbour", `{}`, `[{"at":"/2/client_email2","is":"symbol"}]`, "/2/client_email", false},
		{"any element", `{"custom_data":{"items":[{},{"mail":"a@b.example"}]}}`, "", "/2/custom_data/items/*/mail", true},
		{"any member", `{"custom_data":{"items":{"a":{"mail":"a@b.example"}}}}`, "", "/2/custom_data/items/*/mail", true},
		{"no element", `{"custom_data":{"items":[{"mail":""},{}]}}`, "", "/2/custom_data/items/*/mail", false},
		{
			name:    "any element, in a note",
			session: `{"custom_data":{"items":[{"mail":null}]}}`,
			notes:   `[{"at":"/2/custom_data/items/0/mail","is":"bigint"}]`,
			at:      "/2/custom_data/items/*/mail",
			want:    true,
		},
		{"any member of all", `{"custom_data":{"a":1}}`, "", "/2/custom_data/*", true},
		{"any member of none", `{"custom_data":{}}`, "", "/2/custom_data/*", false},
	} {
		for range 2 { // the second time, the schema's memory recognises the call
			tokens, _ := schema.Tokens(c.at)
			if got := in.Facts(call(t, args(ctx, c.session), c.notes)).Says(tokens); got != c.want {
				t.Errorf("%s: %t", c.name, got)
			}
		}
	}
}
