// Package cli is the command line: it parses, wires the other packages
// together and turns their errors into messages and exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// The exit codes of every command.
const (
	exitOK       = 0
	exitFindings = 1 // it ran, and the answer is no
	exitFailed   = 2 // it could not run
)

// errAnswerIsNo makes a command exit with exitFindings; all has been said.
var errAnswerIsNo = errors.New("the answer is no")

// orderlyEnd is how long signals are only taken for what they were at first: a
// session that is closed sends several at once.
const orderlyEnd = 2 * time.Second

// app is what every command works with.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	screen io.Writer // stderr itself, for what moves its cursor
	system paths.System
	now    func() time.Time
	// storeFile is --store; storePath says what it stands for when empty.
	storeFile string
}

// Run executes the command line args, without the program's name, and returns
// the exit code.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	screen := stderr
	stderr = sanitize.Writer(screen) // file names and errors may say anything
	a := &app{
		stdin: stdin, stdout: stdout, stderr: stderr, screen: screen,
		system: paths.System{OS: runtime.GOOS, Getenv: os.Getenv},
		now:    time.Now,
	}
	if startedByBrowser(args) {
		return a.host()
	}
	// A first ^C ends things in order, and so does closing the terminal.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// What does not come to its end by then is ended by a second one.
	context.AfterFunc(ctx, func() { time.AfterFunc(orderlyEnd, stop) })
	// A reader of our output that leaves is an error of writing, not our death.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errAnswerIsNo):
		return exitFindings
	case errors.Is(err, syscall.EPIPE):
		return exitFailed // the reader of our output has left; there is nobody to tell
	}
	fmt.Fprintf(stderr, "%s: %v\n", paths.Product, err)
	return exitFailed
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   paths.Product,
		Short: "See and judge what a site sends through its Userlike chat widget",
		Long: `See and judge what a site sends through its Userlike chat widget.

Without a command it shows what has been recorded, live, in the terminal.`,
		Version:       extension.Version,
		SilenceErrors: true,
		SilenceUsage:  true,

		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !a.onTerminal() {
				cmd.SetOut(a.stderr)
				if err := cmd.Help(); err != nil {
					return err
				}
				return errors.New("the terminal UI needs a terminal; without one, use a command such as check or export")
			}
			return a.show(cmd.Context())
		},
	}
	root.PersistentFlags().StringVar(&a.storeFile, "store", "", "the `FILE` that records are kept in (default $"+paths.StoreVariable+
		", else events.db in the user's data folder)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(a.inspectCommand(), a.checkCommand(), a.exportCommand(), a.eventsCommand(), a.inferCommand(),
		a.markCommand(), a.waitCommand(), a.simulateCommand(), a.importCommand(), a.compareCommand(), a.extensionCommand(), a.schemaCommand(),
		filterTopic(), planTopic(), journeyTopic(), rulesTopic(), keysTopic())
	root.AddCommand(a.installCommand(), a.uninstallCommand(), a.doctorCommand(), a.manualCommand())
	root.AddCommand(ruleTopics()...)
	refuseUnknownTopics(root)
	return root
}

// refuseUnknownTopics makes the commands that the library brings fail for words
// that they don't know, as all others do.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				if found, _, err := root.Find(args); err != nil || found == root {
					return unknownCommand(root, args)
				}
				return nil
			}
		case "completion":
			c.Args, c.RunE = unknownCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// takes refuses another number of arguments than the command takes; most is -1
// for any number.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if n := len(args); n < least || most >= 0 && n > most {
			return fmt.Errorf("found %s; want %s", words.Plural(n, "argument"), cmd.UseLine())
		}
		return nil
	}
}

// unknownCommand refuses words that are no command, naming the nearest one.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see " + cmd.CommandPath() + " --help"
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near := words.Nearest(args[0], names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return fmt.Errorf("there is no command %q; %s", args[0], hint)
}

// onTerminal reports whether both ends of the conversation are a terminal.
func (a *app) onTerminal() bool {
	in, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return false
	}
	out, ok := a.stdout.(*os.File)
	return ok && term.IsTerminal(int(out.Fd()))
}

// text is where results go that are plain text.
func (a *app) text() io.Writer { return sanitize.Writer(a.stdout) }

// storePath is the store's file: --store, else the variable, else the default.
func (a *app) storePath() (string, error) {
	if a.storeFile != "" {
		return a.storeFile, nil
	}
	return a.system.Store()
}

// openStore opens the store, making it when there is none.
func (a *app) openStore(ctx context.Context) (*store.Store, error) {
	path, err := a.storePath()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, path)
}

// newInspector compiles the schemas that came with the binary.
func newInspector() (*inspect.Inspector, error) {
	i, err := inspect.New()
	if err != nil {
		return nil, fmt.Errorf("the built-in schemas: %w", err)
	}
	return i, nil
}
