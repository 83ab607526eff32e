//go:build browsers && linux

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// streamPage makes calls as its server tells it to, and counts them. It makes none after
// its pagehide event, because it could not tell the server of them.
const streamPage = `<!doctype html><title>Stream</title>
<script>function userlikeTrackingEvent() {}</script>
<script>
	let made = 0, gone = false;
	const call = () => userlikeTrackingEvent(String(++made), {client_uuid: "u"}, {session_id: "s"});
	if (!location.search) addEventListener("pagehide", () => { call(); navigator.sendBeacon("/left" + location.pathname + "?" + made); });
	addEventListener("pagehide", () => gone = true);
	(async () => {
		for (;;) {
			// Chromium makes requests fail that are open when it reloads an extension.
			const response = await fetch("/next" + location.pathname + "?" + made).catch(() => null);
			if (response === null) continue;
			if (await response.text() === "leave") location.href = "/idle";
			else if (!gone) call();
		}
	})();
</script>`

// stream is a streamPage in a browser, and what it is told to do.
type stream struct {
	b    *victim
	path string
	cut  bool // the browser ends while the page makes calls

	made    int  // how many calls the page has counted
	waiting bool // it waits, and makes no calls
	running bool // it is told to make calls
	leaving bool // it is told to go to another page
	gone    bool // it has gone
}

// visit opens a page and waits until it has asked what to do. A silent one makes no call
// when it is left.
func (b *victim) visit(t *testing.T, silent bool) *stream {
	t.Helper()
	page := b.expect(t, silent)
	b.open(t, b.site.URL+page.path)
	page.pause(t)
	return page
}

// expect prepares the server for a page without opening it.
func (b *victim) expect(t *testing.T, silent bool) *stream {
	t.Helper()
	b.mu.Lock()
	page := &stream{b: b, path: fmt.Sprintf("/stream/%d", len(b.streams))}
	b.streams[page.path] = page
	b.mu.Unlock()
	if silent {
		page.path += "?silent"
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		page.leaving = true
	})
	return page
}

// tell changes what the page is told to do, and waits until done holds.
func (p *stream) tell(t *testing.T, what string, change func(), done func() bool) {
	t.Helper()
	p.b.mu.Lock()
	change()
	p.b.mu.Unlock()
	p.b.await(t, what, func() bool {
		p.b.mu.Lock()
		defer p.b.mu.Unlock()
		return done()
	})
}

// count is how many calls the page has told the server of.
func (p *stream) count() int {
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	return p.made
}

// left reports whether the page has gone.
func (p *stream) left() bool {
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	return p.gone
}

// goOn lets the page make calls, and returns when it has made n more. It continues after
// that.
func (p *stream) goOn(t *testing.T, n int) {
	t.Helper()
	until := 0
	p.tell(t, "the page calls", func() { p.running, until = true, p.made+n }, func() bool { return p.made >= until })
}

// pause makes the page wait.
func (p *stream) pause(t *testing.T) {
	t.Helper()
	p.tell(t, "the page waits", func() { p.running = false }, func() bool { return p.waiting })
}

// leave makes the page go to another one, which it does with a last call.
func (p *stream) leave(t *testing.T) {
	t.Helper()
	p.tell(t, "the page has gone", func() { p.leaving = true }, func() bool { return p.gone })
}

// ServeHTTP serves the pages and takes what they report.
func (b *victim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asks, next := strings.CutPrefix(r.URL.Path, "/next")
	left, gone := strings.CutPrefix(r.URL.Path, "/left")
	made, err := strconv.Atoi(r.URL.RawQuery)
	switch {
	case next && err == nil:
		fmt.Fprint(w, b.next(r.Context(), asks, made))
	case gone && err == nil:
		b.mu.Lock()
		b.streams[left].made, b.streams[left].gone = made, true
		b.mu.Unlock()
	case strings.HasPrefix(r.URL.Path, "/stream/"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, streamPage)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>Idle</title>")
	}
}

// next answers a page that asks what to do: "call" or "leave". It waits while the page is
// told neither. made is how many calls the page has counted.
func (b *victim) next(ctx context.Context, path string, made int) string {
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	for {
		b.mu.Lock()
		p := b.streams[path]
		// A late request may have an older count than one before.
		p.made, p.waiting = max(p.made, made), !p.running
		running, leaving := p.running, p.leaving
		b.mu.Unlock()
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ""
		}
		switch {
		case leaving:
			return "leave"
		case running:
			return "call"
		}
	}
}
