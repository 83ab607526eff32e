package journey_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/record/recordtest"
)

// lifePlan has a demand of every kind, which the visits made by live meet.
const lifePlan = `
sites: ["https://shop.example/cart*"]
events:
  chat_requested: {count: 1}
  disclaimer_ok: {count: 1, before: [chat_started]}
  chat_started: {count: 1, after: [chat_requested, disclaimer_ok], within: 5m}
  contact_first_message: {count: 1, per: chat, after: [chat_started]}
  message_client_terminating: {after: [message_operator_terminating], within: 60s}
  pre_survey_submit: {after: [pre_survey_show]}
  chat_window_maximized: {count: "<=1"}
  transcript_cancel: {count: ">=1"}
  error_message: {count: 0}
consent: {guards: [chat_started, /2/client_email]}
`

// scene is a record of a made-up visit, or the place of one that was lost.
type scene struct {
	tag    string // names it in the visit, whatever is done to the visit later
	doc    string
	tab    int
	at     int           // real time in ms
	clock  int           // ms that the clock is wrong by
	lost   bool          // it is not recorded, but has a seq
	hidden bool          // it is about to be removed
	of     record.Record // its kind and the members of that kind
}

// call is a scene with a call.
func (s scene) call() bool { return s.of.Kind == record.Call && !s.lost }

// act is what the contact does next in a visit, and how long after the last thing.
type act struct {
	tag, event      string
	after           int            // ms
	global, session map[string]any // members besides the usual ones
	threw           string
}

// acts are a visit that meets lifePlan, at random times.
func acts(r *rand.Rand) []act {
	var all []act
	add := func(events ...string) {
		for _, e := range events {
			all = append(all, act{tag: fmt.Sprint(len(all), " ", e), event: e, after: 1500 + r.IntN(10_000)})
		}
	}
	add("button_displayed", "chat_requested", "chat_window_maximized", "chat_connected", "pre_survey_show", "pre_survey_submit",
		"disclaimer_ok", "chat_started", "contact_first_message")
	for range 1 + r.IntN(3) {
		add("message_operator_terminating", "message_client_terminating")
	}
	add("slot_check", "slot_available", "feedback_rating_show", "rating_submit", "transcript_show", "transcript_cancel", "chat_window_minimized")
	begun := false
	for i := range all {
		if all[i].event == "slot_available" {
			all[i].after = 1500 + r.IntN(5000)
		}
		if begun = begun || all[i].event == "chat_started"; begun {
			all[i].session = map[string]any{"chat_id": "chat", "client_email": "ada@shop.example"}
		}
	}
	return all
}

// find is the last act with an event.
func find(all []act, event string) int {
	for i, a := range slices.Backward(all) {
		if a.event == event {
			return i
		}
	}
	panic(event)
}

// defects are what can be wrong with a visit, and the rules that must find it.
var defects = []struct {
	name  string
	put   func(all []act) []act
	rules []string // with the severity, each once
}{
	{"none", func(all []act) []act { return all }, nil},
	{"an error is shown", func(all []act) []act {
		return slices.Insert(all, find(all, "slot_check"), act{tag: "!", event: "error_message", after: 2000})
	}, []string{"error unexpected-event", "warning error-shown"}},
	{"a question without an answer", func(all []act) []act {
		i := find(all, "message_client_terminating")
		return slices.Delete(all, i, i+1)
	}, []string{"error missing-event"}},
	{"an answer that comes too late", func(all []act) []act {
		all[find(all, "message_client_terminating")].after = 70_000
		return all
	}, []string{"error missing-event"}},
	{"an event that never comes", func(all []act) []act {
		i := find(all, "transcript_cancel")
		return slices.Delete(all, i, i+1)
	}, []string{"error missing-event"}},
	{"a step that is left out", func(all []act) []act {
		i := find(all, "pre_survey_show")
		return slices.Delete(all, i, i+1)
	}, []string{"error out-of-order", "warning out-of-order"}},
	{"an event that comes too often", func(all []act) []act {
		return slices.Insert(all, find(all, "slot_check"), act{tag: "!", event: "chat_window_maximized", after: 2000})
	}, []string{"error unexpected-event"}},
	{"a call that is made twice", func(all []act) []act {
		again := all[len(all)-1]
		again.tag, again.after = "!", 50
		return append(all, again)
	}, []string{"warning duplicate-event"}},
	{"an address before consent", func(all []act) []act {
		all[find(all, "chat_requested")].session = map[string]any{"client_email": "ada@shop.example"}
		return all
	}, []string{"error before-consent"}},
	{"no consent at all", func(all []act) []act {
		i := find(all, "disclaimer_ok")
		return slices.Delete(all, i, i+1)
	}, []string{"error before-consent", "error missing-event", "error out-of-order"}},
	{"an event that nobody knows", func(all []act) []act {
		return slices.Insert(all, find(all, "slot_check"), act{tag: "!", event: "chat_renamed", after: 2000})
	}, []string{"error undocumented-event"}},
	{"a number in quotes", func(all []act) []act {
		all[find(all, "rating_submit")].global = map[string]any{"operator_group_id": "1"}
		return all
	}, []string{"error wrong-type"}},
	{"a check without a result", func(all []act) []act {
		i := find(all, "slot_available")
		return slices.Delete(all, i, i+1)
	}, []string{"warning missing-event"}},
	{"a function that throws", func(all []act) []act {
		all[find(all, "rating_submit")].threw = "TypeError: x is undefined"
		return all
	}, []string{"error handler-threw"}},
}

// life is a visit, what was done to it, and what may be found because of that.
type life struct {
	r       *rand.Rand
	scenes  []scene
	hides   bool     // some calls are not in the records
	mixed   bool     // its records arrive in any order
	moves   bool     // it is in several documents or sessions
	unclear bool     // the time or order of some records is uncertain
	allowed []string // findings that the mess itself may cause
}

// live makes a visit from acts, in one document that stays open for minutes afterwards.
func live(r *rand.Rand, all []act) *life {
	yes := true
	l := &life{r: r}
	page := func(event record.PageEvent, at int) {
		l.scenes = append(l.scenes, scene{
			doc: "d",
			tab: 1,
			at:  at,
			of:  record.Record{Kind: record.Page, Event: event, HookedFromStart: &yes, URL: "https://shop.example/cart"},
		})
	}
	page(record.Opened, 0)
	at := 100
	for _, a := range all {
		at += a.after
		global := map[string]any{"client_uuid": "c", "operator_group_id": 1, "widget_id": 2, "widget_lang": "de"}
		session := map[string]any{"session_id": "s"}
		maps.Copy(global, a.global)
		maps.Copy(session, a.session)
		args, _ := json.Marshal([]any{a.event, global, session}) // cannot fail for these
		l.scenes = append(l.scenes, scene{tag: a.tag, doc: "d", tab: 1, at: at, of: record.Record{
			Kind: record.Call, Args: args, Handled: &record.HandlerAtCall{State: record.Assigned, Threw: a.threw}, URL: "https://shop.example/cart",
		}})
	}
	page(record.Closed, at+200_000)
	return l
}

// records are the visit's records, and the tag of each. made also checks that the product
// could have written them, which takes time.
func (l *life) records(t *testing.T, made bool) (all []*record.Record, tags map[string]string) {
	tags = map[string]string{}
	seq := map[string]int64{}
	for _, s := range l.scenes {
		seq[s.doc]++
		if s.lost {
			continue
		}
		one := s.of
		one.V, one.Seq, one.ID, one.Document, one.Tab = 1, seq[s.doc], fmt.Sprintf("%s/%d", s.doc, seq[s.doc]), s.doc, &s.tab
		one.Time = record.At(start.Add(time.Duration(s.at+s.clock) * time.Millisecond))
		tags[one.ID] = s.tag
		all = append(all, &one)
	}
	if l.mixed {
		l.r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	}
	if made {
		recordtest.Made(t, all...)
	}
	return all, tags
}

// lived judges a life. It returns the findings, with tags instead of record ids, and the
// outcomes of the plan's demands.
func lived(t *testing.T, in *inspect.Inspector, l *life, made bool) (found []string, outcomes []journey.Outcome) {
	records, tags := l.records(t, made)
	j := journey.NewRecording(in)
	for _, r := range records {
		j.Add(r)
	}
	for _, f := range j.End() {
		if f.Severity == record.Info {
			continue
		}
		found = append(found, fmt.Sprintf("%s %s|%s|%s|%s", f.Severity, f.Rule, tags[f.Record], f.Event, f.At))
	}
	slices.Sort(found)
	return found, slices.Collect(j.Outcomes(true))
}

const lives = 120

// Whatever happens to a recording, only real defects of the visit are found, and each
// defect is found or its demand is said not to be judgeable.
func TestLives(t *testing.T) {
	in := inspector(t).With(parsePlan(t, lifePlan))
	names := slices.Sorted(maps.Keys(messes))
	for _, defect := range defects {
		t.Run(defect.name, func(t *testing.T) {
			exactly := 0
			for seed := range uint64(lives) {
				r := rand.New(rand.NewPCG(seed, 7))
				visit := acts(r)
				want, _ := lived(t, in, live(r, defect.put(slices.Clone(visit))), false)
				var rules []string
				for _, w := range want {
					rules = append(rules, strings.SplitN(w, "|", 2)[0])
				}
				slices.Sort(rules)
				if rules = slices.Compact(rules); !slices.Equal(rules, defect.rules) {
					t.Fatalf("seed %d: without a mess %q", seed, want)
				}
				l := live(r, defect.put(slices.Clone(visit)))
				var what []string
				for range 1 + r.IntN(3) {
					name := names[r.IntN(len(names))]
					if !slices.Contains(what, name) {
						what = append(what, name)
						messes[name](l)
					}
				}
				got, outcomes := lived(t, in, l, seed < 20)
				if wrong := l.wrong(got, want, outcomes); wrong != "" {
					t.Fatalf("seed %d, %s: %s\n%s", seed, strings.Join(what, ", "), wrong, l.story())
				}
				if seed%10 == 0 {
					records, _ := l.records(t, false)
					agree(t, in, strings.Join(what, ", "), records)
				}
				if slices.Equal(got, want) {
					exactly++
				}
			}
			if exactly < lives/4 {
				t.Errorf("only %d of %d are judged as without a mess", exactly, lives)
			}
		})
	}
}

func tooMany(found string) bool { return strings.HasPrefix(found, "error unexpected-event|") }

// wrong says how the findings differ from those that are allowed, "" if they do not.
func (l *life) wrong(got, want []string, outcomes []journey.Outcome) string {
	unjudged := map[string]bool{}
	recorded := func(tag string) bool {
		return slices.ContainsFunc(l.scenes, func(s scene) bool { return s.call() && s.tag != "" && (tag == "" || s.tag == tag) })
	}
	visited := recorded("")
	for _, o := range outcomes {
		if o.State == journey.Unjudged {
			unjudged[o.Event] = true
			if o.Why == "" {
				return fmt.Sprintf("no reason: %+v", o)
			}
		}
	}
	for _, g := range got {
		if strings.HasPrefix(g, "error missing-event|") && strings.Contains(g, " message_operator_terminating|") &&
			slices.ContainsFunc(want, func(w string) bool {
				return strings.HasPrefix(w, "error missing-event|") && strings.Contains(w, " message_client_terminating|")
			}) {
			continue // the finding is on the question if the late answer is in another visit
		}
		if l.mixed && tooMany(g) && slices.ContainsFunc(want, tooMany) {
			continue // which of two calls is one too many depends on which came first
		}
		if !slices.Contains(want, g) && !slices.ContainsFunc(l.allowed, func(a string) bool { return strings.HasPrefix(g, a+"|") }) {
			return fmt.Sprintf("found %s\nbeside %q", g, want)
		}
	}
	for _, w := range want {
		if slices.Contains(got, w) {
			continue
		}
		if l.mixed && tooMany(w) && slices.ContainsFunc(got, tooMany) {
			continue
		}
		if !l.hides && !l.unclear {
			return "not found: " + w
		}
		tag, event := strings.Split(w, "|")[1], strings.Split(w, "|")[2]
		if tag != "" && !strings.Contains(w, "unexpected-event") && !recorded(tag) {
			continue // it is about a call that was not recorded
		}
		n, _, _ := strings.Cut(tag, " ")
		if i, err := strconv.Atoi(n); err == nil && event == "message_client_terminating" && !recorded(fmt.Sprint(i-1, " message_operator_terminating")) {
			continue
		}
		switch {
		case !visited && len(outcomes) > 0 && outcomes[0].Journey != "":
			continue // only other visits are left
		case !visited:
			event = "chat_requested" // without any visit, only this event is reported missing
		case strings.HasPrefix(w, "error before-consent"):
			if slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, "error before-consent") }) {
				continue // the same demand, at another call
			}
			event = "disclaimer_ok"
		case event == "message_operator_terminating":
			event = "message_client_terminating" // which is missing
		}
		if strings.HasPrefix(w, "error ") && !unjudged[event] && !slices.ContainsFunc([]string{
			"wrong-type",
			"undocumented-event",
			"handler-threw",
		}, func(rule string) bool { return strings.Contains(w, rule) }) {
			return fmt.Sprintf("neither found nor said not to be judgeable: %s", w)
		}
	}
	if len(want) == 0 && !l.hides && !l.unclear {
		for _, o := range outcomes {
			if o.State != journey.Met {
				return fmt.Sprintf("%+v", o)
			}
		}
	}
	return ""
}

// story writes a life down line by line, for messages.
func (l *life) story() string {
	var b strings.Builder
	for _, s := range l.scenes {
		fmt.Fprintf(&b, "%8.1f %+d %s^%d lost=%t %s %s%s%s %s %s\n", float64(s.at)/1000, s.clock/1000, s.doc, s.tab, s.lost, s.of.Kind,
			s.of.Event, s.of.State, s.of.Why, s.tag, s.of.URL)
	}
	return b.String()
}
