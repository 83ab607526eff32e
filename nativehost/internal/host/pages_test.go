package host_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/wire"
)

// said is a record of the document d in tab 7, as the extension sends it.
func said(seq int, fields string) string {
	return fmt.Sprintf(`{"v":1,"id":"d/%d","seq":%d,"time":"2026-11-22T10:13:04.123Z","document":"d","tab":7,"frame":0,%s}`, seq, seq, fields)
}

// The extension is told the state of a tab's page, once for each change, also by a host that
// was started in the middle of a page.
func TestPages(t *testing.T) {
	var (
		opened = said(1, `"kind":"page","event":"opened"`)
		hooked = said(2, `"kind":"page","event":"hooked"`)
		held   = said(3, `"kind":"client","state":"held-back"`)
		framed = said(4, `"kind":"client","state":"framed"`)
		lost   = said(5, `"kind":"gap","lost":2,"why":"too many calls waited for the background to take them"`)
		there  = said(6, `"kind":"handler","state":"appeared"`)
		called = said(7, `"kind":"call","args":["slot_check"],"handler":{"state":"assigned"}`)
	)
	store := &memory{}
	pages := func(messages ...string) []string {
		t.Helper()
		var out bytes.Buffer
		if err := host.Serve(t.Context(), options(bytes.NewReader(frames(append([]string{hello}, messages...)...)), &out, store)); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range replies(t, &out) {
			if m.Type == wire.Page {
				all = append(all, fmt.Sprint(m.Tab, " ", m.State, " ", m.Severity, " ", m.Lost))
			}
		}
		return all
	}
	if got, want := pages(records(opened, hooked, held)), []string{"7 client-held-back info 0"}; !slices.Equal(got, want) {
		t.Errorf("the first host says %q, want %q", got, want)
	}
	if got, want := pages(records(framed, lost)), []string{"7 handler-absent warning 2"}; !slices.Equal(got, want) {
		t.Errorf("the second host says %q, want %q", got, want)
	}
	if got, want := pages(records(lost, there, called), records(lost)), []string{"7 calls-arrive  2"}; !slices.Equal(got, want) {
		t.Errorf("the third host says %q, want %q", got, want)
	}
}
