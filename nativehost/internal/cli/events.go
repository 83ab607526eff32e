package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/schema"
)

func (a *app) eventsCommand() *cobra.Command {
	var format string
	var rules, samples bool
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List the documented events and fields, and the rules they are judged by",
		Long: `List the documented events and fields, and the rules they are judged by.

With --rules every rule is explained, with an example that triggers it and one
that does not; help RULE explains one. With --samples the calls are listed that
simulate makes: {run} and numbers differ from run to run and from call to call.`,
		Args: takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			switch {
			case samples && rules:
				return errors.New("--samples and --rules do not work together; leave one out")
			case samples:
				return writeSamples(a.stdout)
			case format == "text" && rules:
				return rulesText(a.stdout)
			case format == "text":
				return eventsText(a.stdout)
			case format == "json" && rules:
				return sanitize.WriteJSON(a.stdout, rulesJSON())
			case format == "json":
				return sanitize.WriteJSON(a.stdout, schema.Catalogue())
			}
			return oneOf("format", format, textOrJSON)
		},
	}
	cmd.Flags().BoolVar(&rules, "rules", false, "explain the rules instead")
	cmd.Flags().BoolVar(&samples, "samples", false, "list what simulate sends instead, a call a line, as JSON")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(textOrJSON, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// writeSamples writes the calls of a simulation of all events, as JSON, one a line.
func writeSamples(w io.Writer) error {
	for _, c := range simulation.Samples(documentedEvents(), "{run}", nil) {
		line, err := json.Marshal(struct {
			Event     string             `json:"event"`
			Variant   simulation.Variant `json:"variant"`
			Args      json.RawMessage    `json:"args"`
			Undefined []string           `json:"undefined"`
		}{c.Event, c.Variant, c.Args, c.Undefined})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", line); err != nil {
			return err
		}
	}
	return nil
}

func eventsText(w io.Writer) error {
	c := schema.Catalogue()
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "EVENT\tMEANING\n")
	for _, e := range c.Events {
		fmt.Fprintf(t, "%s\t%s\n", e.Name, e.Description)
		if len(e.Needs) > 0 {
			fmt.Fprintf(t, "\t  after %s\n", strings.Join(e.Needs, " or "))
		}
		if len(e.Then) > 0 {
			fmt.Fprintf(t, "\t  followed by %s within %s\n", strings.Join(e.Then, " or "), e.Within)
		}
	}
	fmt.Fprintf(t, "\nFIELD\tTYPE\tMEANING\n")
	for _, f := range append(c.Arguments, c.Fields...) {
		presence := ""
		if !f.Required {
			presence = ", may be undefined"
		}
		fmt.Fprintf(t, "%s %s\t%s%s\t%s\n", f.At, f.Name, f.Type, presence, f.Description)
	}
	fmt.Fprintf(t, "\nRULE\tSEVERITY\tMEANING\n")
	for _, r := range inspect.Rules() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.Name, r.Severity, r.Meaning)
	}
	fmt.Fprintf(t, "\nEvents and fields are those of Userlike's page “%s”; the descriptions are this product's own.\n", c.Source)
	return t.Flush()
}

// rulePage explains a rule as text for a terminal.
func rulePage(r inspect.Rule) string {
	page := r.Page()
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, judged on each %s. %s\n\n", r.Name, r.Severity, r.On, r.Meaning)
	for paragraph := range strings.Lines(page.Text) {
		wrap(&b, paragraph)
	}
	fmt.Fprintf(&b, "\nSource: %s.\n", r.Source)
	for _, example := range []struct{ title, text string }{
		{"With this plan", page.Plan}, {"This triggers it", page.Triggers}, {"This does not", page.Passes},
	} {
		if example.text != "" {
			fmt.Fprintf(&b, "\n%s:\n\n%s\n", example.title, example.text)
		}
	}
	return b.String()
}

// lineLength is how many characters fit into a line of the smallest terminal.
const lineLength = 79

// wrap writes a paragraph in lines of at most lineLength characters, broken between words.
func wrap(b *strings.Builder, paragraph string) {
	length := 0
	for i, word := range strings.Fields(paragraph) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case length+1+n > lineLength:
			b.WriteByte('\n')
			length = 0
		default:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += n
	}
	b.WriteByte('\n')
}

func rulesText(w io.Writer) error {
	var b strings.Builder
	for i, r := range inspect.Rules() {
		if i > 0 {
			fmt.Fprintf(&b, "\n%s\n\n", strings.Repeat("-", lineLength))
		}
		b.WriteString(rulePage(r))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type ruleJSON struct {
	Name     string          `json:"name"`
	Severity record.Severity `json:"severity"`
	On       string          `json:"on"`
	Meaning  string          `json:"meaning"`
	Text     string          `json:"text"`
	Source   string          `json:"source"`
	Plan     string          `json:"plan,omitempty"`
	Triggers string          `json:"triggers"`
	Passes   string          `json:"passes"`
}

func rulesJSON() []ruleJSON {
	var all []ruleJSON
	for _, r := range inspect.Rules() {
		page := r.Page()
		all = append(all, ruleJSON{r.Name, r.Severity, r.On, r.Meaning, page.Text, r.Source, page.Plan, page.Triggers, page.Passes})
	}
	return all
}

// ruleTopics makes each rule a topic of the help command.
func ruleTopics() []*cobra.Command {
	var topics []*cobra.Command
	for _, r := range inspect.Rules() {
		topics = append(topics, &cobra.Command{Use: r.Name, Short: r.Meaning, Long: strings.TrimRight(rulePage(r), "\n"), Hidden: true})
	}
	return topics
}
