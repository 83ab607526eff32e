package report

import (
	"cmp"
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/words"
)

// standings are the outcomes of the plan's demands: missing ones first, then those that
// could not be judged. A missing one that the plan accepts says so.
func (r *Report) standings() []journey.Outcome {
	order := []journey.State{journey.Missing, journey.Unjudged, journey.Met}
	all := slices.Clone(r.Outcomes)
	slices.SortStableFunc(all, func(a, b journey.Outcome) int {
		return cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State))
	})
	for i, o := range all {
		if o.State != journey.Missing {
			break
		}
		if by := r.acceptanceOf(o); by != nil {
			all[i].Why += "; the plan accepts it until " + by.Last() + by.Why()
		}
	}
	return all
}

// demanded is the demand of an outcome, in a line of plain text.
func demanded(o journey.Outcome) string {
	if o.Event == "" {
		return o.Expected
	}
	return words.Short(o.Event) + " " + o.Expected
}

// where is the journey or chat of an outcome.
func where(o journey.Outcome) string {
	in := cmp.Or(o.Journey, "any journey")
	if o.Chat != "" {
		in = "chat " + words.Short(o.Chat) + " of " + in
	}
	return in
}

// outcomeCounts counts the outcomes, in a sentence.
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

// acceptanceOf is by what the plan accepts a missing outcome, nil if it does not.
func (r *Report) acceptanceOf(o journey.Outcome) *plan.Acceptance {
	if slices.ContainsFunc(r.Findings, o.Breaks) {
		return nil
	}
	for _, a := range r.Accepted {
		if o.Breaks(a.Finding) {
			return a.By
		}
	}
	return nil
}
