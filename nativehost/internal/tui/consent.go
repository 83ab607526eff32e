package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
)

// maxConsents bounds how many visits are listed.
const maxConsents = 500

func consentView() viewKind {
	return viewKind{
		name: "Consent", meaning: "the consent: what was sent, and to whom, before the contact agreed",
		empty: []string{"No contact has agreed to the privacy notice yet, and nothing personal was sent.", "",
			"As soon as that happens, each visit is listed here with what was sent before and after disclaimer_ok."},
		content: func(j *judge) content {
			var c consents
			accepts := j.accepts.Clone()
			for one := range j.visits.NewestConsents() {
				one.Accept(accepts)
				if c = append(c, one); len(c) > maxConsents {
					break
				}
			}
			return c
		},
	}
}

// worst is the sign of the worst finding on what was sent too early.
func (t *theme) worst(c journey.Consent) (glyph string, st style) {
	var found []record.Finding
	open := false // something may still be found to be too early
	for _, s := range slices.Concat(c.Before, c.ForwardedBefore) {
		if open = open || s.Open; s.Found != nil {
			found = append(found, s.Found.Finding)
		}
	}
	switch {
	case len(found) > 0:
		return t.severity(record.Worst(found))
	case open:
		return t.pending, isPending
	}
	return t.other, plain
}

// consents are what was sent before and after the contact agreed, by visit, the newest visit
// first.
type consents []journey.Consent

func (consents) changesUntil() time.Time { return time.Time{} }

// lines lists each visit: a title, what was sent before, the moment of the agreement, and
// what was sent after it.
func (visits consents) lines(t *theme, cells int) (head []span, all []line) {
	head = []span{{faint, "  " + pad("TIME", 14, "") + "WHAT WAS SENT BEFORE AND AFTER THE CONTACT AGREED"}}
	for i, c := range visits {
		if i == maxConsents {
			all = append(all, line{}, line{spans: []span{{faint, "older visits are not listed"}}})
			break
		}
		glyph, st, says := t.good, isGood, "agreed at "
		switch {
		case c.Agreed == nil:
			glyph, st = t.worst(c)
			says = c.Agreement()
		case len(c.Before)+len(c.ForwardedBefore) > 0:
			glyph, st = t.worst(c)
			says = fmt.Sprintf("%s sent before the contact agreed at ", words.Plural(len(c.Before)+len(c.ForwardedBefore), "thing"))
			fallthrough
		default:
			says += t.clock(c.Agreed.Time.Time)
		}
		if len(all) > 0 {
			all = append(all, line{})
		}
		all = append(all, line{
			key:     c.Journey,
			spans:   []span{{st, glyph + " "}, {plain, says + "  "}, {strong, c.Journey}},
			open:    func(a *app) { a.openFound(filter.Visit(c.Journey, c.Session, c.Documents)) },
			choices: func() []choice { return choicesOfConsent(c) },
			about:   func(d *detail) { d.consent(c) },
		})
		for _, s := range slices.Concat(c.Before, c.ForwardedBefore) {
			all = append(all, t.sentLine(c, s, t.other, plain, "before"))
		}
		all = append(all, t.agreedLine(c, cells))
		for _, s := range slices.Concat(c.After, c.ForwardedAfter) {
			all = append(all, t.sentLine(c, s, t.good, isGood, "after"))
		}
	}
	return head, all
}

// agreedLine is the line of the moment when the contact agreed, or that says that they did not.
func (t *theme) agreedLine(c journey.Consent, cells int) line {
	rule := t.rule
	l := line{
		key:     c.Journey + " agreed",
		choices: func() []choice { return choicesOfConsent(c) },
		about:   func(d *detail) { d.consent(c) },
	}
	switch {
	case c.Agreed != nil:
		text := "  " + rule + " " + pad(t.clock(c.Agreed.Time.Time), 12, "") + c.Event + " "
		l.spans = []span{{isGood, text + repeat(rule, cells-20-width(visible(c.Event)))}}
		l.open = openRecord(c.Agreed.Record)
	case c.Open:
		l.spans = []span{{faint, "  " + repeat(rule, 3) + " " + c.Event + " has not come so far " + repeat(rule, 3)}}
	default:
		l.spans = []span{{faint, "  " + repeat(rule, 3) + " " + c.Event + " never came " + repeat(rule, 3)}}
	}
	return l
}

// sentLine is the line of one thing that was sent: by the client to the page or, in a hit,
// on to another site. glyph and st are its sign if there is nothing worse to say; when is
// "before" or "after" and makes its key unique.
func (t *theme) sentLine(c journey.Consent, s journey.Sent, glyph string, st style, when string) line {
	switch {
	case s.Found != nil:
		glyph, st = t.severity(s.Found.Severity)
	case s.Open:
		glyph, st = t.pending, isPending
	case c.Agreed == nil:
		glyph, st = t.other, plain
	}
	early, more := s.Earlier(), ""
	if early != "" {
		early += "  "
	}
	if s.Calls > 1 {
		more = fmt.Sprintf("  %d times, last at %s", s.Calls, t.clock(s.Last.Time.Time))
	}
	by := ""
	if s.To != "" {
		by = " " + t.to + " " + withoutScheme(s.To)
	}
	if s.At != "" {
		by += " in " + s.First.Event
	}
	return line{
		key:   c.Journey + when + s.What + " " + s.To,
		spans: []span{{st, "  " + glyph + " "}, {faint, pad(t.clock(s.First.Time.Time), 12, "") + early}, {plain, s.What}, {faint, by + more}},
		open:  openRecord(s.First.Record),
		choices: func() []choice {
			all := append(choicesOfConsent(c), textChoices([2]string{"e", "event:" + filter.Quote(s.First.Event)})()...)
			if s.At != "" && s.To == "" {
				all = append(all, choice{key: "p", text: filter.QuoteName(s.At) + ":*"})
			}
			if s.Found != nil {
				all = append(all, choice{key: "r", text: "rule:" + filter.Quote(s.Found.Rule)})
			}
			if s.To != "" {
				all = append(all, atPlace(s.To))
			}
			return all
		},
		about: func(d *detail) {
			d.consent(c)
			d.fact("what", strings.TrimSpace(s.What+" "+s.At))
			d.fact("to", s.To)
			if early := s.Earlier(); early != "" {
				d.fact("sent", early+" "+c.Event)
			}
			if s.Found != nil {
				d.text(plain, s.Found.Message)
			} else if s.Open {
				d.text(plain, "Pending: it is found to be too early if "+c.Event+" comes later in this visit, or not at about the same time.")
			}
			d.fact("first", t.stamp(s.First.Time)+"  "+s.First.Record)
			if s.Calls > 1 {
				d.fact("last", t.stamp(s.Last.Time)+"  "+s.Last.Record)
			}
		},
	}
}

// choicesOfConsent are what f offers to filter by on the lines of a visit.
func choicesOfConsent(c journey.Consent) []choice {
	return []choice{visitChoice(c.Journey, c.Session, c.Documents), {key: "s", text: onSite(c.Site)}}
}

// consent tells whether and when the contact agreed.
func (d *detail) consent(c journey.Consent) {
	if c.Agreed == nil {
		when := ""
		if c.Open {
			when = " so far"
		}
		d.text(plain, fmt.Sprintf("No %s was recorded in this visit%s. That is wrong only where the contact has to agree; a plan can say so.", c.Event, when))
	} else {
		d.text(plain, fmt.Sprintf("The contact agreed by %s at %s.", c.Event, d.theme.stamp(c.Agreed.Time)))
	}
	d.fact("journey", c.Journey)
	d.fact("site", c.Site)
}
