package host_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// acknowledged serves messages and returns the ids that were acknowledged.
func acknowledged(t *testing.T, o host.Options, messages ...string) []string {
	t.Helper()
	var out bytes.Buffer
	o.In, o.Out = bytes.NewReader(frames(append([]string{hello}, messages...)...)), &out
	if err := host.Serve(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range replies(t, &out) {
		for _, v := range m.Records {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// A record that cannot be kept is acknowledged under the id that it was sent with. Instead, a
// gap that says why is kept, once however often the record is sent. It does not stop other
// records.
func TestABadRecordStopsNoOther(t *testing.T) {
	long := strings.Repeat("i", 201)
	odd := "\"\\" + strings.Repeat("\u2028", 100)
	with := func(id, more string) string {
		return fmt.Sprintf(`{"v":1,"kind":"call","id":%s,"seq":7,"time":"2026-11-22T10:13:04.123Z","document":"d",`+
			`"url":"https://shop.example/","tab":3,"frame":0%s}`, id, more)
	}
	for name, c := range map[string]struct{ raw, id, stored, why string }{
		"a long id": {with(`"`+long+`"`, `,"args":[]`), long, "refused/", "201 bytes"},
		"a huge id": {
			raw:    with(`"`+strings.Repeat("i", 100_000)+`"`, `,"args":[]`),
			id:     strings.Repeat("i", 100_000),
			stored: "refused/",
			why:    "100000 bytes",
		},
		"an odd id": {
			raw:    with(`"`+strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(odd)+`"`, `,"args":[]`),
			id:     odd,
			stored: "refused/",
			why:    "bytes",
		},
		"too deep": {
			raw:    with(`"d/7"`, `,"args":`+strings.Repeat("[", 10_001)+strings.Repeat("]", 10_001)),
			id:     "d/7",
			stored: "d/7",
			why:    "nested too deep",
		},
		"no JSON":                  {with(`"d/7"`, `,"args":[nul]`), "d/7", "d/7", "unexpected ']'"},
		"a wrong type":             {with(`"d/7"`, `,"args":[],"title":5`), "d/7", "d/7", `"title"`},
		"another wrong type":       {with(`"d/7"`, `,"args":{}`), "d/7", "d/7", `"args"`},
		"an id that is no text":    {with(`7`, `,"args":[]`), "", "refused/", `"id"`},
		"no id":                    {`{"v":1}`, "", "refused/", `"id"`},
		"no object":                {`[1]`, "", "refused/", "object"},
		"a number too great":       {with(`"d/7"`, `,"args":[],"lost":1e99`), "d/7", "d/7", `"lost"`},
		"what a rule cannot judge": {with(`"d/7"`, `,"args":["panic"]`), "d/7", "d/7", "could not be judged: a rule"},
	} {
		t.Run(name, func(t *testing.T) {
			store := &memory{}
			o := options(nil, nil, store)
			o.Judge = func(r *record.Record) []record.Finding {
				if r.EventName() == "panic" {
					panic("a rule")
				}
				return []record.Finding{{Rule: "a", Severity: record.Error}}
			}
			acked := acknowledged(t, o, records(call(1), c.raw, call(2)), records(c.raw), records(call(3)))
			want := []string{"d/1", c.id, "d/2", c.id, "d/3"}
			if c.id == "" {
				want = []string{"d/1", "d/2", "d/3"}
			}
			if !slices.Equal(acked, want) {
				t.Errorf("acknowledged %.300q, not %.300q", acked, want)
			}
			gap, again := store.kept[1], store.kept[3]
			if gap.Kind != record.Gap || gap.Lost != 1 || len(gap.Findings) != 1 || !strings.HasPrefix(gap.ID, c.stored) ||
				!strings.Contains(string(gap.Why), c.why) {
				t.Errorf("kept %+v", gap)
			}
			if gap.ID != again.ID {
				t.Errorf("kept as %q, and as %q when sent again", gap.ID, again.ID)
			}
			if strings.Contains(c.raw, `"tab":3`) &&
				(gap.Document != "d" || gap.Seq != 7 || gap.Tab == nil || *gap.Tab != 3 || gap.URL != "https://shop.example/") {
				t.Errorf("the place is not that of the record: %+v", gap)
			}
		})
	}
}

// What is kept of a page that sends very much is limited. What it loses is counted,
// everything is acknowledged, and other pages lose nothing.
func TestQuota(t *testing.T) {
	big := func(document string, seq int) string {
		return fmt.Sprintf(`{"v":1,"kind":"call","id":"%s/%d","seq":%d,"time":"2026-11-22T10:13:04.123Z","document":"%s","args":["%s"]}`,
			document, seq, seq, document, strings.Repeat("x", 10_000))
	}
	var messages []string
	for seq := 1; seq <= 200; seq++ {
		messages = append(messages, records(big("flood", seq)))
		if seq%20 == 0 {
			messages = append(messages, records(big("honest", seq/20)))
		}
	}
	tests := []struct {
		name   string
		quota  host.Quota
		honest int
	}{
		{"of a document", host.Quota{Document: 500_000, Day: 1 << 40}, 10},
		{"of a day", host.Quota{Document: 1 << 40, Day: 500_000}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := &memory{}
			o := options(nil, nil, store)
			o.Quota = test.quota
			if acked := acknowledged(t, o, messages...); len(acked) != 210 {
				t.Errorf("%d of 210 acknowledged", len(acked))
			}
			kept, lost := map[string]int{}, map[string]int64{}
			size := 0
			for _, r := range store.kept {
				size += len(r.Args)
				if r.Kind == record.Gap {
					lost[r.Document] += r.Lost
					if !strings.Contains(string(r.Why), "not recorded") || r.Seq == 0 {
						t.Errorf("%+v", r)
					}
				} else {
					kept[r.Document]++
				}
			}
			if size > 500_000+110_000 {
				t.Errorf("%d bytes are kept", size)
			}
			if kept["flood"] == 0 || kept["flood"]+int(lost["flood"]) != 200 || kept["honest"]+int(lost["honest"]) != 10 || kept["honest"] != test.honest {
				t.Errorf("kept %v, lost %v", kept, lost)
			}
			if n := len(store.kept); n > 200 {
				t.Errorf("%d records tell of it", n)
			}
		})
	}
}

// The quota begins anew every day.
func TestQuotaIsOfADay(t *testing.T) {
	store := &memory{}
	c := converse(t, store, func(o *host.Options) { o.Quota = host.Quota{Document: 1000, Day: 1 << 40} })
	for seq := 1; seq <= 20; seq++ {
		if seq == 11 {
			c.clock.Add((24 * time.Hour).Milliseconds())
		}
		c.send(records(call(seq)))
		c.hear(wire.Ack)
	}
	c.close()
	var calls []int64
	lost := int64(0)
	for _, r := range store.kept {
		if r.Kind == record.Call {
			calls = append(calls, r.Seq)
		}
		lost += r.Lost
	}
	if !slices.Equal(calls, []int64{1, 11}) || lost != 18 {
		t.Errorf("calls %d were kept, %d lost", calls, lost)
	}
}

// Acknowledgements with long ids stay within the size that browsers accept.
func TestAcknowledgementsFitTheirFrames(t *testing.T) {
	var recs, want []string
	for i := range 30 {
		id := strings.Repeat("\u2028", 40_000) + fmt.Sprint(i)
		recs, want = append(recs, `{"id":"`+id+`"}`), append(want, id)
	}
	if acked := acknowledged(t, options(nil, nil, &memory{}), records(recs...)); !slices.Equal(acked, want) {
		t.Errorf("%d acknowledged", len(acked))
	}
	if n := wire.MaxFromHost; n != 1<<20 {
		t.Errorf("a frame of %d bytes", n)
	}
}
