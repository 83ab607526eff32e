package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/paths"
)

// manualCommand prints the manual page that packages carry. It is hidden: with
// the program installed, "man userlike-inspector" shows the page.
func (a *app) manualCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "manual",
		Short:  "Print the manual page, in roff",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := io.WriteString(a.stdout, manual(cmd.Root())); err != nil {
				return fmt.Errorf("writing the manual page: %w", err)
			}
			return nil
		},
	}
}

// manual is the manual page of the command and all below it; see man(7).
func manual(root *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"%s %s\" \"User Commands\"\n", roff(strings.ToUpper(paths.Product)), roff(paths.Product), roff(extension.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(root.Name()), roff(root.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n[\\fICOMMAND\\fR] [\\fIFLAGS\\fR]\n", roff(root.Name()))
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s", paragraphs(root.Long))
	options(&b, "SH OPTIONS", root.PersistentFlags())
	b.WriteString(".SH COMMANDS\n")
	for _, c := range root.Commands() {
		command(&b, c)
	}
	b.WriteString(".SH EXIT STATUS\n.TP\n.B 0\nNothing was found, or all is well.\n.TP\n.B 1\nIt ran, and the answer is no.\n.TP\n.B 2\nIt could not run.\n")
	fmt.Fprintf(&b, ".SH ENVIRONMENT\n.TP\n.B %s\nThe file that records are kept in.\n", roff(paths.StoreVariable))
	return b.String()
}

func command(b *strings.Builder, c *cobra.Command) {
	if c.Hidden || c.Name() == "help" {
		return
	}
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintf(b, ".SS %s\n%s", roff(strings.TrimSuffix(c.UseLine(), " [flags]")), paragraphs(text))
	options(b, "", c.LocalNonPersistentFlags())
	for _, sub := range c.Commands() {
		command(b, sub)
	}
}

// options lists flags, under a heading unless that is "".
func options(b *strings.Builder, heading string, flags *pflag.FlagSet) {
	if heading != "" && flags.HasAvailableFlags() {
		fmt.Fprintf(b, ".%s\n", heading)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR", roff("--"+f.Name))
		if value != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", roff(value))
		}
		fmt.Fprintf(b, "\n%s\n", roff(usage))
	})
}

// paragraphs keeps indented lines as they are and lets others flow.
func paragraphs(text string) string {
	var b strings.Builder
	for _, part := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(part, "  ") || strings.Contains(part, "\n  ") {
			fmt.Fprintf(&b, ".PP\n.nf\n%s\n.fi\n", roff(part))
			continue
		}
		fmt.Fprintf(&b, ".PP\n%s\n", roff(part))
	}
	return b.String()
}

// roff escapes a text, of which no line may be taken for a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
