package journey

import (
	"fmt"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// answer is a demand of the catalogue: after an event, another one has to come in time.
type answer struct {
	doc    *schema.DocEvent
	within int64 // ms
}

// wanted are the calls in a journey that need one kind of answer: the questions.
type wanted struct {
	open []uint32 // questions without an answer so far
	late []pair   // questions whose answer came too late
	came newest   // the answers
}

// pair is two calls.
type pair struct{ first, second uint32 }

// ask notes whether the call is an answer, and whether it needs one.
func (v *journey) ask(j *Judge, c call, now uint32) {
	r := j.rules
	for _, i := range r.answeredBy[c.event] {
		w, within := v.asked.make(i), r.answers[i].within
		for _, q := range w.open {
			if observed.Awake(j.at(v.calls[q]), j.at(c)) > within {
				w.late = append(w.late, pair{q, now})
			}
		}
		w.open = nil
		w.came.last(v, now)
	}
	if i, ok := r.asks[c.event]; ok {
		if w := v.asked.make(i); !w.came.reaches(j, v, c) {
			w.open = append(w.open, now)
		}
	}
}

// judgeAnswers finds the calls that need an answer by the catalogue and got none in time.
func (k *known) judgeAnswers() {
	j, v := k.j, k.v
	for i, a := range j.rules.answers {
		w := v.asked.get(i)
		if w == nil {
			continue
		}
		judge := func(q call, after int64) {
			lasted, h := j.lasted(q, a.within)
			switch {
			case k.around(q, max(a.within, after)) != "":
			case lasted:
				k.tell(j.unanswered(a, after), q)
			default:
				k.await(inspect.MissingEvent, q, fmt.Sprintf("unless %s follows within %s", words.List(a.doc.Then, "or"), span(a.within)), h)
			}
		}
		for _, p := range w.late {
			judge(v.calls[p.first], j.elapsed(v.calls[p.first], v.calls[p.second]))
		}
		for _, q := range w.open {
			judge(v.calls[q], 0)
		}
	}
}

func (j *Judge) unanswered(a answer, after int64) Finding {
	list := words.List(a.doc.Then, "or")
	f := record.Finding{
		Expected: fmt.Sprintf("%s within %s", list, span(a.within)),
		Actual:   "none",
		Message:  fmt.Sprintf("%s was not followed by %s within %s, as by its description it should be. Check whether the widget could reach Userlike, and whether the answer was reported under another name.", a.doc.Name, list, span(a.within)),
		Demand:   fmt.Sprintf("%s: %s, as this product reads its description", j.inspector.Catalogue().Source, a.doc.Name),
		Severity: record.Warning,
	}
	if after > 0 {
		f.Actual = span(after) + " later"
		f.Message = fmt.Sprintf("%s was followed by %s only after %s; by its description it should be within %s. Check what kept the widget waiting.", a.doc.Name, list, span(after), span(a.within))
	}
	return verdict(inspect.MissingEvent, f)
}

// answers are the answers that the journey still waits for.
func (v *journey) answers(j *Judge) (all []Outcome) {
	for i, a := range j.rules.answers {
		w := v.asked.get(i)
		if w == nil {
			continue
		}
		for _, q := range w.open {
			c := v.calls[q]
			if _, h := j.lasted(c, a.within); h.until > 0 && j.clock <= c.time()+a.within {
				all = append(all, Outcome{
					Journey: v.id, Event: words.List(a.doc.Then, "or"), Expected: "after " + a.doc.Name, Source: j.inspector.Catalogue().Source,
					State: Pending, Deadline: clockTime(c.time() + a.within),
				})
			}
		}
	}
	return all
}
