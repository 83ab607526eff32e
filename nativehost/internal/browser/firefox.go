package browser

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/words"
)

//go:embed firefox.js
var firefoxScript string

// closeTopic is the notification on which firefox.js closes every page.
const closeTopic = "userlike-inspector-close"

// userPrefs is the first line of user.js. A user.js without it was not written by this
// program.
const userPrefs = "// Written by Userlike Inspector at every start.\n"

// firefoxPrefs allow the debugger, and switch off greetings, questions, updates and
// connections to the maker in a new profile. None of them changes what a page can do.
var firefoxPrefs = [...]struct {
	name  string
	value any
}{
	{"devtools.debugger.remote-enabled", true},
	{"devtools.chrome.enabled", true},
	{"devtools.debugger.prompt-connection", false},

	{"app.normandy.enabled", false},
	{"app.update.auto", false},
	{"browser.aboutwelcome.enabled", false},
	{"browser.discovery.enabled", false},
	{"browser.messaging-system.whatsNewPanel.enabled", false},
	{"browser.newtabpage.activity-stream.feeds.topsites", false},
	{"browser.newtabpage.activity-stream.showSponsoredTopSites", false},
	{"browser.preonboarding.enabled", false},
	{"browser.region.network.url", ""},
	{"browser.search.update", false},
	{"browser.sessionstore.resume_from_crash", false},
	{"browser.shell.checkDefaultBrowser", false},
	{"browser.startup.homepage_override.mstone", "ignore"},
	{"browser.startup.page", 0},
	{"browser.tabs.warnOnClose", false},
	{"browser.translations.automaticallyPopup", false},
	{"browser.warnOnQuit", false},
	{"datareporting.healthreport.uploadEnabled", false},
	{"datareporting.policy.dataSubmissionEnabled", false},
	{"datareporting.policy.dataSubmissionPolicyBypassNotification", true},
	{"extensions.enabledScopes", 5}, // no extensions from the user's own folder
	{"extensions.getAddons.cache.enabled", false},
	{"extensions.systemAddon.update.enabled", false},
	{"extensions.update.enabled", false},
	{"network.captive-portal-service.enabled", false},
	{"network.connectivity-service.enabled", false},
	{"signon.rememberSignons", false},
	{"termsofuse.bypassNotification", true},
	{"toolkit.telemetry.reportingpolicy.firstRun", false},
}

// firefox controls a browser of the Firefox family through its debugger's server, which does
// not touch any page. It is connected only while it sends a command.
//
// https://firefox-source-docs.mozilla.org/devtools/backend/protocol.html
type firefox struct {
	places
	url, fallback      string
	headless, insecure bool
	network, address   string
	remove             func() // removes what the address has outside of the session's folder

	happened func(Happening) // nil if nobody wants to know
	stop     context.CancelFunc
	told     chan struct{} // closed when happened has been called for everything
}

// prepareFirefox writes the preferences and completes the command line.
func prepareFirefox(cmd *exec.Cmd, p places, o Options) (driver, func() error, error) {
	nothing := func() error { return nil }
	if err := writePrefs(filepath.Join(p.profile, "user.js")); err != nil {
		return nil, nothing, err
	}
	flag, network, address, remove, err := debuggerAddress(p.session)
	if err != nil {
		return nil, nothing, err
	}
	cmd.Args = append(cmd.Args, "--no-remote", "--new-instance", "--profile", p.profile, "--start-debugger-server", flag)
	if o.Headless {
		cmd.Args = append(cmd.Args, "--headless")
	}
	cmd.Args = append(cmd.Args, blank)
	cmd.Env = append(cmd.Env, "MOZ_CRASHREPORTER_DISABLE=1")
	return &firefox{
		places: p, url: o.URL, fallback: o.Fallback, headless: o.Headless, insecure: o.Insecure,
		network: network, address: address, remove: remove, happened: o.Happened,
	}, nothing, nil
}

// writePrefs writes user.js, unless there is one that is not ours.
func writePrefs(path string) error {
	there, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the profile's preferences: %w", err)
	}
	if err == nil && !strings.HasPrefix(string(there), userPrefs) {
		return fmt.Errorf("%s has preferences of its own in user.js: name another folder as the profile", words.Path(filepath.Dir(path)))
	}
	var b bytes.Buffer
	b.WriteString(userPrefs)
	for _, p := range firefoxPrefs {
		value, err := json.Marshal(p.value)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "user_pref(%q, %s);\n", p.name, value)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("writing the profile's preferences: %w", err)
	}
	return nil
}

func (f *firefox) close() {
	f.remove()
	if f.stop != nil {
		f.stop()
		<-f.told
	}
}

// saidFile is the file to which firefox.js writes what happens, one Happening per line.
func (f *firefox) saidFile() string { return filepath.Join(f.session, "happenings.jsonl") }

// listen passes on what firefox.js writes, until ctx ends and everything was passed on.
func (f *firefox) listen(ctx context.Context) {
	defer close(f.told)
	var read int64
	passOn := func() {
		for _, line := range bytes.SplitAfter(readFrom(f.saidFile(), read), []byte{'\n'}) {
			if !bytes.HasSuffix(line, []byte{'\n'}) {
				break // the line is still being written
			}
			read += int64(len(line))
			var h Happening
			if json.Unmarshal(line, &h) == nil {
				f.happened(h)
			}
		}
	}
	_ = poll(ctx, func() bool { passOn(); return false }) // until ctx ends
	passOn()
}

// readFrom reads a file from an offset on. It returns nothing if there is no file.
func readFrom(path string, offset int64) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	b, _ := io.ReadAll(io.NewSectionReader(file, offset, 64<<20)) // what could be read is enough
	return b
}

func (f *firefox) setUp(ctx context.Context) error {
	if f.headless && f.happened != nil {
		var listening context.Context
		listening, f.stop = context.WithCancel(context.Background())
		f.told = make(chan struct{})
		go f.listen(listening)
	}
	options, err := json.Marshal(map[string]any{
		"host":      extension.HostName,
		"manifest":  f.manifest,
		"extension": f.extension,
		"id":        extension.FirefoxID,
		"url":       f.url,
		"topic":     closeTopic,
		"gone":      f.goneFile(),
		"leave":     leaveTimeout.Milliseconds(),
		"again":     leaveAgain.Milliseconds(),
		"silent":    silence.Milliseconds(),
		"headless":  f.headless,
		"insecure":  f.insecure,
		"fallback":  f.fallback,
		"said":      f.saidFile(),
		"downloads": filepath.Join(f.session, "downloads"),
	})
	if err != nil {
		return err
	}
	code, err := json.Marshal("const options = " + string(options) + ";\n" + firefoxScript)
	if err != nil {
		return err
	}
	answer, err := f.evaluate(ctx, `Cu.evalInSandbox(`+string(code)+`, new Cu.Sandbox(Services.scriptSecurityManager.getSystemPrincipal(),
		{freshCompartment: true, sandboxName: "userlike-inspector", wantGlobalProperties: ["ChromeUtils", "IOUtils", "PathUtils", "URLSearchParams"]}))`, true)
	if err != nil {
		return fmt.Errorf("setting it up: %w", err)
	}
	var result struct{ ID, Error string }
	if err := json.Unmarshal([]byte(answer), &result); err != nil {
		return fmt.Errorf("setting it up: it answered %s", words.Quote(answer))
	}
	switch {
	case result.Error != "":
		return fmt.Errorf("setting it up with the extension from %s: %s", words.Path(f.extension), result.Error)
	case result.ID != extension.FirefoxID:
		return fmt.Errorf("the extension in %s has the id %s, but the host speaks only to %s", words.Path(f.extension), words.Quote(result.ID), words.Quote(extension.FirefoxID))
	}
	return nil
}

// closePages lets firefox.js close the pages. It navigates them away first, so that their
// frames can send their last messages.
func (f *firefox) closePages(ctx context.Context, _ func()) error {
	_, err := f.evaluate(ctx, `Services.obs.notifyObservers(null, "`+closeTopic+`")`, false)
	return err
}

// goneFile is the file that firefox.js makes when the last window was closed. With a file, no
// connection is needed while the browser runs.
func (f *firefox) goneFile() string { return filepath.Join(f.session, "pages-gone") }

func (f *firefox) pagesGone(ctx context.Context) error {
	return poll(ctx, func() bool {
		_, err := os.Stat(f.goneFile())
		return err == nil
	})
}

func (f *firefox) end(ctx context.Context) error {
	_, err := f.evaluate(ctx, `Services.startup.quit(Ci.nsIAppStartup.eForceQuit)`, false)
	return err
}

// evaluate runs JavaScript in Firefox's parent process. With wait, it returns the string of
// the promise that the code evaluates to.
func (f *firefox) evaluate(ctx context.Context, code string, wait bool) (string, error) {
	d, err := f.connect(ctx)
	if err != nil {
		return "", err
	}
	defer d.Close()
	stop := context.AfterFunc(ctx, func() { d.Close() })
	defer stop()
	var process struct{ ProcessDescriptor struct{ Actor string } }
	if err := d.call("root", "getProcess", map[string]any{"id": 0}, &process); err != nil {
		return "", err
	}
	var target struct{ Process struct{ ConsoleActor string } }
	if err := d.call(process.ProcessDescriptor.Actor, "getTarget", nil, &target); err != nil {
		return "", err
	}
	console := target.Process.ConsoleActor
	var begun struct{ ResultID string }
	err = d.call(console, "evaluateJSAsync", map[string]any{"text": code, "mapped": map[string]any{"await": true}}, &begun)
	if err != nil || !wait {
		return "", err
	}
	for {
		p, raw, err := d.read()
		if err != nil {
			return "", err
		}
		if p.From != console || p.Type != "evaluationResult" {
			continue
		}
		var r struct {
			Result           any
			ResultID         string
			ExceptionMessage any
		}
		if err := json.Unmarshal(raw, &r); err != nil {
			return "", err
		}
		if r.ResultID != begun.ResultID {
			continue
		}
		s, ok := r.Result.(string)
		if !ok {
			return "", fmt.Errorf("unexpected answer %v (%v)", r.Result, r.ExceptionMessage)
		}
		return s, nil
	}
}

// connect waits for Firefox to listen.
func (f *firefox) connect(ctx context.Context) (d *debugger, err error) {
	late := poll(ctx, func() bool {
		d, err = f.dial(ctx)
		return err == nil
	})
	if late != nil {
		return nil, fmt.Errorf("it does not answer: %w", errors.Join(late, err))
	}
	return d, nil
}

func (f *firefox) dial(ctx context.Context) (*debugger, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, f.network, f.address)
	if err != nil {
		return nil, err
	}
	d := &debugger{Conn: conn, r: bufio.NewReader(conn)}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, _, err := d.read(); err != nil { // the server sends a greeting first
		conn.Close()
		return nil, err
	}
	return d, nil
}

// debugger is a connection to Firefox's debugger server: packets of JSON, each
// after its length in decimal and a colon.
type debugger struct {
	net.Conn
	r *bufio.Reader
}

// packet has the members that all packets of the server have.
type packet struct {
	From    string
	Type    string
	Error   string
	Message string
}

// call sends a request to an actor and waits for its answer.
func (d *debugger) call(actor, method string, params map[string]any, result any) error {
	request := map[string]any{"to": actor, "type": method}
	for name, value := range params {
		request[name] = value
	}
	b, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := d.Write(slices.Concat([]byte(strconv.Itoa(len(b))), []byte{':'}, b)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		p, raw, err := d.read()
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", method, err)
		case p.From != actor || p.Type != "": // an event
		case p.Error != "":
			return fmt.Errorf("%s: %s: %s", method, p.Error, p.Message)
		default:
			return json.Unmarshal(raw, result)
		}
	}
}

// read reads one packet.
func (d *debugger) read() (packet, []byte, error) {
	const limit = 64 << 20
	length, err := d.r.ReadString(':')
	if err != nil {
		return packet{}, nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil || n < 0 || n > limit {
		return packet{}, nil, fmt.Errorf("a packet of length %s", words.Quote(length))
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(d.r, raw); err != nil {
		return packet{}, nil, err
	}
	var p packet
	if err := json.Unmarshal(raw, &p); err != nil {
		return packet{}, nil, fmt.Errorf("a packet that is no JSON object: %w", err)
	}
	return p, raw, nil
}
