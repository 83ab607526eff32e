//go:build browsers && unix

package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/browser"
)

// However the last page is closed, the browser ends, and the host has received the last
// messages of pages before.
func TestLastWords(t *testing.T) {
	for _, by := range []struct {
		name  string
		close func(context.Context, *browser.Session, browser.Family) error
	}{
		{"close", func(_ context.Context, s *browser.Session, _ browser.Family) error { return s.Close() }},
		{"the window's X", closeWindow},
		{"the menu's Quit", quit},
	} {
		t.Run(by.name, func(t *testing.T) {
			everyBrowser(t, func(t *testing.T, b browser.Browser) {
				if by.name == "the menu's Quit" && b.Family != browser.Firefox {
					return // nothing in Chromium can prevent it
				}
				p := newPlace(t)
				o := options(b)
				var folders []string
				o.Settled = func(ctx context.Context, folder string) {
					folders = append(folders, folder) // Close waits for this
					holds(ctx, func() bool { return p.told(`"pagehide"`) })
				}
				s := p.launch(t, o)
				folder := p.session(t)
				if err := by.close(t.Context(), s, b.Family); err != nil {
					t.Fatal(err)
				}
				select {
				case <-s.Done():
				case <-time.After(patience):
					t.Fatal("the browser lives without a window")
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if !p.told(`"pagehide"`) {
					t.Error("the page's last message did not reach the host")
				}
				if !slices.Equal(folders, []string{folder}) {
					t.Errorf("settled for the folders %q, want %q once", folders, folder)
				}
				p.nothingLeft(t)
			})
		})
	}
}

// closeWindow closes the only window, as a user does, but in Chromium without the page's own
// questions.
func closeWindow(ctx context.Context, s *browser.Session, family browser.Family) error {
	if family == browser.Firefox {
		return inFirefox(ctx, s, `Services.wm.getMostRecentBrowserWindow().close()`)
	}
	return eachPage(ctx, s, func(id string) error {
		_, err := s.Debug(ctx, "Target.closeTarget", map[string]any{"targetId": id})
		return err
	})
}

// quit ends Firefox as "Quit" in its menu does.
func quit(ctx context.Context, s *browser.Session, _ browser.Family) error {
	return inFirefox(ctx, s, `Services.startup.quit(Ci.nsIAppStartup.eAttemptQuit)`)
}

// inFirefox evaluates an expression in the parent process.
func inFirefox(ctx context.Context, s *browser.Session, expression string) error {
	_, err := s.Debug(ctx, `Promise.resolve(`+expression+`).then(String)`, nil)
	if errors.Is(err, io.EOF) {
		return nil // it ended before it could answer
	}
	return err
}

// eachPage calls then with the target of each of Chromium's pages.
func eachPage(ctx context.Context, s *browser.Session, then func(id string) error) error {
	answer, err := s.Debug(ctx, "Target.getTargets", nil)
	if err != nil {
		return err
	}
	var targets struct {
		TargetInfos []struct{ TargetID, Type string }
	}
	if err := json.Unmarshal([]byte(answer), &targets); err != nil {
		return err
	}
	for _, target := range targets.TargetInfos {
		if target.Type == "page" {
			if err := then(target.TargetID); err != nil {
				return err
			}
		}
	}
	return nil
}

// Pages that try to stay are closed without force, like any other.
func TestStubbornPages(t *testing.T) {
	for page, ready := range map[string]func(*testing.T, place, *browser.Session, browser.Family){
		// It navigates all the time.
		"restless": func(_ *testing.T, p place, _ *browser.Session, _ browser.Family) {
			for range 20 {
				<-p.saw
			}
		},
		// It has been touched, so its user would be asked before it is left.
		"clinging": func(t *testing.T, p place, s *browser.Session, family browser.Family) {
			for <-p.saw != "clinging" {
			}
			touch(t, s, family)
			for <-p.saw != "touched" {
			}
		},
	} {
		t.Run(page, func(t *testing.T) {
			everyBrowser(t, func(t *testing.T, b browser.Browser) {
				p := newPlace(t)
				var log bytes.Buffer
				o := options(b)
				o.URL += page
				o.Log = &log
				s, err := browser.Launch(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				ready(t, p, s, b.Family)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if strings.Contains(log.String(), "killed") {
					t.Errorf("force was used: %s", log.String())
				}
				p.nothingLeft(t)
			})
		})
	}
}

// touch makes the browser believe that its user has touched the page.
func touch(t *testing.T, s *browser.Session, family browser.Family) {
	t.Helper()
	if family == browser.Firefox {
		const click = `data:,content.document.notifyUserGestureActivation()`
		const load = `Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser.messageManager.loadFrameScript`
		if err := inFirefox(t.Context(), s, load+`("`+click+`", false)`); err != nil {
			t.Fatal(err)
		}
		return
	}
	err := eachPage(t.Context(), s, func(id string) error {
		answer, err := s.Debug(t.Context(), "Target.attachToTarget", map[string]any{"targetId": id, "flatten": true})
		var attached struct{ SessionID string }
		if err == nil {
			err = json.Unmarshal([]byte(answer), &attached)
		}
		for _, event := range []string{"mousePressed", "mouseReleased"} {
			if err == nil {
				_, err = s.DebugIn(t.Context(), attached.SessionID, "Input.dispatchMouseEvent",
					map[string]any{"type": event, "x": 9, "y": 9, "button": "left", "clickCount": 1})
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// If the extension never finishes, the browser still ends.
func TestNeverSettles(t *testing.T) {
	b, err := browser.Choose(t.Context(), "chromium")
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	o := options(b)
	o.Settled = func(ctx context.Context, _ string) { <-ctx.Done() }
	s := p.launch(t, o)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	p.nothingLeft(t)
}

// A browser that dies is told from one that is closed, also if it dies in the moment in
// which it is to be closed.
func TestDyingBrowser(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		for name, notice := range map[string]func(*browser.Session){
			"before it is closed": func(s *browser.Session) { <-s.Done() },
			"while it is closed":  func(*browser.Session) {},
		} {
			t.Run(name, func(t *testing.T) {
				p := newPlace(t)
				o := options(b)
				var log bytes.Buffer
				o.Log = &log
				settled := 0
				o.Settled = func(context.Context, string) { settled++ }
				s := p.launch(t, o)
				if err := syscall.Kill(p.process(t), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				notice(s)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if !s.Died() || settled != 1 {
					t.Errorf("died: %t, asked %d times what is missing", s.Died(), settled)
				}
				if strings.Contains(log.String(), "killed") {
					t.Errorf("it says %q", log.String())
				}
				p.nothingLeft(t)
			})
		}
	})
}

func TestKilledOwner(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		owner := exec.Command(self)
		owner.Env = append(os.Environ(), "BROWSER_TEST_OWNER="+b.Path)
		var out, errs output
		owner.Stdout, owner.Stderr = &out, &errs
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { owner.Process.Kill() })
		until(t, "the owner had started the browser", func() bool {
			return strings.HasSuffix(out.String(), "\n") && p.told(`"hello"`)
		})
		// The session of a living owner must not be removed.
		if err := browser.ClearLeftovers(); err != nil {
			t.Error(err)
		}
		if len(p.processes(t)) == 0 {
			t.Fatalf("a living owner's browser was ended; the owner says %q", errs.String())
		}
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		owner.Wait()
		if err := browser.ClearLeftovers(); err != nil {
			t.Error(err)
		}
		// Chromium's crash handlers are in groups of their own, and end when
		// they see that it has ended.
		until(t, "no process was left", func() bool { return len(p.processes(t)) == 0 })
		p.nothingLeft(t)
	})
}

// output is a buffer that can be read while a process writes it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
