package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// unattended acts in place of a person in a browser without a window. It is attached to
// every page from its beginning, answers the questions of pages and servers, and sees how
// the first page is opened.
//
// Page.enable sends dialogs here instead of showing them, so none of this is done in a
// browser whose window a person sees.
type unattended struct {
	happened func(Happening)
	fallback string // see Options.Fallback
	denied   map[string]bool

	mu        sync.Mutex
	addresses map[string]string // of pages, by target
	pages     map[string]string // the targets of those that are shown, by session
	opening   []window          // requested by pages, and not there yet
	first     string            // the first page's session
	attached  chan string       // receives it, once
	decided   bool              // it is known whether the first page was opened
	instead   string            // the address that was tried before the fallback, "" for none
	reason    string            // why that could not be opened
	status    int               // the newest http error of a document of the first page's
}

// window is a window that a page wants to open.
type window struct{ opener, url string } // opener is the page's target

// windowTime is how long it takes at most until the browser reports a new window. About a
// window that it blocks, it reports nothing.
const windowTime = 2 * time.Second

func newUnattended(o Options, p places) *unattended {
	happened := o.Happened
	if happened == nil {
		happened = func(Happening) {}
	}
	return &unattended{
		happened:  happened,
		fallback:  o.Fallback,
		denied:    deniedPermissions(p.profile),
		attached:  make(chan string, 1),
		addresses: map[string]string{},
		pages:     map[string]string{},
	}
}

// chromiumEvent is an event of Chromium, with the members that are used here.
type chromiumEvent struct {
	Method    string
	SessionID string
	Params    struct {
		SessionID  string // of Target.attachedToTarget
		TargetID   string
		TargetInfo struct{ TargetID, Type, Subtype, URL, OpenerID string }

		URL, Message, Type, SuggestedFilename, ErrorText string
		UserGesture                                      bool // of Page.windowOpen
		Frame                                            struct{ ParentID, URL, UnreachableURL string }
		Response                                         struct {
			URL     string
			Status  int
			Headers map[string]any
		}
	}
}

// watch switches events on, before the first page is made.
func (c *chromium) watch(ctx context.Context) error {
	// Deny downloads: nobody would know where the file went.
	deny := map[string]any{"behavior": "deny", "eventsEnabled": true}
	if err := c.call(ctx, "Browser.setDownloadBehavior", deny, nil); err != nil {
		return err
	}
	return c.call(ctx, "Target.setAutoAttach", attachTo("tab"), nil)
}

// attachTo are the parameters for attaching to every target of a type from its beginning.
// Pages are attached to through their tabs, because otherwise Chromium does not prerender
// anything in them.
// https://source.chromium.org/chromium/chromium/src/+/main:content/browser/devtools/devtools_instrumentation.cc (IsPrerenderAllowed)
func attachTo(kind string) map[string]any {
	return map[string]any{
		"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
		"filter": []any{map[string]any{"type": kind}},
	}
}

// event handles an event of the browser. It must not wait for anything.
func (c *chromium) event(message []byte) {
	u := c.unattended
	var e chromiumEvent
	if u == nil || json.Unmarshal(bytes.TrimSuffix(message, []byte{0}), &e) != nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	first := e.SessionID != "" && e.SessionID == u.first
	switch e.Method {
	case "Target.attachedToTarget":
		switch e.Params.TargetInfo.Type {
		case "tab":
			go c.attendTab(e.Params.SessionID)
		case "page":
			first := u.first == ""
			if first {
				u.first = e.Params.SessionID
			}
			if e.Params.TargetInfo.Subtype == "" { // a prerendered page does not count yet
				u.addresses[e.Params.TargetInfo.TargetID] = e.Params.TargetInfo.URL
				u.pages[e.Params.SessionID] = e.Params.TargetInfo.TargetID
				u.came(e.Params.TargetInfo.OpenerID)
			}
			go func() {
				c.attend(e.Params.SessionID)
				if first {
					u.attached <- e.Params.SessionID
				}
			}()
		}
	case "Target.detachedFromTarget":
		delete(u.pages, e.Params.SessionID)
	case "Target.targetCreated", "Target.targetInfoChanged":
		u.addresses[e.Params.TargetInfo.TargetID] = e.Params.TargetInfo.URL
	case "Target.targetCrashed":
		u.happened(Happening{What: Crashed, URL: u.addresses[e.Params.TargetID]})
	case "Page.javascriptDialogOpening":
		answer, accept := answerTo(e.Params.Type)
		u.happened(Happening{What: Dialog, URL: e.Params.URL, Text: e.Params.Message, Dialog: e.Params.Type, Answer: answer})
		go func() {
			// An error says that the dialog has closed with its page.
			_ = c.callIn(context.Background(), e.SessionID, "Page.handleJavaScriptDialog", map[string]any{"accept": accept}, nil)
		}()
	case "Page.windowOpen":
		if e.Params.UserGesture {
			break // the browser allows it
		}
		w := window{u.pages[e.SessionID], e.Params.URL}
		u.opening = append(u.opening, w)
		time.AfterFunc(windowTime, func() { u.late(w) })
	case "Page.frameNavigated":
		frame := e.Params.Frame
		if first && !u.decided && frame.ParentID == "" && frame.URL != blank && frame.UnreachableURL == "" {
			u.decided = true
			go c.opened(e.SessionID, frame.URL)
		}
	case "Network.responseReceived":
		if first && e.Params.Type == "Document" && e.Params.Response.Status >= 400 {
			u.status = e.Params.Response.Status
		}
		if first && e.Params.Type == "Document" && (e.Params.Response.Status == 204 || e.Params.Response.Status == 205) {
			go c.failed(fmt.Sprintf("the server sent no page (%d)", e.Params.Response.Status))
		}
		asks := slices.ContainsFunc(slices.Collect(maps.Keys(e.Params.Response.Headers)), func(name string) bool {
			return strings.EqualFold(name, "WWW-Authenticate")
		})
		if e.Params.Response.Status == 401 && asks {
			u.happened(Happening{What: Login, URL: e.Params.Response.URL})
		}
	case "Browser.downloadWillBegin":
		u.happened(Happening{What: Download, URL: e.Params.URL, Text: e.Params.SuggestedFilename})
		go c.failed("the server sent a file to save (" + e.Params.SuggestedFilename + "), not a page")
	}
}

// errAborted is Chromium's error for a navigation that ended without a page.
const errAborted = "net::ERR_ABORTED"

// answerTo is the answer to a dialog: that of a person who wants the visit to continue, but
// agrees to nothing.
func answerTo(dialog string) (answer string, accept bool) {
	switch dialog {
	case "alert":
		return "OK", true
	case "beforeunload":
		return "Leave", true
	}
	return "Cancel", false
}

// came notes that a page's window was opened.
func (u *unattended) came(opener string) {
	if i := slices.IndexFunc(u.opening, func(w window) bool { return w.opener == opener }); i >= 0 {
		u.opening = slices.Delete(u.opening, i, i+1)
	}
}

// late reports a window that was not opened in time.
func (u *unattended) late(w window) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if i := slices.Index(u.opening, w); i >= 0 {
		u.opening = slices.Delete(u.opening, i, i+1)
		u.happened(Happening{What: Popup, URL: u.addresses[w.opener], Text: w.url})
	}
}

// attendTab attaches to a tab's pages, and lets the tab continue.
func (c *chromium) attendTab(session string) {
	// An error says that the tab has gone.
	_ = c.callIn(context.Background(), session, "Target.setAutoAttach", attachTo("page"), nil)
	_ = c.callIn(context.Background(), session, "Runtime.runIfWaitingForDebugger", nil, nil)
}

// attend switches on a page's events, and lets the page continue.
func (c *chromium) attend(session string) {
	for _, step := range []struct {
		method string
		params map[string]any
	}{
		{"Page.enable", nil},
		// Keep no bodies of answers; they are not needed.
		{"Network.enable", map[string]any{"maxTotalBufferSize": 0, "maxResourceBufferSize": 0}},
		{"Runtime.runIfWaitingForDebugger", nil},
	} {
		// Do not wait for each answer: a prerendered page answers only when it is shown.
		// An error says that the browser has ended.
		_, _ = c.request(session, step.method, step.params)
	}
}

// failed reports that the first page could not be opened, unless the result is known already.
func (c *chromium) failed(reason string) {
	u := c.unattended
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.decided {
		u.decided = true
		h := Happening{What: Failed, URL: c.url, Text: reason, Instead: u.instead}
		if u.instead != "" {
			h.URL = u.fallback
		}
		u.happened(h)
	}
}

// open opens the first page, or the fallback. The answer to a navigation has the reason if it
// fails. That it succeeded is seen from the page's first document.
func (c *chromium) open(session string) {
	u := c.unattended
	// Wait until the requests of attend have been handled, or the navigation would overtake
	// them. An error says that the browser has ended.
	_ = c.callIn(context.Background(), session, "Page.enable", nil, nil)
	h := c.navigate(session, c.url)
	if u.fallback != "" && h.What == Failed && worthFallback(h.Text, c.url) {
		u.mu.Lock()
		u.instead, u.reason = c.url, h.Text
		u.mu.Unlock()
		h = c.navigate(session, u.fallback)
	}
	switch {
	case h.What == Opened:
	case h.Text == errAborted:
		// It may be a download, which the browser reports next.
		time.AfterFunc(silence, func() { c.failed("the server sent no page (" + errAborted + ")") })
	default:
		c.failed(h.Text)
	}
}

// opened reports how the first page was opened, after its first document has come.
func (c *chromium) opened(session, address string) {
	u := c.unattended
	h := Happening{What: Opened, URL: address, Status: c.statusOf(session)}
	u.mu.Lock()
	defer u.mu.Unlock()
	h.Instead, h.Text = u.instead, u.reason
	u.happened(h)
}

// worthFallback tells whether an address that could not be opened may work with another
// scheme. A server with a certificate on a port of its own does not.
func worthFallback(reason, address string) bool {
	at, err := url.Parse(address)
	return err == nil && (at.Port() == "" || !strings.Contains(reason, "CERT"))
}

// navigate opens an address in a page.
func (c *chromium) navigate(session, address string) Happening {
	var result struct{ ErrorText string }
	err := c.callIn(context.Background(), session, "Page.navigate", map[string]any{"url": address}, &result)
	switch {
	case err != nil:
		return Happening{What: Failed, URL: address, Text: err.Error()}
	case result.ErrorText == "net::ERR_HTTP_RESPONSE_CODE_FAILURE":
		c.unattended.mu.Lock()
		defer c.unattended.mu.Unlock()
		return Happening{What: Failed, URL: address, Text: fmt.Sprintf("the server answered with an error (%d) and no page", c.unattended.status)}
	case result.ErrorText != "":
		return Happening{What: Failed, URL: address, Text: result.ErrorText}
	}
	return Happening{What: Opened, URL: address}
}

// statusOf is the HTTP status of the document that a page shows, 0 if not known. It is read
// in an isolated world, which the page cannot see.
func (c *chromium) statusOf(session string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var tree struct {
		FrameTree struct{ Frame struct{ ID string } }
	}
	var world struct{ ExecutionContextID int }
	var result struct{ Result struct{ Value int } }
	err := c.callIn(ctx, session, "Page.getFrameTree", nil, &tree)
	if err == nil {
		err = c.callIn(ctx, session, "Page.createIsolatedWorld", map[string]any{"frameId": tree.FrameTree.Frame.ID}, &world)
	}
	if err == nil {
		err = c.callIn(ctx, session, "Runtime.evaluate", map[string]any{
			"expression": `performance.getEntriesByType("navigation")[0].responseStatus`, "contextId": world.ExecutionContextID,
		}, &result)
	}
	if err != nil {
		return 0
	}
	return result.Result.Value
}

// openOrElse opens the first address, or the fallback, in a browser with a window. It is
// attached to the page only until the result is known.
func (c *chromium) openOrElse(ctx context.Context, target string) {
	var attached struct{ SessionID string }
	if c.call(ctx, "Target.attachToTarget", map[string]any{"targetId": target, "flatten": true}, &attached) != nil {
		return
	}
	if h := c.navigate(attached.SessionID, c.url); h.What == Failed && worthFallback(h.Text, c.url) {
		c.navigate(attached.SessionID, c.unattended.fallback)
	}
	_ = c.call(ctx, "Target.detachFromTarget", map[string]any{"sessionId": attached.SessionID}, nil)
}

// preferAuth changes what Chromium does when a server asks for a password: it shows the page
// that the server sends instead, or asks its user again. The preference is that of the
// policy AuthSchemes, and is for the whole profile.
func preferAuth(profile string, ask bool) error {
	path := filepath.Join(profile, "Local State")
	state, auth := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if ask {
			return nil
		}
	case err != nil:
		return err
	case json.Unmarshal(b, &state) != nil:
		return nil // Chromium replaces a broken file
	}
	if json.Unmarshal(state["auth"], &auth) != nil {
		auth = map[string]json.RawMessage{}
	}
	if ask {
		if string(auth["schemes"]) != noSchemes {
			return nil
		}
		delete(auth, "schemes")
	} else {
		auth["schemes"] = json.RawMessage(noSchemes)
	}
	if state["auth"], err = json.Marshal(auth); err == nil {
		b, err = json.Marshal(state)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

// noSchemes allows only schemes that need no password.
const noSchemes = `"negotiate"`

// deniedPermissions are the permissions that were denied to sites in a profile, each as
// "SITE PERMISSION". Questions that were answered without being shown are noted there.
func deniedPermissions(profile string) map[string]bool {
	var preferences struct {
		Profile struct {
			ContentSettings struct {
				Exceptions map[string]map[string]struct{ Setting any } `json:"exceptions"`
			} `json:"content_settings"`
		} `json:"profile"`
	}
	denied := map[string]bool{}
	b, _ := os.ReadFile(filepath.Join(profile, "Default", "Preferences")) // the file does not exist before the first start
	_ = json.Unmarshal(b, &preferences)                                   // parts of another form are ignored
	for wish, sites := range preferences.Profile.ContentSettings.Exceptions {
		for site, e := range sites {
			if e.Setting == 2.0 { // CONTENT_SETTING_BLOCK
				site, _, _ = strings.Cut(site, ",")
				denied[site+" "+wish] = true
			}
		}
	}
	return denied
}

// permissions reports what was denied since the start. The browser must have ended.
func (c *chromium) permissions() {
	u := c.unattended
	if u == nil {
		return
	}
	for _, denied := range slices.Sorted(maps.Keys(deniedPermissions(c.profile))) {
		if !u.denied[denied] {
			site, wish, _ := strings.Cut(denied, " ")
			u.happened(Happening{What: Permission, URL: site, Text: wish})
		}
	}
}
