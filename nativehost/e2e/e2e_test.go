//go:build browsers

package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/demo"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/producttest"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/tui/tuitest"
)

func TestMain(m *testing.M) { producttest.Main(m) }

// browsers are the programs that every end-to-end test runs in. If one is not installed,
// the tests fail; .ci/run installs both.
var browsers = []string{"chromium", "firefox-esr"}

// inEachBrowser runs test in each browser, each with a home folder of its own. It runs
// beside other tests, because all of them wait most of the time.
func inEachBrowser(t *testing.T, test func(t *testing.T, p *product)) {
	t.Parallel()
	for _, browser := range browsers {
		t.Run(browser, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(browser); err != nil {
				t.Fatalf("%s is not installed, which this test needs: run .ci/run, or apt-get install %s", browser, browser)
			}
			test(t, newProduct(t, browser))
		})
	}
}

// newProduct prepares to run the product's commands for a browser, with a home folder of
// its own.
func newProduct(t *testing.T, browser string) *product {
	t.Helper()
	home := shortDir(t)
	return &product{browser: browser, home: home, store: filepath.Join(home, "events.db")}
}

// shortDir is like t.TempDir, but its path does not contain the test's name. Browsers make
// sockets below it, and a socket's path has at most 107 bytes
// (https://man7.org/linux/man-pages/man7/unix.7.html).
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ui")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// product runs the product's commands for one test.
type product struct {
	browser, home, store string
	env                  []string // more variables
}

// run runs a command, checks its exit code and returns its stdout.
func (p *product) run(t *testing.T, wantCode int, args ...string) []byte {
	t.Helper()
	stdout, _ := p.runHeard(t, wantCode, args...)
	return stdout
}

// runHeard is like run, and returns stderr as talked.
func (p *product) runHeard(t *testing.T, wantCode int, args ...string) (said, talked []byte) {
	t.Helper()
	return p.runUntil(t, wantCode, nil, args...)
}

// runUntil is like runHeard, and interrupts the command when over is closed, if it still
// runs then.
func (p *product) runUntil(t *testing.T, wantCode int, over <-chan struct{}, args ...string) (said, talked []byte) {
	t.Helper()
	cmd := p.command(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-over:
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		err = <-ended
	}
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if code != wantCode {
		t.Fatalf("%s: exit code %d, want %d\nstdout: %s\nstderr: %s\nhost.log: %s",
			strings.Join(args, " "), code, wantCode, tail(stdout.Bytes()), tail(stderr.Bytes()), tail(hostLog(p.home)))
	}
	return stdout.Bytes(), stderr.Bytes()
}

// self is the path of this test's own program, which is the product's: see producttest.
func self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// command prepares one of the product's commands, in this test's home folder.
func (p *product) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), self(t), append(args, "--store", p.store)...)
	cmd.Env = append(append(os.Environ(), "HOME="+p.home), p.env...)
	return cmd
}

// hostLog is the log of the hosts of a home folder, empty if there is none yet.
func hostLog(home string) []byte {
	log, _ := os.ReadFile(filepath.Join(home, ".local/state/userlike-inspector/host.log"))
	return log
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }

// inspect inspects a page headless and returns the report. It ends when over is closed or,
// if over is nil, when nothing has been recorded for a while.
func (p *product) inspect(t *testing.T, wantCode int, over <-chan struct{}, args ...string) checkReport {
	t.Helper()
	args = append([]string{"inspect", "--headless", "--browser", p.browser, "--format", "json"}, args...)
	if over == nil {
		args = append(args, "--until-idle", "4s")
	} else {
		args = append(args, "--for", "10m")
	}
	said, _ := p.runUntil(t, wantCode, over, args...)
	var r checkReport
	if err := json.Unmarshal(said, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// recorded returns a channel that is closed when the event has been recorded. If it is not
// recorded within three minutes, the channel is closed as well, so that the test goes on and
// says what is missing.
func (p *product) recorded(t *testing.T, event string) <-chan struct{} {
	t.Helper()
	waiting := p.command(t, "wait", event, "--timeout", "3m")
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		waiting.Wait()
	}()
	return over
}

// checkReport is the part of the report's JSON that the tests read.
type checkReport struct {
	Findings []struct{ Rule, Severity, Record, At string }
	Summary  struct{ Calls, Journeys, Error, Warning int }
}

// calls exports the store and returns its calls in the order in which they were made. They
// may have arrived in another order, because some had to wait until the host had started.
func (p *product) calls(t *testing.T) []*record.Record {
	t.Helper()
	calls := slices.DeleteFunc(p.export(t), func(r *record.Record) bool { return r.Kind != record.Call })
	slices.SortStableFunc(calls, func(a, b *record.Record) int {
		return cmp.Or(a.Time.Compare(b.Time.Time), cmp.Compare(a.Seq, b.Seq))
	})
	return calls
}

func (p *product) export(t *testing.T) []*record.Record {
	t.Helper()
	var all []*record.Record
	for line := range bytes.Lines(p.run(t, 0, "export")) {
		r, err := record.Decode(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, r)
	}
	return all
}

func eventNames(calls []*record.Record) []string {
	names := make([]string, len(calls))
	for i, r := range calls {
		names[i] = r.EventName()
	}
	return names
}

// The demo's visit arrives complete, in order, and its mistakes are found.
func TestDemoVisit(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		report := p.inspect(t, 1, p.recorded(t, "chat_window_minimized")) // the visit's last event
		calls := p.calls(t)
		var want []string
		for _, c := range demo.Visit() {
			want = append(want, c.Sends())
		}
		if got := eventNames(calls); !slices.Equal(got, want) {
			t.Fatalf("calls\n got %q\nwant %q", got, want)
		}
		if report.Summary.Calls != len(want) {
			t.Errorf("the report counts %d calls, want %d", report.Summary.Calls, len(want))
		}
		type place struct{ rule, record, at string }
		var mistakes, found []place
		for i, c := range demo.Visit() {
			if c.Mistake != nil {
				mistakes = append(mistakes, place{c.Mistake.Rule, calls[i].ID, c.Mistake.At})
			}
		}
		for _, s := range demo.Slips() {
			i := slices.IndexFunc(calls, func(r *record.Record) bool { return r.EventName() == s.Event })
			at := place{s.Rule, calls[i].ID, s.At}
			if s.At != "" { // the finding is on the hit, which also came before the contact had agreed
				at.record = hitOf(p.export(t), calls[i].ID, s.At)
				mistakes = append(mistakes, place{"before-consent", at.record, s.At})
			}
			mistakes = append(mistakes, at)
		}
		for _, f := range report.Findings {
			found = append(found, place{f.Rule, f.Record, f.At})
		}
		byRule := func(a, b place) int {
			return cmp.Or(strings.Compare(a.rule, b.rule), strings.Compare(a.record, b.record), strings.Compare(a.at, b.at))
		}
		slices.SortFunc(found, byRule)
		slices.SortFunc(mistakes, byRule)
		if !slices.Equal(found, mistakes) {
			t.Errorf("findings\n got %v\nwant %v", found, mistakes)
		}
		for _, r := range calls {
			if r.Tab == nil || r.Frame == nil || r.Document == "" || !strings.HasPrefix(r.URL, "http://127.0.0.1:") || r.TopURL != r.URL ||
				r.Title == "" || r.Received == nil || r.Browser == nil || r.Browser.Profile == "" || r.Handled == nil || r.Handled.State != "assigned" {
				line, _ := record.Encode(r)
				t.Errorf("the record lacks something: %s", line)
			}
		}
		left, err := os.ReadDir(filepath.Join(p.home, ".cache/userlike-inspector/sessions"))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range left {
			if entry.IsDir() {
				t.Errorf("the session %s was left behind", entry.Name())
			}
		}
		p.seesInTerminal(t, calls)
	})
}

// hitOf is the id of the hit of a call that carries a value at the pointer at, "" for none.
func hitOf(all []*record.Record, call, at string) string {
	carries := func(c record.Carried) bool { return c.At == at }
	for _, r := range all {
		if r.Kind == record.Hit && slices.Contains(r.Handed.Calls, call) && slices.ContainsFunc(r.Handed.Carries, carries) {
			return r.ID
		}
	}
	return ""
}

// seesInTerminal opens the terminal UI on the store and looks for the calls there.
func (p *product) seesInTerminal(t *testing.T, calls []*record.Record) {
	t.Helper()
	s, err := store.OpenExisting(t.Context(), p.store)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	inspector, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	screen := tuitest.New(120, 120)
	done := make(chan error, 1)
	go func() {
		done <- tui.Run(t.Context(), tui.Options{
			Store: s, Inspector: inspector, StorePath: p.store, Screen: screen, Now: time.Now, Getenv: func(string) string { return "" },
		})
	}()
	screen.WaitText(t, append(eventNames(calls), "chat_window_minimized")...)
	screen.Press(t, "q")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// noHandler is a site that has the client but no function for it to call. The client tries
// again and again, because the stand-in is put in place only after the host has answered.
const noHandler = `<!doctype html><title>Soon</title>
<iframe id="userlike-frame-1" srcdoc="<script>
	const call = (name) => parent.userlikeTrackingEvent(name,
		{client_uuid: 'u', operator_group_id: 1, widget_id: 2, widget_lang: 'de'}, {session_id: 's'});
	const look = setInterval(() => {
		if (!parent.userlikeTrackingEvent) return;
		clearInterval(look);
		call('button_displayed');
		call('chat_requested');
	}, 100);
</script>"></iframe>`

// If the site has no function, a stand-in receives the calls, but only with --stand-in.
func TestStandIn(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, p *product) {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, noHandler)
		}))
		defer site.Close()
		report := p.inspect(t, 0, nil, site.URL)
		if len(p.calls(t)) > 0 || len(report.Findings) != 1 || report.Findings[0].Rule != "handler-missing" {
			t.Errorf("without a stand-in: %d calls, findings %v; want handler-missing alone", len(p.calls(t)), report.Findings)
		}
		p.inspect(t, 0, p.recorded(t, "chat_requested"), "--stand-in", site.URL)
		calls := p.calls(t)
		if got := eventNames(calls); !slices.Equal(got, []string{"button_displayed", "chat_requested"}) {
			t.Fatalf("with a stand-in: %q\nrecorded: %s\nhost.log: %s", got, tail(p.run(t, 0, "export")), tail(hostLog(p.home)))
		}
		for _, r := range calls {
			if r.Handled.State != "missing" {
				t.Errorf("%s: handler state %q, want missing", r.ID, r.Handled.State)
			}
		}
	})
}
