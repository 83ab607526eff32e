package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/contact"
)

// chromiumFlags keep a fresh profile from greeting, asking, updating and
// phoning home. None of them changes what a page can do.
var chromiumFlags = [...]string{
	"--no-first-run",
	"--no-default-browser-check",
	"--disable-default-apps",
	"--disable-search-engine-choice-screen",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--disable-breakpad",
	"--hide-crash-restore-bubble",
	"--password-store=basic", // no question for the desktop's keyring
	"--use-mock-keychain",    // the same on macOS
	"--disable-features=Translate,OptimizationHints",

	"--remote-debugging-pipe",
	"--enable-unsafe-extension-debugging",
	// The pipe would make navigator.webdriver true, which pages act on.
	"--disable-blink-features=AutomationControlled",
	// The first window is opened when the extension is loaded, and the end of
	// the last one isn't the browser's: what its pages said last must get
	// through before.
	"--no-startup-window",
	"--keep-alive-for-test",
}

// chromium drives a browser of the Chromium family by the Chrome DevTools
// Protocol over a pipe, which nobody else can reach. With a window, it attaches
// to no page before that is to be closed.
type chromium struct {
	places
	url     string
	in, out *os.File // the browser's ends, until it has started
	w       *os.File
	r       *os.File
	log     func(format string, args ...any)

	headless   bool
	unattended *unattended // nil with a window and an address that needs no other

	mu      sync.Mutex
	last    int
	waiting map[int]chan<- reply
	pages   map[string]bool
	empty   chan struct{} // gets a value when the last page has gone
	gone    chan struct{} // closed when the browser has closed the pipe
}

type reply struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// prepareChromium completes the command line.
func prepareChromium(cmd *exec.Cmd, p places, o Options) (driver, func(), error) {
	nothing := func() {}
	in, w, err := os.Pipe()
	if err != nil {
		return nil, nothing, err
	}
	r, out, err := os.Pipe()
	if err != nil {
		in.Close()
		w.Close()
		return nil, nothing, err
	}
	c := &chromium{
		places: p, url: o.URL, in: in, out: out, w: w, r: r,
		log:      func(format string, args ...any) { fmt.Fprintf(o.Log, format+"\n", args...) },
		headless: o.Headless,
		waiting:  map[int]chan<- reply{}, pages: map[string]bool{},
		empty: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	cmd.Args = append(cmd.Args, chromiumFlags[:]...)
	cmd.Args = append(cmd.Args, "--user-data-dir="+p.profile)
	if o.Headless {
		cmd.Args = append(cmd.Args, "--headless=new", "--deny-permission-prompts")
	}
	if o.Headless || o.Fallback != "" {
		c.unattended = newUnattended(o, p)
	}
	if o.Insecure {
		cmd.Args = append(cmd.Args, "--ignore-certificate-errors")
	}
	if err := preferAuth(p.profile, !o.Headless || hasPassword(o.URL)); err != nil {
		c.close()
		return nil, nothing, err
	}
	if runtime.GOOS == "linux" && isRoot() {
		cmd.Args = append(cmd.Args, "--no-sandbox")
		c.log("%s runs without its sandbox, because you are root: open only sites that you trust, or be another user.", o.Browser.Name)
	}
	// Else it keeps crash reports with the user's own profile.
	cmd.Env = append(cmd.Env, "BREAKPAD_DUMP_LOCATION="+filepath.Join(p.session, "crashes"))
	inheritPipes(cmd, in, out)
	undo, err := registerWindows(o.Browser.Kind, p.manifest)
	if err != nil {
		c.close()
		return nil, nothing, err
	}
	return c, undo, nil
}

func (c *chromium) close() {
	c.permissions()
	for _, f := range []*os.File{c.in, c.out, c.w, c.r} {
		f.Close()
	}
}

func (c *chromium) setUp(ctx context.Context) error {
	// The browser has its own copies of these by now.
	c.in.Close()
	c.out.Close()
	go c.read()
	var version struct{ Product string }
	if err := c.call(ctx, "Browser.getVersion", nil, &version); err != nil {
		return fmt.Errorf("it does not answer: %w", err)
	}
	var loaded struct{ ID string }
	// Private windows, too: who inspects a site wants to see it there as well.
	unpacked := map[string]any{"path": c.extension, "enableInIncognito": true}
	if err := c.call(ctx, "Extensions.loadUnpacked", unpacked, &loaded); err != nil {
		return fmt.Errorf("%s did not load the extension from %q: %w (version 126 or later can)", version.Product, c.extension, err)
	}
	if loaded.ID != extension.ChromiumID {
		return fmt.Errorf("the extension in %q has the id %q, but the host speaks only to %q: its manifest's key was changed",
			c.extension, loaded.ID, extension.ChromiumID)
	}
	c.awaitExtension(ctx)
	discover := map[string]any{"discover": true, "filter": []any{map[string]any{"type": "page"}}}
	if err := c.call(ctx, "Target.setDiscoverTargets", discover, nil); err != nil {
		return err
	}
	if c.headless {
		if err := c.watch(ctx); err != nil {
			return err
		}
	}
	first, release := c.url, func() {}
	if c.unattended != nil {
		// The page is opened once we hear what happens to it.
		var err error
		if first, release, err = endless(); err != nil {
			return fmt.Errorf("opening a port for the first page to wait at: %w", err)
		}
	}
	// The browser holds navigations back until the content scripts of enabled
	// extensions are in place (its UserScriptListener), so that this page's
	// first script meets them.
	var page struct{ TargetID string }
	if err := c.call(ctx, "Target.createTarget", map[string]any{"url": first, "newWindow": true}, &page); err != nil {
		release()
		return fmt.Errorf("opening %q: %w", c.url, err)
	}
	if c.unattended != nil {
		go func() {
			defer release()
			if !c.headless {
				c.openOrElse(context.Background(), page.TargetID)
				return
			}
			select {
			case session := <-c.unattended.attached:
				c.open(session)
			case <-c.gone:
			}
		}()
	}
	return nil
}

// endless is an address that is never answered. A page that is opened in a tab that
// still waits for that is the first in the tab's history, as it would not be after
// any page, be it empty.
func endless() (address string, release func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return "http://" + l.Addr().String() + "/", func() { l.Close() }, nil
}

// awaitExtension waits until the extension's background runs, which it shows by its
// host's first contact: before that the browser knows of no listener for requests,
// and those of the first page would be missed. Where the host cannot be started, the
// page is opened all the same.
func (c *chromium) awaitExtension(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, extensionTimeout)
	defer cancel()
	for {
		if all, _ := contact.All(contact.Of(c.session)); len(all) > 0 {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// extensionTimeout is how long the extension's first sign is waited for.
const extensionTimeout = 5 * time.Second

func (c *chromium) pagesGone(ctx context.Context) error {
	select {
	case <-c.empty:
		return nil
	case <-c.gone:
		return errPipe
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closePages leads every page elsewhere first: of a page that is just taking
// another's place when its tab is closed, Chromium passes nothing on, and of one
// that is there, nothing that its frames say last. It goes on when the pages
// that were left have said all. Then it asks again and again: Chromium forgets
// that a page is to be closed when it is about to go to another address, and
// closing ones may open more.
func (c *chromium) closePages(ctx context.Context, settle func()) error {
	if c.leavePages(ctx) {
		settle()
	}
	for {
		pages := c.openPages()
		if len(pages) == 0 {
			return nil
		}
		for _, id := range pages {
			// One that has just been closed is no error.
			_ = c.call(ctx, "Target.closeTarget", map[string]any{"targetId": id}, nil)
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-c.gone:
			return nil // it is ending
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leavePages leads every page to an empty one, and tells whether all have gone
// there. A page that is left may open another.
func (c *chromium) leavePages(ctx context.Context) bool {
	known := map[string]bool{}
	var stayed atomic.Bool
	for {
		var leaving sync.WaitGroup
		before := len(known)
		for _, id := range c.openPages() {
			if !known[id] {
				known[id] = true
				leaving.Go(func() {
					if !c.leavePage(ctx, id) {
						stayed.Store(true)
					}
				})
			}
		}
		if len(known) == before {
			return !stayed.Load()
		}
		leaving.Wait()
	}
}

func (c *chromium) openPages() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.pages))
}

// leavePage leads a page to an empty one, unless that takes too long: it may
// ask its user first.
func (c *chromium) leavePage(ctx context.Context, id string) bool {
	ctx, cancel := context.WithTimeout(ctx, leaveTimeout)
	defer cancel()
	var attached struct{ SessionID string }
	if c.call(ctx, "Target.attachToTarget", map[string]any{"targetId": id, "flatten": true}, &attached) != nil {
		return true // it has gone by itself
	}
	var navigated struct{ ErrorText string }
	err := c.callIn(ctx, attached.SessionID, "Page.navigate", map[string]any{"url": "about:blank"}, &navigated)
	return err == nil && navigated.ErrorText == ""
}

func (c *chromium) end(ctx context.Context) error {
	return c.call(ctx, "Browser.close", nil, nil)
}

var errPipe = errors.New("the browser closed the debugging pipe")

// call makes one request of the browser and waits for its answer.
func (c *chromium) call(ctx context.Context, method string, params, result any) error {
	return c.callIn(ctx, "", method, params, result)
}

// callIn makes one request of what a session is attached to, "" for the browser.
func (c *chromium) callIn(ctx context.Context, session, method string, params, result any) error {
	answer, err := c.request(session, method, params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case r := <-answer:
		switch {
		case r.Error != nil:
			return fmt.Errorf("%s: %s", method, r.Error.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(r.Result, result)
	case <-c.gone:
		return fmt.Errorf("%s: %w", method, errPipe)
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, context.Cause(ctx))
	}
}

// request sends a request and does not wait for its answer.
func (c *chromium) request(session, method string, params any) (answer <-chan reply, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	request := map[string]any{"id": c.last, "method": method, "params": params}
	if session != "" {
		request["sessionId"] = session
	}
	message, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	waiting := make(chan reply, 1)
	c.waiting[c.last] = waiting
	_, err = c.w.Write(append(message, 0))
	return waiting, err
}

// read hands out what the browser says until it closes the pipe.
func (c *chromium) read() {
	defer close(c.gone)
	for r := bufio.NewReader(c.r); ; {
		message, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID     int
			Method string
			Params struct {
				TargetID   string
				TargetInfo struct{ TargetID, Type, Subtype string }
			}
			reply
		}
		c.event(message)
		// What isn't understood isn't ours: nobody else waits for it.
		if json.Unmarshal(bytes.TrimSuffix(message, []byte{0}), &m) != nil {
			continue
		}
		c.mu.Lock()
		switch m.Method {
		case "Target.targetCreated", "Target.targetInfoChanged":
			// One that is prerendered is no page yet, and one that a prerendered page
			// has taken the place of ("disconnected") is none any more.
			info := m.Params.TargetInfo
			switch {
			case info.Type != "page":
			case info.Subtype == "":
				c.pages[info.TargetID] = true
			default:
				delete(c.pages, info.TargetID)
			}
		case "Target.targetDestroyed":
			delete(c.pages, m.Params.TargetID)
			if len(c.pages) == 0 {
				select {
				case c.empty <- struct{}{}:
				default:
				}
			}
		}
		answer := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if answer != nil {
			answer <- m.reply
		}
	}
}
