package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
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
			for one := range j.judge.NewestConsents() {
				one.Accept(accepts)
				if c = append(c, one); len(c) > maxConsents {
					break
				}
			}
			return c
		},
	}
}

// worst is the sign of the worst finding among what was sent.
func (a *app) worst(c journey.Consent, none string, usual style) (glyph string, st style) {
	var found []record.Finding
	for _, s := range slices.Concat(c.Before, c.ForwardedBefore) {
		if s.Found != nil {
			found = append(found, s.Found.Finding)
		}
	}
	if len(found) == 0 {
		return none, usual
	}
	return a.theme.severity(record.Worst(found))
}

// consents are of the newest visits, these first.
type consents []journey.Consent

func (consents) changesUntil() time.Time { return time.Time{} }

// lines are the journeys, each with what was sent before and after the contact
// agreed.
func (visits consents) lines(a *app, cells int) (head []span, all []line) {
	head = []span{{faint, "  " + pad("TIME", 14, "") + "WHAT WAS SENT BEFORE AND AFTER THE CONTACT AGREED"}}
	for i, c := range visits {
		if i == maxConsents {
			all = append(all, line{}, line{spans: []span{{faint, "older visits are not listed"}}})
			break
		}
		glyph, st, says := a.theme.good, isGood, "agreed at "
		switch {
		case c.Agreed == nil:
			glyph, st = a.worst(c, a.theme.other, plain)
			says = c.Agreement()
		case len(c.Before)+len(c.ForwardedBefore) > 0:
			glyph, st = a.worst(c, a.theme.other, plain)
			says = fmt.Sprintf("%s sent before the contact agreed at ", plural(len(c.Before)+len(c.ForwardedBefore), "thing"))
			fallthrough
		default:
			says += a.clock(c.Agreed.Time.Time)
		}
		if len(all) > 0 {
			all = append(all, line{})
		}
		all = append(all, line{key: c.Journey, spans: []span{{st, glyph + " "}, {plain, says + "  "}, {strong, c.Journey}},
			open: a.openJourney(c), about: func(d *detail) { a.aboutConsent(d, c) }})
		for _, s := range slices.Concat(c.Before, c.ForwardedBefore) {
			all = append(all, a.sentLine(c, s, a.theme.other, plain, "before"))
		}
		agreed := line{key: c.Journey + " agreed", spans: []span{{faint, "  " + repeat(a.theme.rule, 3) + " " + c.Event + map[bool]string{true: " has not come so far ", false: " never came "}[c.Open] + repeat(a.theme.rule, 3)}},
			about: func(d *detail) { a.aboutConsent(d, c) }}
		if c.Agreed != nil {
			agreed.spans = []span{{isGood, "  " + a.theme.rule + " " + pad(a.clock(c.Agreed.Time.Time), 12, "") + c.Event + " " + repeat(a.theme.rule, max(0, cells-20-width(visible(c.Event))))}}
			agreed.open = openRecord(c.Agreed.Record)
		}
		all = append(all, agreed)
		for _, s := range slices.Concat(c.After, c.ForwardedAfter) {
			all = append(all, a.sentLine(c, s, a.theme.good, isGood, "after"))
		}
	}
	return head, all
}

// sentLine tells of something that was sent: by the client to the page or, in hits, to
// another site.
func (a *app) sentLine(c journey.Consent, s journey.Sent, glyph string, st style, when string) line {
	switch {
	case s.Found != nil:
		glyph, st = a.theme.severity(s.Found.Severity)
	case c.Agreed == nil:
		glyph, st = a.theme.other, plain
	}
	early, more := s.Earlier(), ""
	if early != "" {
		early += "  "
	}
	if s.Calls > 1 {
		more = fmt.Sprintf("  %d times, last at %s", s.Calls, a.clock(s.Last.Time.Time))
	}
	by := ""
	if s.To != "" {
		by = " " + a.theme.to + " " + placeOf(s.To)
	}
	if s.At != "" {
		by += " in " + s.First.Event
	}
	return line{
		key:   c.Journey + when + s.What + " " + s.To,
		spans: []span{{st, "  " + glyph + " "}, {faint, pad(a.clock(s.First.Time.Time), 12, "") + early}, {plain, s.What}, {faint, by + more}},
		open:  openRecord(s.First.Record),
		about: func(d *detail) {
			a.aboutConsent(d, c)
			d.fact("what", strings.TrimSpace(s.What+" "+s.At))
			d.fact("to", s.To)
			if early := s.Earlier(); early != "" {
				d.fact("sent", early+" "+c.Event)
			}
			if s.Found != nil {
				d.text(plain, s.Found.Message)
			}
			zone := a.opts.Now().Location()
			d.fact("first", stamp(s.First.Time, zone)+"  "+s.First.Record)
			if s.Calls > 1 {
				d.fact("last", stamp(s.Last.Time, zone)+"  "+s.Last.Record)
			}
		},
	}
}

func (a *app) aboutConsent(d *detail, c journey.Consent) {
	if c.Agreed == nil {
		d.text(plain, fmt.Sprintf("No %s was recorded in this visit"+map[bool]string{true: " so far", false: ""}[c.Open]+". That is wrong only where the contact has to agree; a plan can say so.", c.Event))
	} else {
		d.text(plain, fmt.Sprintf("The contact agreed by %s at %s.", c.Event, stamp(c.Agreed.Time, a.opts.Now().Location())))
	}
	d.fact("journey", c.Journey)
	d.fact("site", c.Site)
}
