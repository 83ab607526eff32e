package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/doctor"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/sanitize"
)

func (a *app) doctorCommand() *cobra.Command {
	var o installation
	var format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why nothing arrives",
		Long: `Find out why nothing arrives: look at every stage from the browser to the store.

Exit code 0: all is well. 1: something is broken. 2: doctor could not find out.`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, textOrJSON); err != nil {
				return err
			}
			r, err := a.doctor(cmd.Context(), o)
			if err != nil {
				return err
			}
			if format == "json" {
				err = sanitize.WriteJSON(a.stdout, r)
			} else {
				err = doctorText(a.text(), r)
			}
			if err != nil {
				return fmt.Errorf("writing what was found: %w", err)
			}
			if r.Broken > 0 {
				return errAnswerIsNo
			}
			return nil
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "how to write what was found: text or json")
	// The flag exists, which is all that can go wrong here.
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(textOrJSON, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) doctor(ctx context.Context, o installation) (*doctor.Report, error) {
	i, err := a.installer(o)
	if err != nil {
		return nil, err
	}
	var browsers []browser.Browser
	if o.profile == "" {
		if browsers, err = o.chosen(ctx, i.System); err != nil {
			return nil, err
		}
		if len(browsers) == 0 {
			_, err := i.System.Choose(ctx, "")
			return nil, err
		}
	}
	path, err := a.storePath()
	if err != nil {
		return nil, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	contacts, err := contact.Folder(a.system)
	if err != nil {
		return nil, err
	}
	return doctor.Run(ctx, doctor.Options{
		Installer: i, Browsers: browsers, Store: path, Contacts: contacts, Log: a.hostLog(), Now: a.now, Patience: 10 * time.Second,
	})
}

func doctorText(w io.Writer, r *doctor.Report) error {
	for _, c := range r.Checks {
		sign := "ok    "
		switch {
		case c.Broken:
			sign = "BROKEN"
		case c.State != glossary.Fine:
			sign = "note  "
		}
		which := c.Which
		if which != "" {
			which = " " + which
		}
		if _, err := fmt.Fprintf(w, "%s  %s%s: %s\n", sign, c.What, which, c.Text); err != nil {
			return err
		}
		if c.Remedy == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "        → %s\n", c.Remedy); err != nil {
			return err
		}
	}
	verdict := "Nothing is broken."
	unheard := slices.ContainsFunc(r.Checks, func(c doctor.Check) bool { return c.What == "extension" && c.State == glossary.ExtensionUnheard })
	switch {
	case r.Broken == 0 && unheard:
		verdict = "Nothing is broken as far as can be seen, but the extension was never loaded there: load it, then look again."
	case r.Broken == 1:
		verdict = "1 thing is broken."
	case r.Broken > 1:
		verdict = fmt.Sprintf("%d things are broken.", r.Broken)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", verdict)
	return err
}
