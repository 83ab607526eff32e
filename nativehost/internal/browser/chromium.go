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
	"userlike-inspector/nativehost/internal/winreg"
	"userlike-inspector/nativehost/internal/words"
)

// chromiumFlags switch off greetings, questions, updates and connections to the maker in a
// new profile. None of them changes what a page can do.
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
	"--password-store=basic", // do not ask for the desktop's keyring
	"--use-mock-keychain",    // the same on macOS
	// The popups of the address bar are pages in processes of their own, which are there from
	// the start. Without them a short session of Chromium 156 needs a third less of the
	// processor's time.
	"--disable-features=Translate,OptimizationHints,WebUIOmniboxPopup,WebUIOmniboxAimPopup",

	"--remote-debugging-pipe",
	"--enable-unsafe-extension-debugging",
	// With the pipe, navigator.webdriver would be true, and pages react to that.
	"--disable-blink-features=AutomationControlled",
	// The first window is opened after the extension was loaded, and the browser must
	// not end with its last window: the last records of pages must be stored first.
	"--no-startup-window",
	"--keep-alive-for-test",
}

// chromium controls a browser of the Chromium family by the Chrome DevTools Protocol, over a
// pipe that no other process can use. In a browser with a window, it does not attach to any
// page until pages are closed.
type chromium struct {
	places
	url     string
	in, out *os.File // the browser's ends of the pipes, until it has started
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
func prepareChromium(cmd *exec.Cmd, p places, o Options) (driver, func() error, error) {
	nothing := func() error { return nil }
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
	// Otherwise it keeps crash reports in the user's own profile.
	cmd.Env = append(cmd.Env, "BREAKPAD_DUMP_LOCATION="+filepath.Join(p.session, "crashes"))
	inheritPipes(cmd, in, out)
	undo, err := register(winreg.User(), o.Browser.askedKeys(), p)
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
	// Also in private windows, where testers inspect sites, too.
	unpacked := map[string]any{"path": c.extension, "enableInIncognito": true}
	if err := c.call(ctx, "Extensions.loadUnpacked", unpacked, &loaded); err != nil {
		return fmt.Errorf("%s did not load the extension from %s: %w (version 126 or later can)", version.Product, words.Path(c.extension), err)
	}
	if loaded.ID != extension.ChromiumID {
		return fmt.Errorf("the extension in %s has the id %s, but the host speaks only to %s: its manifest's key was changed",
			words.Path(c.extension), words.Quote(loaded.ID), words.Quote(extension.ChromiumID))
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
		// The page is opened only after we receive its events.
		var err error
		if first, release, err = endless(); err != nil {
			return fmt.Errorf("opening a port for the first page to wait at: %w", err)
		}
	}
	// The browser delays navigations until the content scripts of enabled extensions are
	// loaded (UserScriptListener in Chromium), so they run before this page's first script.
	var page struct{ TargetID string }
	if err := c.call(ctx, "Target.createTarget", map[string]any{"url": first, "newWindow": true}, &page); err != nil {
		release()
		return fmt.Errorf("opening %s: %w", words.Address(c.url), err)
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

// endless is an address that never answers. The inspected page is opened in a tab that still
// waits for this address, so that it is the first page in the tab's history. After any other
// page, even an empty one, it would be the second.
func endless() (address string, release func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return "http://" + l.Addr().String() + "/", func() { l.Close() }, nil
}

// awaitExtension waits until the extension's background runs, which is seen from its first
// contact with the host. Earlier, the extension has no listener for requests, and those of
// the first page would be missed. If the host cannot be started, the page is opened anyway.
func (c *chromium) awaitExtension(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, extensionTimeout)
	defer cancel()
	_ = poll(ctx, func() bool {
		all, _ := contact.All(contact.Of(c.session))
		return len(all) > 0
	})
}

// extensionTimeout is how long to wait for the extension's first contact.
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

// closePages first navigates every page to an empty one, because Chromium loses messages when a
// tab is closed: those of a page that is just being loaded, and the last ones of a page's
// frames (measured). When the left pages have sent everything, it closes the tabs. It repeats
// that, because Chromium forgets to close a page that is about to navigate, and because pages
// may open new ones.
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
			// An error says that it has just been closed.
			_ = c.call(ctx, "Target.closeTarget", map[string]any{"targetId": id}, nil)
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-c.gone:
			return nil // the browser is ending
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leavePages navigates every page to an empty one, and returns whether all have gone there.
// A page that is left may open another one.
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

// leavePage navigates a page to an empty one, and lets it go nowhere else. It gives up after a
// while, as the page may ask its user first.
func (c *chromium) leavePage(ctx context.Context, id string) bool {
	ctx, cancel := context.WithTimeout(ctx, leaveTimeout)
	defer cancel()
	var attached struct{ SessionID string }
	if c.call(ctx, "Target.attachToTarget", map[string]any{"targetId": id, "flatten": true}, &attached) != nil {
		return true // the page has gone by itself
	}
	// From now on, its requests for documents are held and never answered.
	_ = c.callIn(ctx, attached.SessionID, "Fetch.enable", map[string]any{"patterns": []any{map[string]any{"resourceType": "Document"}}}, nil)
	// A document that was already on its way can still replace the empty page, so a second
	// empty page follows it.
	first, left := c.empties(ctx, id, attached.SessionID, 0)
	if left && first != 0 {
		_, left = c.empties(ctx, id, attached.SessionID, first)
	}
	return left
}

// empties navigates a page to an empty one that is not the one with the number other, until ctx
// ends. It returns the new one's number in the tab's history, 0 if the tab has gone. The page
// may cancel our navigation silently, so we retry, at growing intervals: each retry cancels the
// last.
func (c *chromium) empties(ctx context.Context, id, session string, other int) (number int, left bool) {
	for again := leaveAgain; !left && ctx.Err() == nil; again *= 2 {
		// The answer does not help: it comes before the empty page does.
		_ = c.callIn(ctx, session, "Page.navigate", map[string]any{"url": blank}, nil)
		soon, cancel := context.WithTimeout(ctx, again)
		_ = poll(soon, func() bool {
			number, left = c.left(soon, id, session)
			left = left && number != other
			return left
		})
		cancel()
	}
	return number, left
}

// blank is the address of the empty page.
const blank = "about:blank"

// left tells whether a tab shows an empty page, with its number in the tab's history, or has
// gone. It asks the browser, because the page may be busy. While one page replaces another, the
// browser answers with an error.
func (c *chromium) left(ctx context.Context, id, session string) (number int, left bool) {
	var history struct {
		CurrentIndex int
		Entries      []struct {
			ID  int
			URL string
		}
	}
	if c.callIn(ctx, session, "Page.getNavigationHistory", nil, &history) != nil {
		return 0, !slices.Contains(c.openPages(), id)
	}
	i := history.CurrentIndex
	if i < 0 || i >= len(history.Entries) {
		return 0, false
	}
	return history.Entries[i].ID, history.Entries[i].URL == blank
}

func (c *chromium) end(ctx context.Context) error {
	return c.call(ctx, "Browser.close", nil, nil)
}

var errPipe = errors.New("the browser closed the debugging pipe")

// call sends a request to the browser and waits for its answer.
func (c *chromium) call(ctx context.Context, method string, params, result any) error {
	return c.callIn(ctx, "", method, params, result)
}

// callIn is call for the target that a session is attached to, "" for the browser itself.
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

// read passes on answers and events until the browser closes the pipe.
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
		// Nobody waits for a message that cannot be read.
		if json.Unmarshal(bytes.TrimSuffix(message, []byte{0}), &m) != nil {
			continue
		}
		c.mu.Lock()
		switch m.Method {
		case "Target.targetCreated", "Target.targetInfoChanged":
			// A prerendered page does not count yet, and one that was replaced by a
			// prerendered page ("disconnected") does not count any more.
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
