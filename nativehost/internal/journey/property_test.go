package journey_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/schema"
)

// step is a call of a made-up visit.
type step struct {
	at    int // ms
	page  int // of the visit's documents, from 0
	event string
	extra string // what the script adds after the event
}

// madeUp is a conforming visit: what contacts do, in a random order and at random times.
func madeUp(r *rand.Rand) []step {
	v := &maker{r: r}
	v.call("button_displayed")
	started := "chat_started"
	switch r.IntN(4) {
	case 0:
		started = "chat_started_proactive"
		v.call([]string{"proactive_timer", "proactive_offer"}[r.IntN(2)])
		v.call("chat_connected_proactive")
	case 1:
		v.call("chat_requested")
		v.maybe("chat_window_maximized")
		v.call("group_select_show")
		v.call("group_select_submit")
	case 2:
		v.call("chat_requested")
		v.call("slot_check")
		v.soon()
		v.call([]string{"slot_available", "slot_unavailable"}[r.IntN(2)])
		v.call("chat_connected")
	case 3: // as in the newest edition
		v.call("chat_requested")
	}
	newest := !slices.ContainsFunc(v.steps, func(s step) bool { return strings.Contains(s.event, "connected") || s.event == "group_select_submit" })
	v.maybe("disclaimer_ok")
	v.maybe("pre_survey_show", "pre_survey_submit")
	v.maybe("register_show", []string{"register_submit", "register_cancel"}[r.IntN(2)])
	v.call(started)
	v.identified = r.IntN(2) == 0
	v.call("contact_first_message")
	if newest {
		v.call("chat_connected")
	}
	for range r.IntN(6) {
		v.call([]string{"message_operator_terminating", "message_client_terminating"}[r.IntN(2)])
		if r.IntN(4) == 0 {
			v.page++ // a reload, or another tab
			v.call("button_displayed")
			v.call("conversation_resume")
		}
	}
	v.maybe("chat_window_maximized", "chat_window_minimized")
	v.maybe("feedback_rating_show", "rating_submit", "feedback_submit")
	v.maybe("feedback_rating_show", "feedback_rating_cancel")
	v.maybe("post_survey_show", "post_survey_submit")
	v.maybe("transcript_show", []string{"transcript_submit", "transcript_cancel"}[r.IntN(2)])
	return v.steps
}

type maker struct {
	r          *rand.Rand
	now, page  int
	quick      bool
	identified bool
	steps      []step
}

func (v *maker) call(event string) {
	if v.quick {
		v.now += 100 + v.r.IntN(800)
	} else {
		v.now += 1000 + v.r.IntN(30_000)
	}
	v.quick = false
	extra := ""
	if v.identified {
		extra = `session_ctx {"client_email":"ada@shop.example","custom_data":{"total":12.5}}`
	}
	v.steps = append(v.steps, step{v.now, v.page, event, extra})
}

func (v *maker) soon() { v.quick = true }

func (v *maker) maybe(events ...string) {
	if v.r.IntN(2) == 0 {
		for _, e := range events {
			v.call(e)
		}
	}
}

// script writes steps as the script of one contact's visit, which ends after a minute.
func script(steps []step, name string) string {
	var b strings.Builder
	opened := map[int]bool{}
	last := 0
	for _, s := range steps {
		if !opened[s.page] {
			opened[s.page] = true
			fmt.Fprintf(&b, "%.3f @d%s%d opened\n", float64(max(0, s.at-500))/1000, name, s.page)
		}
		fmt.Fprintf(&b, "%.3f @d%s%d #%s ~%s %s %s\n", float64(s.at)/1000, name, s.page, name, name, s.event, s.extra)
		last = max(last, s.at)
	}
	for page := range opened {
		fmt.Fprintf(&b, "%.3f @d%s%d closed\n", float64(last+60_000)/1000, name, page)
	}
	return b.String()
}

// naive judges a visit's steps in the simplest way that follows the catalogue, however
// slow. It returns rules and the numbers of the steps.
func naive(steps []step) []string {
	var found []string
	say := func(rule string, i int) { found = append(found, fmt.Sprint(rule, " ", i)) }
	events := map[string]schema.DocEvent{}
	for _, e := range schema.Catalogue().Events {
		events[e.Name] = e
	}
	for i, s := range steps {
		e, documented := events[s.event]
		if !documented {
			say("undocumented-event", i)
		}
		if strings.Contains(s.extra, "operator_group_id") {
			say("wrong-type", i)
		}
		met, answered := len(e.Needs) == 0, len(e.Then) == 0
		for k, other := range steps {
			late := other.at - s.at
			if slices.Contains(e.Needs, other.event) && (late < 0 || late == 0 && k < i || late < 1000 || slices.Contains(e.MayFollow, other.event)) {
				met = true
			}
			if slices.Contains(e.Then, other.event) && late > -1000 && late <= 10_000 {
				answered = true
			}
			if k < i && other.event == s.event && !e.MayRepeat && other.page == s.page && other.extra == s.extra && -late <= 100 {
				say("duplicate-event", i)
			}
			if other.event == "disclaimer_ok" && late >= 1000 && strings.Contains(s.extra, "client_email") &&
				!slices.ContainsFunc(steps, func(earlier step) bool { return earlier.event == "disclaimer_ok" && earlier.at-s.at < 1000 }) {
				say("before-consent", i)
			}
		}
		if !met {
			say("out-of-order", i)
		}
		if !answered {
			say("missing-event", i)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// found returns the judge's findings in the form of naive. It recognises a step by its
// time, which is different for each.
func found(t *testing.T, in *inspect.Inspector, steps []step, records []*record.Record) []string {
	t.Helper()
	number := map[string]int{}
	for _, r := range records {
		if r.Kind == record.Call {
			number[r.ID] = slices.IndexFunc(steps, func(s step) bool { return int64(s.at) == r.Time.Sub(start).Milliseconds() })
		}
	}
	var out []string
	for _, f := range judge(in, records) {
		i, ok := number[f.Record]
		if !ok {
			t.Fatalf("finding on no call: %+v", f)
		}
		out = append(out, fmt.Sprint(f.Rule, " ", i))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const rounds = 300

// Conforming visits have no findings, however they are interleaved and in whatever order
// their documents' records arrive.
func TestConformingVisits(t *testing.T) {
	in := inspector(t)
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, b := recording(t, script(madeUp(r), "a")), recording(t, script(madeUp(r), "b"))
		all := append(a, b...)
		switch seed % 3 {
		case 0: // as they happened
			slices.SortStableFunc(all, func(a, b *record.Record) int { return a.Time.Compare(b.Time.Time) })
		case 1: // document by document, the last one first
			slices.SortStableFunc(all, func(a, b *record.Record) int { return strings.Compare(b.Document, a.Document) })
		}
		if got := lines(judge(in, all)); got != nil {
			t.Fatalf("seed %d: %q\n%s", seed, got, script(madeUp(rand.New(rand.NewPCG(seed, 1))), "a"))
		}
	}
}

// One mistake in a visit gives exactly the findings that explain it.
func TestMutatedVisits(t *testing.T) {
	mutations := map[string]func(r *rand.Rand, steps []step) []step{
		"drop": func(r *rand.Rand, steps []step) []step {
			i := r.IntN(len(steps))
			return slices.Delete(steps, i, i+1)
		},
		"rename": func(r *rand.Rand, steps []step) []step {
			steps[r.IntN(len(steps))].event = "chat_renamed"
			return steps
		},
		"retype": func(r *rand.Rand, steps []step) []step {
			steps[r.IntN(len(steps))].extra = `global_ctx {"operator_group_id":"1"}`
			return steps
		},
		"swap": func(r *rand.Rand, steps []step) []step {
			i, k := r.IntN(len(steps)), r.IntN(len(steps))
			if steps[i].page != steps[k].page || steps[i].event == "conversation_resume" || steps[k].event == "conversation_resume" {
				return steps // that would be the middle of a visit
			}
			steps[i].event, steps[k].event = steps[k].event, steps[i].event
			return steps
		},
		"duplicate": func(r *rand.Rand, steps []step) []step {
			i := r.IntN(len(steps))
			again := steps[i]
			again.at += 1 + r.IntN(99)
			return slices.Insert(steps, i+1, again)
		},
		"identify": func(r *rand.Rand, steps []step) []step {
			steps[r.IntN(len(steps))].extra = `session_ctx {"client_email":"ada@shop.example"}`
			return steps
		},
	}
	in := inspector(t)
	for name, mutate := range mutations {
		t.Run(name, func(t *testing.T) {
			triggered := 0
			for seed := range uint64(rounds) {
				r := rand.New(rand.NewPCG(seed, 2))
				steps := mutate(r, madeUp(r))
				want := naive(steps)
				if got := found(t, in, steps, recording(t, script(steps, "a"))); !slices.Equal(without(got), without(want)) {
					t.Fatalf("seed %d:\n%s got %q\nwant %q", seed, script(steps, "a"), got, want)
				}
				if len(want) > 0 {
					triggered++
				}
			}
			if triggered < rounds/20 {
				t.Errorf("only %d of %d mutations did any harm", triggered, rounds)
			}
		})
	}
}

// without drops the findings that are for information only, which depend on where a
// visit begins.
func without(found []string) []string {
	return slices.DeleteFunc(slices.Clone(found), func(s string) bool { return strings.HasPrefix(s, "mid-journey") })
}
