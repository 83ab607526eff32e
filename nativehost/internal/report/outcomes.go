package report

import (
	"cmp"
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/words"
)

// standings are the outcomes of what the plan demands: what is missing first, then
// what could not be judged.
func (r *Report) standings() []journey.Outcome {
	order := []journey.State{journey.Missing, journey.Unjudged, journey.Met}
	all := slices.Clone(r.Outcomes)
	slices.SortStableFunc(all, func(a, b journey.Outcome) int {
		return cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State))
	})
	return all
}

// demanded is what an outcome is of, in a line of plain text.
func demanded(o journey.Outcome) string {
	if o.Event == "" {
		return o.Expected
	}
	return words.Short(o.Event) + " " + o.Expected
}

// where is what an outcome is in.
func where(o journey.Outcome) string {
	in := cmp.Or(o.Journey, "any journey")
	if o.Chat != "" {
		in = "chat " + words.Short(o.Chat) + " of " + in
	}
	return in
}

// outcomeCounts says how the outcomes came out, in a sentence.
func (r *Report) outcomeCounts() string {
	n := map[journey.State]int{}
	for _, o := range r.Outcomes {
		n[o.State]++
	}
	return words.Plural(len(r.Outcomes), "demand") + " of the plan: " +
		words.List([]string{
			fmt.Sprintf("%d met", n[journey.Met]),
			fmt.Sprintf("%d missing", n[journey.Missing]),
			fmt.Sprintf("%d not judgeable", n[journey.Unjudged]),
		}, "and") + "."
}

// bears is by what the plan accepts that something is missing, nil if it does not.
func (r *Report) bears(o journey.Outcome) *plan.Acceptance {
	is := func(f journey.Finding) bool {
		if f.Journey != o.Journey || o.Event != "" && f.Event != o.Event {
			return false
		}
		if o.Rule != "" {
			return f.Rule == o.Rule
		}
		return f.Demand == o.Source
	}
	if slices.ContainsFunc(r.Findings, is) {
		return nil
	}
	for _, a := range r.Accepted {
		if is(a.Finding) {
			return a.By
		}
	}
	return nil
}
