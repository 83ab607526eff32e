//go:build windows && registry

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
)

// plant puts this binary in the places where installed browsers are. By such a
// name it behaves as that browser, as far as the product can tell: see init.
func plant(programs string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, path := range []string{"Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe", "Mozilla Firefox/firefox.exe"} {
		path = filepath.Join(programs, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.Link(self, path); err != nil {
			return err
		}
	}
	return nil
}

func init() {
	act := map[string]func([]string) error{"chrome.exe": actAsChrome, "firefox.exe": actAsFirefox}[strings.ToLower(filepath.Base(os.Args[0]))]
	if act == nil {
		return
	}
	if err := act(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// option is the value of a command line's "--NAME=VALUE", "" where it isn't there.
func option(args []string, name string) string {
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			return value
		}
	}
	return ""
}

// startHost starts what a manifest names, with the arguments that a browser of the
// family adds.
func startHost(manifest string, family browser.Family) (*conversation, error) {
	b, err := os.ReadFile(manifest)
	if err != nil {
		return nil, err
	}
	var m browser.HostManifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	args := family.HostArgs(manifest)
	if family == browser.Chromium {
		args = append(args, "--parent-window=0") // chrome/browser/extensions/api/messaging/native_process_launcher.cc
	}
	c, err := begin(exec.Command(m.Path, args...))
	if err != nil {
		return nil, err
	}
	return c, c.greet(string(family))
}

// actAsChrome is a Chrome without a window that speaks the DevTools protocol over
// the pipe that it has inherited, and finds the host by the registry.
func actAsChrome(args []string) error {
	if option(args, "do-not-de-elevate") == "" && !strings.Contains(strings.Join(args, " "), "--do-not-de-elevate") {
		return fmt.Errorf("a Chrome that is started by an administrator hands over to another process")
	}
	in, out, _ := strings.Cut(option(args, "remote-debugging-io-pipes"), ",")
	ends := make([]*os.File, 2)
	for i, text := range []string{in, out} {
		handle, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("no pipe: %w", err)
		}
		ends[i] = os.NewFile(uintptr(handle), "pipe")
	}
	c := &chrome{out: ends[1]}
	for r := bufio.NewReader(ends[0]); ; {
		message, err := r.ReadBytes(0)
		if err == io.EOF {
			return nil // whose pipe is closed ends
		}
		if err != nil {
			return err
		}
		var m command
		if err := json.Unmarshal(bytes.TrimSuffix(message, []byte{0}), &m); err != nil {
			return err
		}
		ended, err := c.do(m)
		if ended || err != nil {
			return err
		}
	}
}

// asked is the manifest that a build of Chromium finds: Google's Chrome looks only for its
// own, all others look first for Chromium's ($STUB_IS_CHROMIUM).
func asked() string {
	if os.Getenv("STUB_IS_CHROMIUM") != "" {
		if manifest := manifestOf("chromium"); manifest != "" {
			return manifest
		}
	}
	return manifestOf("chrome")
}

type chrome struct {
	out  *os.File
	host *conversation
}

type command struct {
	ID        int
	Method    string
	SessionID string
	Params    struct{ URL string }
}

type object = map[string]any

// do answers a command and tells what it brings about.
func (c *chrome) do(m command) (ended bool, err error) {
	answer := object{}
	var events []object
	event := func(session, method string, params object) {
		events = append(events, object{"method": method, "params": params, "sessionId": session})
	}
	page := object{"targetId": "page", "type": "page", "url": "about:blank"}
	switch m.Method {
	case "Browser.getVersion":
		answer["product"] = "Chrome/156.0"
	case "Extensions.loadUnpacked":
		answer["id"] = extension.ChromiumID
		if c.host, err = startHost(asked(), browser.Chromium); err != nil {
			return true, err
		}
		go c.host.listen()
	case "Target.createTarget":
		answer["targetId"] = "page"
		event("", "Target.targetCreated", object{"targetInfo": page})
		event("", "Target.attachedToTarget", object{"sessionId": "tab", "targetInfo": object{"targetId": "tab", "type": "tab"}})
	case "Target.setAutoAttach":
		if m.SessionID == "tab" {
			event("tab", "Target.attachedToTarget", object{"sessionId": "in page", "targetInfo": page})
		}
	case "Target.attachToTarget":
		answer["sessionId"] = "again in page"
	case "Page.navigate":
		if m.Params.URL != "about:blank" {
			event(m.SessionID, "Page.frameNavigated", object{"frame": object{"url": m.Params.URL}})
			if err := c.host.visit(m.Params.URL); err != nil {
				return true, err
			}
		}
	case "Target.closeTarget":
		event("", "Target.targetDestroyed", object{"targetId": "page"})
	case "Browser.close":
		c.host.end()
		ended = true
	}
	messages := append([]object{{"id": m.ID, "result": answer}}, events...)
	for _, message := range messages {
		b, err := json.Marshal(message)
		if err != nil {
			return true, err
		}
		if _, err := c.out.Write(append(b, 0)); err != nil {
			return true, err
		}
	}
	return ended, nil
}

// actAsFirefox is a Firefox whose first process is a launcher that starts another
// one and ends, unless it is told to wait for that
// (browser/app/winlauncher/LauncherProcessWin.cpp).
func actAsFirefox(args []string) error {
	const child = "STUB_IS_BROWSER"
	if os.Getenv(child) == "" {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), child+"=1")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			return err
		}
		for _, arg := range args {
			if arg == "--wait-for-browser" {
				return cmd.Wait()
			}
		}
		return nil
	}
	port := ""
	for i, arg := range args {
		if arg == "--start-debugger-server" && i+1 < len(args) {
			port = args[i+1]
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	for f := (&firefox{}); ; {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		ended, err := f.serve(conn)
		conn.Close()
		if ended || err != nil {
			return err
		}
	}
}

// firefox does what firefox.js does. It learns what to do from the code that a debugger
// evaluates.
type firefox struct {
	gone string
	host *conversation
}

func (f *firefox) serve(conn net.Conn) (ended bool, err error) {
	// A debugger that has hung up, before it was told everything, is noticed when reading.
	say := func(packet object) {
		b, err := json.Marshal(packet)
		if err != nil {
			panic(err) // a packet is a map of texts
		}
		fmt.Fprintf(conn, "%d:%s", len(b), b)
	}
	say(object{"from": "root", "applicationType": "browser"})
	for r := bufio.NewReader(conn); ; {
		length, err := r.ReadString(':')
		if err != nil {
			return false, nil // the debugger has hung up
		}
		n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
		if err != nil {
			return true, err
		}
		raw := make([]byte, n)
		if _, err := io.ReadFull(r, raw); err != nil {
			return false, nil
		}
		var request struct{ To, Type, Text string }
		if err := json.Unmarshal(raw, &request); err != nil {
			return true, err
		}
		answer := object{"from": request.To}
		switch request.Type {
		case "getProcess":
			answer["processDescriptor"] = object{"actor": "process"}
		case "getTarget":
			answer["process"] = object{"consoleActor": "console"}
		case "evaluateJSAsync":
			answer["resultID"] = "1"
		}
		say(answer)
		if request.Type != "evaluateJSAsync" {
			continue
		}
		result, ended, err := f.evaluate(request.Text)
		if ended || err != nil {
			return true, err
		}
		say(object{"from": "console", "type": "evaluationResult", "resultID": "1", "result": result})
	}
}

func (f *firefox) evaluate(code string) (result string, ended bool, err error) {
	script, setUp := strings.CutPrefix(code, "Cu.evalInSandbox(")
	switch {
	case setUp:
		var text string
		if err := json.NewDecoder(strings.NewReader(script)).Decode(&text); err != nil {
			return "", true, err
		}
		var options struct{ Manifest, URL, Gone, Said string }
		if err := json.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "const options = "))).Decode(&options); err != nil {
			return "", true, err
		}
		f.gone = options.Gone
		if f.host, err = startHost(options.Manifest, browser.Firefox); err != nil {
			return "", true, err
		}
		go f.host.listen()
		opened, err := json.Marshal(browser.Happening{What: browser.Opened, URL: options.URL, Status: 200})
		if err == nil {
			err = os.WriteFile(options.Said, append(opened, '\n'), 0o600)
		}
		if err == nil {
			err = f.host.visit(options.URL)
		}
		return fmt.Sprintf(`{"ID":%q}`, extension.FirefoxID), err != nil, err
	case strings.Contains(code, "const patience"): // which pages do not answer
		return "[]", false, nil
	case strings.Contains(code, "notifyObservers"):
		return "", false, os.WriteFile(f.gone, nil, 0o600)
	case strings.Contains(code, "Services.startup.quit"):
		f.host.end()
		return "", true, nil
	}
	return "", true, fmt.Errorf("unexpected code %q", code)
}
