// Package cli is the command line: it parses, wires the other packages
// together and turns their errors into messages and exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
	exitFailed   = 2 // it could not run, or nothing could be judged
)

// errAnswerIsNo makes a command exit with exitFindings, without a further message.
var errAnswerIsNo = errors.New("the answer is no")

// orderlyEnd is how long further signals are ignored after the first one, because a session
// that is closed sends several at once.
const orderlyEnd = 2 * time.Second

// app is what every command works with.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	screen io.Writer // stderr itself, for what moves its cursor
	system paths.System
	now    func() time.Time
	hurry  context.Context // ends when the system is about to end this program
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
	a.hurry = hurry()
	// The first ^C ends the command in order, and so does closing the terminal.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// After orderlyEnd, a second signal ends the program at once.
	context.AfterFunc(ctx, func() { time.AfterFunc(orderlyEnd, stop) })
	// If the reader of our output ends, writing returns an error. SIGPIPE must not end
	// the program.
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
	case readerLeft(err):
		return exitFailed // the reader of our output has left; there is nobody to tell
	}
	fmt.Fprintf(stderr, "%s: %s\n", paths.Product, words.Plain(err))
	return exitFailed
}

func (a *app) rootCommand() *cobra.Command {
	var shown showing
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
			if err := a.needsTerminal(cmd); err != nil {
				return err
			}
			return a.show(cmd.Context(), &shown, nil)
		},
	}
	shown.flags(root)
	root.PersistentFlags().StringVar(&a.storeFile, "store", "", "the `FILE` that records are kept in (default $"+paths.StoreVariable+
		", else events.db in the user's data folder)")
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return noneEmpty(cmd.Flags()) }
	root.AddCommand(a.inspectCommand(), a.showCommand(), a.checkCommand(), a.exportCommand(), a.eventsCommand(), a.inferCommand(),
		a.markCommand(), a.waitCommand(), a.simulateCommand(), a.importCommand(), a.compareCommand(), a.extensionCommand(), a.schemaCommand(),
		filterTopic(), planTopic(), journeyTopic(), rulesTopic(), keysTopic())
	root.AddCommand(a.installCommand(), a.uninstallCommand(), a.doctorCommand(), a.manualCommand())
	root.AddCommand(ruleTopics()...)
	refuseUnknownTopics(root)
	if a.system.OS == "windows" {
		unshelled(root, "check", "compare", "import", "infer", "show", "simulate")
	}
	return root
}

// refuseUnknownTopics makes the library's own commands fail for unknown words, as all other
// commands do.
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

// takes refuses a wrong number of arguments. A most of -1 means any number.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if n := len(args); n < least || most >= 0 && n > most {
			return fmt.Errorf("wrong number of arguments (%d); write %s", n, cmd.UseLine())
		}
		return nil
	}
}

// oneOf refuses a flag's value that is none of the known ones.
func oneOf(flag, value string, known []string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return fmt.Errorf("--%s cannot be %s; use %s", flag, words.Typed(value), words.List(known, "or"))
}

// noneEmpty refuses flags that were given with an empty text. That is what a script gives
// whose variable is not set; as no flag at all, it would for example judge by no plan.
func noneEmpty(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if err == nil && f.Value.Type() == "string" && f.Value.String() == "" {
			err = fmt.Errorf("--%s is empty: write a value after it, or leave --%s out", f.Name, f.Name)
		}
	})
	return err
}

// flagError says in plain words what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name, dash := unknown.GetSpecifiedName(), "--"
		if unknown.GetSpecifiedShortnames() != "" {
			dash = "-"
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		hint := fmt.Sprintf("see %s --help", cmd.CommandPath())
		if near := words.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
		return fmt.Errorf("there is no flag %s%s; %s", dash, words.Short(name), hint)
	case errors.As(err, &empty):
		return fmt.Errorf("--%s needs a value after it; see %s --help", empty.GetFlag().Name, cmd.CommandPath())
	case errors.As(err, &wrong):
		hint := fmt.Sprintf("see %s --help", cmd.CommandPath())
		switch wrong.GetFlag().Value.Type() {
		case "duration":
			hint = "use a duration with its unit, such as 500ms, 30s or 5m"
		case "bool":
			hint = "write it without a value, or with =true or =false"
		}
		return fmt.Errorf("--%s cannot be %s; %s", wrong.GetFlag().Name, words.Typed(wrong.GetValue()), hint)
	}
	return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
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
	return fmt.Errorf("there is no command %s; %s", words.Typed(args[0]), hint)
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

// openExisting opens the store, which must exist.
func (a *app) openExisting(ctx context.Context) (*store.Store, error) {
	path, err := a.storePath()
	if err != nil {
		return nil, err
	}
	s, err := store.OpenExisting(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("nothing has been recorded yet: there is no store %s; record something first, for example with the command inspect, or name another store with --store", words.Path(path))
	}
	return s, err
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
