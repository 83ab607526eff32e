package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/words"
)

// browsersFor finds the browsers that o names, or the preferred one. If there is none, it
// installs one, provided that --get-browser was given or the user answers yes.
func (a *app) browsersFor(ctx context.Context, o *inspection) ([]browser.Browser, error) {
	for {
		browsers, missing, err := o.choose(ctx)
		if !errors.Is(err, browser.ErrNone) || strings.ContainsAny(missing, `/\`) {
			return browsers, err
		}
		if err := a.getBrowser(ctx, o, missing, err); err != nil {
			return nil, err
		}
		if again, still, err := o.choose(ctx); !errors.Is(err, browser.ErrNone) {
			return again, err
		} else if still == missing {
			return nil, fmt.Errorf("what was installed is of no use: %w", err)
		}
	}
}

// getBrowser installs the browser with that name. why is the error that says it is
// missing; it is returned if the browser cannot or shall not be installed.
func (a *app) getBrowser(ctx context.Context, o *inspection, name string, why error) error {
	getter, err := browser.Here().Getter(name, os.Geteuid() == 0)
	if err != nil {
		if o.getBrowser {
			return err
		}
		return why
	}
	commands := getter.Commands()
	if !o.getBrowser {
		if !a.onTerminal() {
			return fmt.Errorf("%w; --get-browser installs one by: %s", why, strings.Join(commands, "; "))
		}
		fmt.Fprintf(a.stderr, "%s.\nInstall one by this?\n  %s\n[y/N] ", words.Plain(why), strings.Join(commands, "\n  "))
		if agreed, err := a.agrees(); err != nil {
			return err
		} else if !agreed {
			return why
		}
	}
	return getter.Get(ctx, a.runShown)
}

// runShown runs a command and returns its output. Unless quiet, the command and its
// output are shown on stderr instead.
func (a *app) runShown(ctx context.Context, args []string, quiet bool) (string, error) {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout = &output
	if !quiet {
		fmt.Fprintf(a.stderr, "+ %s\n", strings.Join(args, " "))
		cmd.Stdout, cmd.Stderr = a.stderr, a.stderr
		if a.onTerminal() {
			cmd.Stdin = a.stdin // sudo may ask for a password
		}
	}
	err := cmd.Run()
	if err != nil && !quiet {
		fmt.Fprintf(a.stderr, "%s: %s\n", args[0], words.Plain(err))
	}
	return output.String(), err
}
