//go:build windows && registry

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// conversation is with a host that was started as browsers start it.
type conversation struct {
	in  io.WriteCloser
	out io.Reader
	cmd *exec.Cmd

	hangs atomic.Bool // the page that was visited, which never says its last
}

func begin(cmd *exec.Cmd) (*conversation, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &conversation{in: in, out: out, cmd: cmd}, cmd.Start()
}

func (c *conversation) say(m wire.FromExtension) error { return wire.WriteFrame(c.in, m) }

func (c *conversation) hear() (m wire.FromHost, err error) {
	frame, err := wire.ReadFrame(c.out)
	if err == nil {
		err = json.Unmarshal(frame, &m)
	}
	return m, err
}

// end does what a browser does when it ends.
func (c *conversation) end() {
	c.in.Close()
	_ = c.cmd.Wait() // it may have been told to end before
}

// greet says hello and is welcomed.
func (c *conversation) greet(browser string) error {
	err := c.say(wire.FromExtension{
		Type: wire.Hello, Protocol: wire.Protocol, Extension: extension.Version,
		Browser: &record.Browser{Name: browser, Version: "156.0", Profile: uuid.NewString()},
	})
	if err != nil {
		return err
	}
	m, err := c.hear()
	if err == nil && m.Type != wire.Welcome {
		err = fmt.Errorf("the host answers with %q", m.Type)
	}
	return err
}

// visit hands over what a page gives that calls its function once. One of a site
// that is called "hangs" hangs then.
func (c *conversation) visit(address string) error {
	c.hangs.Store(strings.Contains(address, "//hangs."))
	document, now := uuid.NewString(), record.At(time.Now()).String()
	common := func(seq int, rest string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"v":1,"id":"%s/%d","seq":%d,"time":%q,"tab":1,"frame":0,"document":%q,"url":%q,"top_url":%q,%s}`,
			document, seq, seq, now, document, address, address, rest))
	}
	return c.say(wire.FromExtension{Type: wire.Records, Records: []json.RawMessage{
		common(1, `"kind":"page","event":"opened"`),
		common(2, `"kind":"page","event":"hooked","hooked_from_start":true`),
		common(3, `"kind":"handler","state":"appeared"`),
		common(4, `"kind":"call","args":["button_displayed",`+
			`{"client_uuid":"u","operator_group_id":1,"widget_id":2,"widget_lang":"de"},{}],"handler":{"state":"assigned"}`),
	}})
}

// listen answers the host until it ends.
func (c *conversation) listen() {
	for {
		m, err := c.hear()
		if err != nil {
			return
		}
		if m.Type == wire.Finish && !c.hangs.Load() {
			_ = c.say(wire.FromExtension{Type: wire.Finished}) // one that has ended hears nothing
		}
	}
}
