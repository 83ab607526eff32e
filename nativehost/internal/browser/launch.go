package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/words"
)

// Options say what to start.
type Options struct {
	Browser  Browser
	URL      string // the page to open, http or https, once the extension watches
	Headless bool
	// Fallback is opened if URL cannot be, because the user named the site without a scheme; ""
	// for nothing.
	Fallback string
	// Insecure accepts any certificate.
	Insecure bool
	// Happened is called, in a browser without a window, with what would have been shown to a
	// person, at once and one at a time. It must not wait. nil drops it.
	Happened func(Happening)

	// ProfileDir is a folder for the browser's profile, which is made when
	// missing, kept and used again. "" is a throw-away profile.
	ProfileDir string
	// ExtensionDir is the unpacked extension's folder. "" is the one in this
	// binary.
	ExtensionDir string
	// HostPath is the absolute path of the native messaging host, which is
	// this program: os.Executable's answer.
	HostPath string
	// StorePath is the absolute path of the recording that the host writes.
	StorePath string
	// Env are more variables, which the host inherits from the browser.
	Env []string
	// Log gets lines for the user: what is unusual about this start. nil drops them.
	Log io.Writer

	// Settled is called once, after Close has left all pages or the user has closed the last
	// one, and before the browser ends: the pages' last records must reach the host before the
	// extension ends. It gets the session's folder, where hosts note their contacts (package
	// contact), and should return when ctx ends, if not before. Close returns after it. nil
	// waits for nothing.
	Settled func(ctx context.Context, folder string)

	// Hurry ends when the system is about to end this program. Nothing is waited for after
	// that: what still runs is ended by force. nil never ends.
	Hurry context.Context
}

// Limits of patience. A start takes 1 to 3 s on two idle cores.
const (
	startTimeout  = 60 * time.Second
	settleTimeout = 40 * time.Second // for Options.Settled; the extension waits up to 20 s for a page that hangs, and then until nothing has come for 5 s (ends.js)
	quitTimeout   = 10 * time.Second
	leaveTimeout  = 5 * time.Second        // for a page to make room for an empty one
	leaveAgain    = 300 * time.Millisecond // until the page is asked again; each further pause is twice as long
	silence       = 5 * time.Second        // for a download or an error that explains a load without a page
	hostTimeout   = 5 * time.Second        // for the hosts to store what they have read
)

// driver is a family's way to set a started browser up and to end it.
type driver interface {
	// setUp loads the extension and then opens the page.
	setUp(ctx context.Context) error
	// closePages asks every page to close. If their last records would be lost by that, it
	// calls settle first, which waits for them.
	closePages(ctx context.Context, settle func()) error
	// pagesGone returns nil when the last page has been closed, by anybody. The browser goes
	// on without one until it is told to end.
	pagesGone(ctx context.Context) error
	// stuck gives the addresses of pages that do not answer. It stops asking when ctx ends.
	stuck(ctx context.Context) []string
	// end asks a browser without pages to end.
	end(ctx context.Context) error
	close()
}

// Session is a running browser.
type Session struct {
	folder   *folder
	places   places
	group    *group
	driver   driver
	undo     func() error // what was done outside of the folder
	settled  func(ctx context.Context, folder string)
	log      io.Writer
	running  context.Context // ends with the browser
	ended    context.CancelFunc
	hurry    context.Context
	ending   sync.WaitGroup // endWithLastPage
	empty    atomic.Bool    // its last page has been closed
	killed   bool           // Close had to use force
	settling sync.Once
	closing  sync.Once
	closed   error
}

// Launch starts a browser with the extension loaded and the host registered, and opens the
// page: it returns when the page's loading has begun, so that its first script is watched.
// Nothing of the user's own profile is read or written. ctx is only for the start. The
// browser runs until the user closes its last window or Close is called. Close must be
// called in any case.
//
// The error says what failed, what the browser said, and what to do.
func Launch(ctx context.Context, o Options) (*Session, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Hurry == nil {
		o.Hurry = context.Background()
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if why := Here().Forbids(o.Browser.Kind); why != "" {
		fmt.Fprintf(o.Log, "A policy keeps %s from starting this program, so nothing will be recorded: %s. Ask your administrator to allow the native messaging host %s, or inspect in another browser.\n", o.Browser.Name, why, extension.HostName)
	}
	if err := ClearLeftovers(); err != nil {
		fmt.Fprintf(o.Log, "An earlier session's leftovers could not be cleared: %s\n", words.Plain(err))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("it took longer than %v", startTimeout))
	defer cancel()
	s, err := launch(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("starting %s (%s): %w", o.Browser.Name, o.Browser.Path, err)
	}
	return s, nil
}

// Displays says whether windows can be opened here.
func Displays() bool {
	return runtime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// check refuses what could not work.
func (o Options) check() error {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("%s is not the address of a page; write one such as https://shop.example/", words.Typed(o.URL))
	case !filepath.IsAbs(o.StorePath):
		return fmt.Errorf("store path %s is not absolute", words.Path(o.StorePath))
	case o.Browser.Confined != "":
		return o.Browser.confinedError()
	case !o.Headless && !Displays():
		return errors.New("there is no display to open a browser window on ($DISPLAY and $WAYLAND_DISPLAY are unset): use --headless, or run it under a desktop or xvfb-run")
	}
	return nil
}

// hasPassword says whether an address answers the server's question for one.
func hasPassword(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User != nil
}

// launch does what Launch says, and takes everything back when that fails.
func launch(ctx context.Context, o Options) (s *Session, err error) {
	f, err := newFolder()
	if err != nil {
		return nil, err
	}
	s = &Session{folder: f, undo: func() error { return nil }, settled: o.Settled, log: o.Log, hurry: o.Hurry}
	s.running, s.ended = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w%s", err, s.said())
			s.abandon()
		}
	}()
	p, err := preparePlaces(f.path, o)
	s.places = p
	if err != nil {
		return s, err
	}
	cmd := exec.Command(o.Browser.Path, systemArgs(o.Browser.Family, runtime.GOOS)...)
	cmd.Env = slices.Concat(os.Environ(), o.Env)
	cmd.Env = append(cmd.Env, paths.StoreVariable+"="+o.StorePath, contact.SessionVariable+"="+f.path)
	cmd.Dir = f.path
	out, err := os.OpenFile(filepath.Join(f.path, logFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return s, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	prepare := prepareChromium
	if o.Browser.Family == Firefox {
		prepare = prepareFirefox
	}
	if s.driver, s.undo, err = prepare(cmd, p, o); err != nil {
		return s, err
	}
	if err := s.start(cmd); err != nil {
		return s, err
	}
	// A browser that ends during the set-up fails it at once.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(s.running, func() { cancel(errEnded) })
	defer stop()
	if err := s.driver.setUp(ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		if errors.Is(err, errEnded) && o.ProfileDir != "" {
			err = fmt.Errorf("%w (is the profile %s in use by another browser?)", err, words.Path(o.ProfileDir))
		}
		return s, err
	}
	s.ending.Go(s.endWithLastPage)
	return s, nil
}

// endWithLastPage ends the browser when its last page has been closed and what
// pages said last is stored. Where it fails, Close uses force.
func (s *Session) endWithLastPage() {
	if s.driver.pagesGone(s.running) != nil {
		return
	}
	s.empty.Store(true)
	ctx, cancel := s.whileEnding()
	defer cancel()
	s.settle(ctx)
	_ = s.driver.end(ctx)
}

// whileEnding is a context for as long as the browser may take to end.
func (s *Session) whileEnding() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(s.running, settleTimeout+quitTimeout)
	stop := context.AfterFunc(s.hurry, cancel)
	return ctx, func() { stop(); cancel() }
}

// settle waits for the pages' last records, the first time that it is called.
func (s *Session) settle(ctx context.Context) {
	s.settling.Do(func() {
		if s.settled == nil {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, settleTimeout)
		defer cancel()
		s.settled(ctx, s.folder.path)
	})
}

var errEnded = errors.New("the browser ended during its start")

// start starts the browser and watches for its end.
func (s *Session) start(cmd *exec.Cmd) error {
	group, err := start(cmd)
	if err != nil {
		return err
	}
	s.group = group
	go func() {
		// Callers only wait for the end, however it came.
		_ = cmd.Wait()
		s.ended()
	}()
	began, err := startOf(cmd.Process.Pid)
	if err != nil {
		began = "" // it has ended already, which the set-up will see
	}
	if err := s.folder.record(process{PID: cmd.Process.Pid, Start: began}); err != nil {
		return fmt.Errorf("noting the browser's process: %w", err)
	}
	return nil
}

// said is the end of what the browser said, for an error.
func (s *Session) said() string {
	b, err := os.ReadFile(filepath.Join(s.folder.path, logFile))
	if err != nil {
		return ""
	}
	var lines []string
	for _, line := range strings.Split(string(b), "\n") {
		// Chromium complains of every D-Bus service that a machine lacks.
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(line, ":dbus/") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "; the browser's last words:\n\t" + strings.Join(lines[max(0, len(lines)-8):], "\n\t")
}

// Done is closed when the browser has ended, by itself or by Close.
func (s *Session) Done() <-chan struct{} { return s.running.Done() }

// Died says, after Close, whether the browser had ended with pages open before it was asked to
// end or while it was closed. A user who closes the browser closes its pages first, and so
// does Close.
func (s *Session) Died() bool { return !s.empty.Load() && !s.killed }

// Close ends the browser: pages first, so that their last calls are recorded,
// then, when asking doesn't help, by force. It returns when no process of the
// browser is left, its hosts among them, and the throw-away profile is gone.
// It can be called any number of times, also when Done is closed already.
func (s *Session) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Session) close() error {
	ctx, cancel := s.whileEnding()
	defer cancel()
	if s.driver.closePages(ctx, func() { s.settle(ctx) }) != nil {
		// A browser that dies hangs up a moment before its process ends.
		var giveUp context.CancelFunc
		ctx, giveUp = context.WithTimeout(ctx, quitTimeout)
		defer giveUp()
	}
	<-ctx.Done()
	if s.killed = s.running.Err() == nil; s.killed {
		fmt.Fprintln(s.log, "The browser did not end when it was asked to, so it is killed: its last records may be lost.")
	} else if s.Died() {
		s.group.await(s.hurry, hostTimeout) // until its hosts have stored what they have read
	}
	cancel()
	s.settle(ctx) // if that was not done yet; ctx is over, so it only reports what is missing
	return s.abandon()
}

// abandon ends what still runs by force and removes what was made. Hosts of a
// browser that has ended get time to store what they have read.
func (s *Session) abandon() error {
	if s.group != nil {
		select {
		case <-s.running.Done():
			s.group.await(s.hurry, hostTimeout)
		default:
		}
		s.group.kill()
		<-s.running.Done()
		s.ending.Wait()
		s.group.await(context.Background(), hostTimeout)
		s.group.release()
	}
	if s.driver != nil {
		s.driver.close()
	}
	s.places.restore()
	return errors.Join(s.undo(), s.folder.remove())
}

// await waits until no process of the group lives, for limit, or until ctx ends. It polls,
// because the system reports only the end of this process's own children.
func (f *group) await(ctx context.Context, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_ = poll(ctx, func() bool { return !f.alive() }) // what lives on is killed
}

// systemArgs are needed on Windows. Without them, the started process may hand over to another
// one, which has no debugging pipe and is outside of the job: Chrome does so from a terminal of
// an administrator (MaybeAutoDeElevate in Chromium's
// chrome/browser/chrome_browser_main_win.cc), and firefox.exe is a launcher that ends at once
// (browser/app/winlauncher/LauncherProcessWin.cpp in Firefox).
func systemArgs(family Family, goos string) []string {
	if goos != "windows" {
		return nil
	}
	if family == Firefox {
		return []string{"--wait-for-browser"}
	}
	return []string{"--do-not-de-elevate"}
}
