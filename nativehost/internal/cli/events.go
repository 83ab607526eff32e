package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/schema"
)

func (a *app) eventsCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List the documented events and fields, and the rules they are judged by",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "text":
				return eventsText(a.stdout)
			case "json":
				return eventsJSON(a.stdout)
			}
			return fmt.Errorf("--format %q: want text or json", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
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
	fmt.Fprintf(t, "\nEvents and fields are those of Userlike's page %q; meanings are in this product's words.\n", c.Source)
	return t.Flush()
}

func eventsJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(schema.Catalogue())
}
