package host_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/record"
)

// gapsOf are the gaps that were stored: document, tab, time, how many possible hits and
// why, and how many calls where there are some.
func gapsOf(m *memory) (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.kept {
		if r.Kind != record.Gap {
			continue
		}
		tab := "-"
		if r.Tab != nil {
			tab = fmt.Sprint(*r.Tab)
		}
		document := "-"
		if r.Document != "" {
			document = r.Document
		}
		text := fmt.Sprint(document, " ", tab, " ", r.Time.Format("15:04:05.000"), " ", r.Hits, " ", r.Why)
		if r.Lost > 0 {
			text += fmt.Sprint(" and ", r.Lost, " calls")
		}
		all = append(all, text)
	}
	return all
}

// timeless leaves out the times, where the clock goes on.
func timeless(gaps []string) []string {
	for i, gap := range gaps {
		parts := strings.SplitN(gap, " ", 4)
		gaps[i] = parts[0] + " " + parts[1] + " " + parts[3]
	}
	return gaps
}

// A gap record reports possible hits that are lost, with their place as far as that is known.
func TestMissed(t *testing.T) {
	const many = " requests and pushes were too many or too large to be looked at"
	for name, c := range map[string]struct {
		message string
		want    []string
	}{
		"nothing":           {`{"type":"candidates","candidates":[],"dropped":0}`, nil},
		"of no known place": {`{"type":"candidates","candidates":[],"dropped":7}`, []string{"- - 10:13:05.000 7" + many}},
		"of two tabs, and one more": {
			`{"type":"candidates","candidates":[],"dropped":6,` +
				`"missed":[{"count":2,"time":"2026-11-22T10:13:04.500Z","tab":3,"document":"d","url":"https://shop.example/"},` +
				`{"count":3,"time":"2026-11-22T10:13:04.200Z","tab":4}]}`,
			[]string{"- 4 10:13:04.200 3" + many, "d 3 10:13:04.500 2" + many, "- - 10:13:05.000 1" + many},
		},
		"more than there are": {
			message: `{"type":"candidates","candidates":[],"dropped":1,"missed":[{"count":5,"time":"2026-11-22T10:13:04.500Z","tab":3}]}`,
			want:    []string{"- 3 10:13:04.500 1" + many},
		},
		"less than none": {
			message: `{"type":"candidates","candidates":[],"dropped":-3,"missed":[{"count":-2,"time":"2026-11-22T10:13:04.500Z"}]}`,
		},
		"of times to come": {
			message: `{"type":"candidates","candidates":[],"dropped":1,"missed":[{"count":1,"time":"2027-11-22T10:13:04.500Z","tab":3}]}`,
			want:    []string{"- 3 10:13:05.000 1" + many},
		},
		"beside one too deep": {
			message: `{"type":"candidates","candidates":[` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `],"dropped":2}`,
			want:    []string{"- - 10:13:05.000 2" + many, "- - 10:13:05.000 1 the host could not read some requests or pushes"},
		},
		"with names too long": {
			message: `{"type":"candidates","candidates":[],"dropped":1,` +
				`"missed":[{"count":1,"time":"2026-11-22T10:13:04.500Z","document":"` + strings.Repeat("d", 300) + `"}]}`,
			want: []string{strings.Repeat("d", 300) + " - 10:13:04.500 1" + many},
		},
		"what a call has pushed": {
			message: records(pushing(1, `[{"data":[1]},{"to":"_mtm","data":7}]`)),
			want:    []string{"d 3 10:13:04.123 2 the host could not read some requests or pushes"},
		},
	} {
		store := &memory{}
		c1 := converse(t, store, nil)
		c1.send(c.message)
		c1.close()
		if got := gapsOf(store); !slices.Equal(got, c.want) {
			t.Errorf("%s: counted\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
		for _, r := range store.kept {
			if r.Kind == record.Gap && (!r.AboutHits() || r.Received == nil || r.Browser.Profile != "p") {
				t.Errorf("%s: %+v", name, r)
			}
			if _, err := record.Encode(r); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A flood is reported at once, and then by few records that count all of it.
func TestMissedFlood(t *testing.T) {
	store := &memory{}
	c := converse(t, store, nil)
	for range 500 {
		c.send(`{"type":"candidates","candidates":[],"dropped":2}`)
		c.clock.Add(int64(10 * time.Millisecond / time.Millisecond))
	}
	c.close()
	sum := int64(0)
	end := time.Date(2026, 11, 22, 10, 13, 5, 0, time.UTC).Add(time.Duration(c.clock.Load()) * time.Millisecond)
	for _, r := range store.kept {
		sum += r.Hits
		if r.Received.After(end) {
			t.Errorf("what is counted at the end is received at %v, after the end", r.Received)
		}
	}
	if n := len(store.kept); n < 2 || n > 10 || sum != 1000 {
		t.Errorf("%d records count %d", n, sum)
	}
}

// Hits over the quota are counted as hits, and not as records with numbers in the document.
func TestHitsOverTheQuota(t *testing.T) {
	store := &memory{}
	c := converse(t, store, func(o *host.Options) { o.Quota = host.Quota{Document: 5000, Day: 1 << 30} })
	c.send(records(inTab3(1)))
	c.hear("ack")
	long := "https://collect.example/?e=chat_started&x=" + strings.Repeat("x", 5000)
	c.send(candidates(candidate("a", 30, long), candidate("b", 40, long)))
	c.hear("settled")
	c.send(records(pushing(2, `[{"to":"dataLayer","data":["chat_started"]}]`)))
	c.hear("ack")
	c.close()
	if got := gapsOf(store); len(got) != 2 || !strings.HasPrefix(got[0], "d 3 10:13:04.153 2 the page has sent more than") ||
		!strings.HasPrefix(got[1], "d 3 10:13:04.123 1 the page has sent") || !strings.HasSuffix(got[1], "and 1 calls") {
		t.Errorf("counted %q", got)
	}
}
