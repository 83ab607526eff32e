package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/install"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/winreg"
	"userlike-inspector/nativehost/internal/words"
)

// installation holds the flags of install, uninstall and doctor.
type installation struct {
	browser string // --browser
	profile string // --user-data-dir
	dryRun  bool   // --dry-run, not of doctor
	purge   bool   // --purge, of uninstall
}

func (o *installation) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.browser, "browser", "", "only this browser, by `NAME|PATH` (default every one that is installed)")
	f.StringVar(&o.profile, "user-data-dir", "", "only the Chromium browser that is started with this `DIR`")
	// The flags exist, which is all that can go wrong here.
	_ = cmd.MarkFlagDirname("user-data-dir")
	_ = cmd.RegisterFlagCompletionFunc("browser", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var names []string
		for _, k := range browser.Kinds() {
			names = append(names, strings.ToLower(k.Name))
		}
		return names, cobra.ShellCompDirectiveDefault
	})
}

func (a *app) installCommand() *cobra.Command {
	var o installation
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Register this program with your browsers, for daily use",
		Long: `Register this program with your browsers, for daily use.

It copies itself and the extension to your data folder, tells each browser
where it is, and prints how to load the extension. Only your own folders are
written. Running it again repairs what is broken; uninstall takes it back.`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.install(cmd.Context(), o) },
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what would be done")
	return cmd
}

func (a *app) uninstallCommand() *cobra.Command {
	var o installation
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Take back what install did; recordings stay",
		Args:  takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.purge && (o.browser != "" || o.profile != "") {
				return errors.New("--purge removes everything, so it goes without --browser and --user-data-dir")
			}
			return a.uninstall(cmd.Context(), o)
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what would be done")
	cmd.Flags().BoolVar(&o.purge, "purge", false, "remove recordings and logs, too")
	return cmd
}

// installer is the installer for o, which prints its steps to stdout. It also removes
// programs that an update has replaced. That is not printed, because nothing uses them.
func (a *app) installer(o installation) (*install.Installer, error) {
	data, err := a.system.Data()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	i := &install.Installer{
		System: browser.Here(), Registry: browser.Lasting(winreg.User()), Data: data, Program: self, DryRun: o.dryRun,
		Say: func(verb, what string) { fmt.Fprintf(a.text(), "%-16s %s\n", verb, what) },
	}
	if o.profile != "" {
		if i.Profile, err = filepath.Abs(o.profile); err != nil {
			return nil, fmt.Errorf("--user-data-dir %s: %w", words.Path(o.profile), err)
		}
	}
	i.ClearAsides()
	return i, nil
}

// chosen lists the browsers that o is about: the named one, else every one that is
// installed. If a named kind is not found, its Path is "".
func (o installation) chosen(ctx context.Context, system browser.System) ([]browser.Browser, error) {
	switch {
	case strings.ContainsAny(o.browser, `/\`):
		b, err := system.Choose(ctx, o.browser)
		return []browser.Browser{b}, err
	case o.browser != "":
		k, err := browser.Named(o.browser)
		if err != nil {
			return nil, err
		}
		for _, b := range system.Find() {
			if b.Name == k.Name {
				return []browser.Browser{b}, nil
			}
		}
		return []browser.Browser{{Kind: k}}, nil // it may be installed in an unusual place
	}
	return system.Find(), nil
}

func (a *app) install(ctx context.Context, o installation) error {
	i, err := a.installer(o)
	if err != nil {
		return err
	}
	browsers, err := o.chosen(ctx, i.System)
	if err != nil {
		return err
	}
	if o.profile != "" {
		if o.browser != "" && browsers[0].Family != browser.Chromium {
			return fmt.Errorf("--user-data-dir is for browsers of the Chromium family; %s has no such folder", browsers[0].Name)
		}
		browsers = []browser.Browser{{Kind: browser.Kind{Name: "that browser", Family: browser.Chromium, Page: "chrome://extensions"}}}
	} else if len(browsers) == 0 {
		_, err := i.System.Choose(ctx, "")
		return err
	}
	var kinds []browser.Kind
	for _, b := range browsers {
		if b.Confined != "" {
			fmt.Fprintln(a.stderr, b.Confinement())
			continue
		}
		kinds = append(kinds, b.Kind)
	}
	if len(kinds) == 0 {
		return fmt.Errorf("%w: every one that is installed is confined", browser.ErrNone)
	}
	targets, err := i.Targets(kinds)
	if err != nil {
		return err
	}
	if err := i.Install(targets); err != nil {
		return err
	}
	if o.profile != "" && i.System.GOOS == "windows" {
		fmt.Fprintln(a.stderr, "On Windows no browser looks for a host in its profile, so it is registered for all Chromium browsers of yours.")
	}
	if !o.dryRun {
		a.explainExtension(i, kinds)
	}
	if a.storeFile != "" {
		path, err := a.system.Store()
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "Browsers do not know --store: the host that they start keeps its records in %s\n", path)
	}
	return nil
}

// explainExtension prints what the user has to click in each browser.
func (a *app) explainExtension(i *install.Installer, kinds []browser.Kind) {
	whose := "in your own profile of each browser"
	if i.Profile != "" {
		whose = "in the browser that is started with --user-data-dir=" + i.Profile
		if _, err := os.Stat(filepath.Join(i.Profile, "Default")); err != nil {
			fmt.Fprintf(a.text(), "\nNo browser has used the folder %s yet: it becomes a profile when one is started with it.\n", i.Profile)
		}
	}
	fmt.Fprintf(a.text(), "\nThe extension is in this folder:\n  %s\nLoad it, once, %s:\n", i.Extension(), whose)
	for _, k := range kinds {
		if k.Family == browser.Firefox {
			fmt.Fprintf(a.text(), "  %s: open %s, click \"Load Temporary Add-on…\" and choose manifest.json in this folder.\n"+
				"    Firefox removes it when it closes; it keeps only a signed package of the extension.\n", k.Name, k.Page)
			continue
		}
		fmt.Fprintf(a.text(), "  %s: open %s, switch \"Developer mode\" on, click \"Load unpacked\" and choose this folder.\n", k.Name, k.Page)
	}
	switch i.System.GOOS {
	case "darwin":
		fmt.Fprintln(a.text(), "  (File dialogs hide the folder Library: press Cmd+Shift+G in the dialog, then paste the path.)")
	case "windows":
		fmt.Fprintln(a.text(), "  (File dialogs hide the folder AppData: paste the path into the dialog's line for the folder.)")
	default:
		fmt.Fprintln(a.text(), "  (File dialogs hide folders whose name begins with a dot: press Ctrl+L in the dialog, then paste the path.)")
	}
	if slices.ContainsFunc(kinds, func(k browser.Kind) bool { return k.Family == browser.Chromium }) {
		fmt.Fprintln(a.text(), "  (Chromium's button \"Warnings\" about background.scripts is harmless: that line of the manifest is Firefox's.)")
	}
	if _, err := exec.LookPath(paths.Product); err != nil {
		fmt.Fprintf(a.text(), "To run the program by its name, add its folder to your PATH:\n  %s\n", filepath.Dir(i.Host()))
	}
	fmt.Fprintln(a.text(), "Then run \"userlike-inspector doctor\" to see whether all is well.")
}

func (a *app) uninstall(ctx context.Context, o installation) error {
	i, err := a.installer(o)
	if err != nil {
		return err
	}
	kinds := browser.Kinds() // also those that are not installed any more
	if o.browser != "" {
		browsers, err := o.chosen(ctx, i.System)
		if err != nil {
			return err
		}
		kinds = []browser.Kind{browsers[0].Kind}
	}
	targets, err := i.Targets(kinds)
	if err != nil {
		return err
	}
	// If something cannot be removed, the rest still is.
	failed := i.Unregister(targets)
	if o.browser != "" || o.profile != "" {
		return failed
	}
	failed = errors.Join(failed, a.endHosts(ctx, i), i.RemoveFiles())
	left, err := a.leftovers(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	if o.purge {
		return errors.Join(failed, i.Purge(left.files...), i.Clear(left.contacts, contact.Remove), i.Clear(left.sessions, browser.RemoveSessions))
	}
	if failed != nil {
		return failed
	}
	for _, path := range append(left.files, left.contacts, left.sessions) {
		if _, err := os.Lstat(path); err == nil {
			fmt.Fprintf(a.text(), "%-16s %s (--purge removes it)\n", "left", path)
		}
	}
	fmt.Fprintln(a.text(), "\nRemove the extension from each browser's list of extensions, too.")
	return nil
}

// endHosts ends the hosts that browsers have started, because they keep the program and
// the store open. No browser starts another one, as none is registered any more.
func (a *app) endHosts(ctx context.Context, i *install.Installer) error {
	path, err := a.storePath()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil || i.DryRun {
		return nil // without a store no host has anything to do
	}
	hosts, err := a.requests()
	if err != nil {
		return err
	}
	browsers, err := hosts.End(ctx, a.now)
	if err != nil {
		return fmt.Errorf("ending the hosts that browsers have started: %w; close the browsers, then try again", err)
	}
	for _, b := range browsers {
		i.Say("ended", "the host of "+strings.TrimSpace(b.Name+" "+b.Version))
	}
	return nil
}

// leftovers are the product's files that only uninstall --purge removes.
type leftovers struct {
	files              []string // the store, if it is one, and logs
	contacts, sessions string   // folders
}

func (a *app) leftovers(ctx context.Context) (l leftovers, err error) {
	path, err := a.storePath()
	if err != nil {
		return l, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return l, err
	}
	switch s, err := store.OpenExisting(ctx, path); {
	case err == nil:
		if err := s.Close(); err != nil {
			return l, err
		}
		l.files = []string{path, path + "-wal", path + "-shm"}
	case errors.Is(err, fs.ErrNotExist):
	default:
		fmt.Fprintf(a.stderr, "left as it is: %s\n", words.Plain(err)) // the file may be something else than a store
	}
	state, err := a.system.State()
	if err != nil {
		return l, err
	}
	cache, err := a.system.Cache()
	if err != nil {
		return l, err
	}
	hostLog, err := a.system.HostLog()
	if err != nil {
		return l, err
	}
	for _, log := range []string{hostLog, hostLog + ".1"} {
		if isHostLog(log) {
			l.files = append(l.files, log)
		} else if _, err := os.Lstat(log); err == nil {
			fmt.Fprintf(a.stderr, "left as it is: %s is not this program's log\n", log)
		}
	}
	l.contacts, l.sessions = contact.Of(state), filepath.Join(cache, "sessions")
	return l, nil
}

// isHostLog reports whether a file is a host's log: empty, or beginning as slog's lines
// do.
func isHostLog(path string) bool {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	b, err := os.ReadFile(path)
	return err == nil && (len(b) == 0 || bytes.HasPrefix(b, []byte("time=")))
}
