package compare_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/compare"
	"userlike-inspector/nativehost/internal/record"
)

// handedOn is a recording of visits with the usual events. to returns the hits of each
// event; nil means that one possible hit was not looked at.
func handedOn(t *testing.T, visits int, to func(visit int, event string) []record.Handed) *compare.Recording {
	t.Helper()
	in, err := inspector()
	if err != nil {
		t.Fatal(err)
	}
	r := compare.New(in)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	yes := true
	for v := range visits {
		document := fmt.Sprintf("d%d", v)
		seq, hits := 0, 0
		add := func(rec record.Record) string {
			rec.V, rec.Time, rec.Document, rec.URL = 1, record.At(at), document, "https://shop.example/"
			if rec.AboutHits() {
				hits++
				rec.ID = fmt.Sprintf("%s/hit-%d", document, hits)
			} else {
				seq++
				rec.Seq, rec.ID = int64(seq), fmt.Sprintf("%s/%d", document, seq)
			}
			r.Add(&rec)
			return rec.ID
		}
		add(record.Record{Kind: record.Page, Event: record.Opened, HookedFromStart: &yes})
		for _, event := range usual {
			at = at.Add(2 * time.Second)
			id := add(record.Record{
				Kind: record.Call,
				Args: json.RawMessage(fmt.Sprintf(`[%q,`+
					`{"client_uuid":"u","operator_group_id":1,"widget_id":2,"widget_lang":"de"},{"session_id":"s%d"}]`, event, v)),
			})
			for _, h := range to(v, event) {
				if h.To == "" {
					add(record.Record{Kind: record.Gap, Hits: 1, Why: record.TooManyHits})
					continue
				}
				h.Calls, h.Because = []string{id}, record.ByContent
				h.Carries = []record.Carried{{What: "/0", At: "/query/e"}}
				if h.Unreadable {
					h.Carries, h.Because = nil, record.ByTime
				} else {
					h.Data = json.RawMessage(fmt.Sprintf(`{"query":{"e":%q,"n":"%d"}}`, event, hits))
				}
				add(record.Record{Kind: record.Hit, Handed: &h})
			}
		}
		at = at.Add(time.Minute)
		add(record.Record{Kind: record.Page, Event: record.Closed, HookedFromStart: &yes})
	}
	r.End()
	return r
}

func TestForwarding(t *testing.T) {
	queue := record.Handed{Via: record.Queue, To: "dataLayer"}
	ga := func(region string) record.Handed {
		return record.Handed{Via: record.Request, To: "https://" + region + ".google-analytics.com/g/collect", System: "Google Analytics 4"}
	}
	stats := func(path string) record.Handed {
		return record.Handed{Via: record.Request, To: "https://stats.example/" + path}
	}
	matomo := func(host string) record.Handed {
		return record.Handed{Via: record.Request, To: "https://" + host + "/matomo.php", System: "Matomo"}
	}
	usually := func(int, string) []record.Handed { return []record.Handed{queue, ga("www"), stats("a")} }
	nowhere := func(int, string) []record.Handed { return nil }
	for _, c := range []struct {
		name          string
		before, after func(int, string) []record.Handed
		want          []string
	}{
		{"the same", usually, usually, nil},
		{"by another way", usually, func(int, string) []record.Handed { return []record.Handed{queue, ga("region1"), stats("b/17")} }, nil},
		{"one event does not arrive any more", usually, func(_ int, event string) []record.Handed {
			if event == "chat_started" {
				return []record.Handed{queue, stats("a")}
			}
			return usually(0, event)
		}, []string{"worse forwarding chat_started at Google Analytics 4: does not arrive any more; it did by all 3 calls"}},
		{
			name: "at another host that the system has chosen",
			before: func(int, string) []record.Handed {
				return []record.Handed{ga("www")}
			},
			after: func(int, string) []record.Handed {
				return []record.Handed{{Via: record.Request, To: "https://analytics.google.com/g/collect", System: "Google Analytics 4"}}
			},
		},
		{"one of two servers of a system that sites run themselves", func(_ int, event string) []record.Handed {
			return []record.Handed{matomo("stats.shop.example"), matomo("stats.partner.example")}
		}, func(_ int, event string) []record.Handed {
			if event == "chat_started" {
				return []record.Handed{matomo("new.shop.example")}
			}
			return []record.Handed{matomo("new.shop.example"), matomo("stats.partner.example")}
		}, []string{"worse forwarding chat_started at Matomo (partner.example): does not arrive any more; it did by all 3 calls"}},
		{
			name: "still at a system's queue, but the system sends nothing",
			before: func(int, string) []record.Handed {
				return []record.Handed{{Via: record.Queue, To: "_paq", System: "Matomo"}, matomo("stats.shop.example")}
			},
			after: func(_ int, event string) []record.Handed {
				to := []record.Handed{{Via: record.Queue, To: "_paq", System: "Matomo"}}
				if event != "chat_started" {
					to = append(to, matomo("stats.shop.example"))
				}
				return to
			},
			want: []string{"worse forwarding chat_started at Matomo (shop.example): does not arrive any more; it did by all 3 calls"},
		},
		{
			name:   "nothing arrives anywhere",
			before: usually,
			after:  nowhere,
			want:   []string{"worse forwarding all: no call was handed on anywhere, there were 54 hits before"},
		},
		{
			name:   "nothing was followed before",
			before: nowhere,
			after:  usually,
			want:   []string{"changed forwarding all: nothing was seen to be handed on, now there are 54 hits"},
		},
		{"a new place", func(int, string) []record.Handed { return []record.Handed{queue} }, func(_ int, event string) []record.Handed {
			if event == "chat_started" {
				return []record.Handed{queue, stats("a")}
			}
			return []record.Handed{queue}
		}, []string{"changed forwarding chat_started at stats.example: is new, by all 3 calls"}},
		{"what cannot be read any more", usually, func(_ int, event string) []record.Handed {
			if event == "chat_started" {
				return []record.Handed{queue, ga("www"), {Via: record.Request, To: "https://stats.example/a", Unreadable: true}}
			}
			return usually(0, event)
		}, []string{"changed forwarding chat_started at stats.example: arrived by all 3 calls, " +
			"arrives by none of 3 calls, but 3 hits there could not be read"}},
		{"possible hits that were not looked at", usually, func(n int, event string) []record.Handed {
			if event == "chat_started" {
				return []record.Handed{queue, stats("a"), {}}
			}
			return usually(n, event)
		}, []string{
			"worse finding capture-gap: is new (warning, 3 times)",
			"changed forwarding chat_started at Google Analytics 4: arrived by all 3 calls, arrives by none of 3 calls, " +
				"but 3 possible hits could not be looked at",
		}},
		{
			name:   "none of which was looked at",
			before: usually,
			after:  func(n int, event string) []record.Handed { return []record.Handed{{}} },
			want: []string{
				"worse finding capture-gap: is new (warning, 18 times)",
				"changed forwarding all: no call was seen to be handed on, but 18 possible hits could not be looked at; there were 54 hits before",
			},
		},
	} {
		var got []string
		for _, change := range compare.Compare(handedOn(t, 3, c.before), handedOn(t, 3, c.after)).Changes {
			got = append(got, fmt.Sprintf("%s %s %s: %s", change.Verdict, change.Aspect, change.What, change.Message))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestNoLongerForwarded: if none of the calls arrives any more, fewer of them are enough for a
// regression than if only some do not.
func TestNoLongerForwarded(t *testing.T) {
	queue := record.Handed{Via: record.Queue, To: "dataLayer"}
	stats := record.Handed{Via: record.Request, To: "https://stats.example/c"}
	first := func(arrive int) func(int, string) []record.Handed {
		return func(visit int, event string) []record.Handed {
			if event == "chat_started" && visit >= arrive {
				return []record.Handed{queue}
			}
			return []record.Handed{queue, stats}
		}
	}
	for _, c := range []struct {
		name          string
		before, after *compare.Recording
		want          compare.Verdict
		says          string
	}{
		{"most did", handedOn(t, 10, first(9)), handedOn(t, 5, first(0)), compare.Worse, "does not arrive any more; it did by 9 of 10 calls"},
		{"some do", handedOn(t, 10, first(9)), handedOn(t, 5, first(1)), compare.Small, "arrived by 9 of 10 calls, arrives by 1 of 5 calls"},
		{"few did", handedOn(t, 10, first(2)), handedOn(t, 5, first(0)), compare.Small, "arrived by 2 of 10 calls, arrives by none of 5 calls"},
		{"there are few", handedOn(t, 3, first(2)), handedOn(t, 2, first(0)), compare.Small, "arrived by 2 of 3 calls, arrives by none of 2 calls"},
	} {
		result := compare.Compare(c.before, c.after)
		var got []string
		for _, change := range slices.Concat(result.Changes, result.Small) {
			if change.Aspect == "forwarding" {
				got = append(got, fmt.Sprintf("%s %s: %s", change.Verdict, change.What, change.Message))
			}
		}
		if want := fmt.Sprintf("%s chat_started at stats.example: %s", c.want, c.says); !slices.Equal(got, []string{want}) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, want)
		}
	}
}
