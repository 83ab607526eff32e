package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"userlike-inspector/nativehost/internal/compare"
	"userlike-inspector/nativehost/internal/markdown"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// Comparison is the report on the differences between two recordings. Markdown and HTML are
// for other people, so they leave out the messages of findings, which quote what contacts
// sent.
type Comparison struct {
	Before, After Side
	compare.Result
	All bool // the small differences are listed, too
}

// Side is one of the recordings.
type Side struct {
	Name     string `json:"name"`
	Calls    int    `json:"calls"`
	Journeys int    `json:"journeys"`
}

func (s Side) String() string {
	return fmt.Sprintf("%s: %s in %s", sanitize.Line(s.Name), words.Plural(s.Calls, "call"), words.Plural(s.Journeys, "journey"))
}

const comparisonMissed = "The arguments have more places than are told apart; not all of them were compared."

// sum is the last line of the report.
func (c *Comparison) sum() string {
	n := map[compare.Verdict]int{}
	for _, change := range c.Changes {
		n[change.Verdict]++
	}
	return fmt.Sprintf("%d got better, %d worse, %d changed; %s may be chance.", n[compare.Better], n[compare.Worse], n[compare.Changed], words.Plural(len(c.Small), "small difference"))
}

// listed are the changes that are shown.
func (c *Comparison) listed() []compare.Change {
	if c.All {
		return append(c.Changes[:len(c.Changes):len(c.Changes)], c.Small...)
	}
	return c.Changes
}

// Text writes it for a terminal.
func (c *Comparison) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "before  %s\nafter   %s\n", c.Before, c.After)
	all := c.listed()
	for i, change := range all {
		if i == 0 || change.Verdict != all[i-1].Verdict {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%-7s  %-11s  %s\n         %-11s  %s\n", change.Verdict, change.Aspect, sanitize.Line(change.What), "", sanitize.Line(change.Message))
		if change.Finding != "" {
			fmt.Fprintf(&b, "         %-11s  %s\n", "", sanitize.Line(change.Finding))
		}
	}
	fmt.Fprintf(&b, "\n%s\n", c.sum())
	if !c.All && len(c.Small) > 0 {
		b.WriteString("--all lists the small differences, too.\n")
	}
	if c.Missed {
		b.WriteString(comparisonMissed + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type jsonChange struct {
	Verdict string `json:"verdict"`
	Aspect  string `json:"aspect"`
	What    string `json:"what"`
	Message string `json:"message"`
	Finding string `json:"finding"` // its own words, "" for none
}

// JSON writes all of it for programs.
func (c *Comparison) JSON(w io.Writer) error {
	change := func(c compare.Change) jsonChange {
		return jsonChange{c.Verdict.String(), c.Aspect, c.What, c.Message, c.Finding}
	}
	return sanitize.WriteJSON(w, struct {
		Before  Side         `json:"before"`
		After   Side         `json:"after"`
		Changes []jsonChange `json:"changes"`
		Small   []jsonChange `json:"small"` // differences that may be chance
		Worse   bool         `json:"worse"`
		Missed  bool         `json:"missed"` // not all places were compared
	}{c.Before, c.After, each(c.Changes, change), each(c.Small, change), c.Worse(), c.Missed})
}

// Markdown writes it for a ticket.
func (c *Comparison) Markdown(w io.Writer) error {
	var m markdownPage
	m.line("# Comparison of two recordings\n")
	m.line("- Before: %s\n- After: %s\n", markdown.Prose(c.Before.String()), markdown.Prose(c.After.String()))
	var parts []string
	for _, change := range c.listed() {
		parts = append(parts, fmt.Sprintf("- **%s** %s %s: %s\n", change.Verdict, change.Aspect, markdown.Code(change.What), markdown.Prose(change.Message)))
	}
	m.section("What changed", roomForFindings, parts)
	m.line("\n%s", c.sum())
	if c.Missed {
		m.line("\n%s", comparisonMissed)
	}
	_, err := io.WriteString(w, m.String())
	return err
}

//go:embed comparison.html.tmpl
var comparisonTemplate string

// HTML writes it as one page that needs no other files.
func (c *Comparison) HTML(w io.Writer) error {
	page, err := template.New("comparison").Funcs(template.FuncMap{"line": sanitize.Line}).Parse(comparisonTemplate)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(htmlStyle))
	missed := ""
	if c.Missed {
		missed = comparisonMissed
	}
	return page.Execute(w, map[string]any{
		"Style": template.CSS(htmlStyle), "Policy": policy(digest[:]), "Comparison": c, "Changes": c.listed(), "Sum": c.sum(), "Missed": missed,
	})
}

// policy is a content security policy that allows the page's own style, by its digest, and
// nothing else.
func policy(digest []byte) string {
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'", base64.StdEncoding.EncodeToString(digest))
}
