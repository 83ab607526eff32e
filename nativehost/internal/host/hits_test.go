package host_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/record"
)

func pushing(seq int, pushed string) string {
	return strings.TrimSuffix(call(seq), "}") + `,"tab":3,"url":"https://shop.example/","pushed":` + pushed + "}"
}

// What a call pushed to queues is kept as hits beside it, under the same ids whenever
// it is sent, and the call is kept whatever was pushed.
func TestPushed(t *testing.T) {
	for name, c := range map[string]struct {
		pushed string
		want   []string
	}{
		"nothing":    {`[]`, nil},
		"two queues": {`[{"to":"dataLayer","data":[{"event":"a","x":null}],"notes":[{"at":"/0/x","is":"nan"}]},{"to":"_paq","data":[["b"]],"time":"2026-11-22T10:13:04.200Z"}]`, []string{`d/hit-1-0 dataLayer [{"event":"a","x":null}] [{/0/x nan }] 10:13:04.123`, `d/hit-1-1 _paq [["b"]] [] 10:13:04.200`}},
		"no list":    {`7`, nil},
		"no name":    {`[{"data":[1]},{"to":"_mtm","data":[]}]`, []string{`d/hit-1-1 _mtm [] [] 10:13:04.123`}},
	} {
		store := &memory{}
		again := pushing(1, c.pushed)
		if got := acknowledged(t, options(nil, nil, store), records(again, call(2)), records(again)); !slices.Equal(got, []string{"d/1", "d/2", "d/1"}) {
			t.Errorf("%s: acknowledged %q", name, got)
		}
		var got []string
		for _, r := range store.kept {
			if r.Kind == record.Hit {
				got = append(got, fmt.Sprint(r.ID, " ", r.Handed.To, " ", string(r.Handed.Data), " ", r.Notes, " ", r.Time.Format("15:04:05.000")))
				if r.Seq != 0 || *r.Tab != 3 || r.Document != "d" || r.URL != "https://shop.example/" || r.Browser.Profile != "p" || r.Received == nil ||
					r.Handed.Via != record.Queue || r.Handed.Because != record.DuringHandler || !slices.Equal(r.Handed.Calls, []string{"d/1"}) {
					t.Errorf("%s: %+v %+v", name, r, r.Handed)
				}
			}
		}
		if !slices.Equal(got, append(slices.Clone(c.want), c.want...)) {
			t.Errorf("%s: kept %q", name, got)
		}
	}
}

// What was pushed counts for a document's share, and goes with its call.
func TestPushedOverTheQuota(t *testing.T) {
	store := &memory{}
	o := options(nil, nil, store)
	o.Quota = host.Quota{Document: 5000, Day: 1 << 30}
	acknowledged(t, o, records(call(1), pushing(2, `[{"to":"dataLayer","data":["`+strings.Repeat("x", 5000)+`"]}]`)))
	if len(store.kept) != 2 || store.kept[0].ID != "d/1" || store.kept[1].ID != "d/over-2-2" || store.kept[1].Lost != 1 {
		t.Errorf("kept %d: %+v", len(store.kept), store.kept)
	}
}
