package host

import (
	"errors"

	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/wire"
)

// maxCalls is how many bytes the arguments of a simulation's calls may have: a
// larger message would close the port.
const maxCalls = wire.MaxFromHost * 3 / 4

// profile is the browser profile whose host this is, "" where the extension has
// not said.
func (h *host) profile() string {
	if h.hello.Browser == nil {
		return ""
	}
	return h.hello.Browser.Profile
}

// request passes a tester's request on to the extension.
func (h *host) request(r simulation.Request) error {
	if len(r.Calls) == 0 {
		return h.say(wire.FromHost{Type: wire.AskPages, ID: r.ID})
	}
	size := 0
	for _, c := range r.Calls {
		size += len(c.Args)
	}
	if size > maxCalls {
		h.answer(r.ID, simulation.Answer{Step: &wire.Step{Stage: wire.Stopped, Why: simulation.TooLarge}})
		return nil
	}
	if err := h.say(wire.FromHost{
		Type: wire.Simulate, ID: r.ID, Document: r.Document, Calls: r.Calls, Pause: r.Pause, Until: &r.Until,
	}); err != nil {
		return err
	}
	h.answer(r.ID, simulation.Answer{Taken: true})
	return nil
}

// answer passes on an answer to a request, and returns whether somebody waits for more.
func (h *host) answer(id string, a simulation.Answer) (wanted bool) {
	if id == "" || a.Step == nil && !a.Asked && !a.Taken {
		h.Log.Warn("an answer without a question ignored")
		return true
	}
	a.Browser = h.hello.Browser
	err := h.Answer(id, h.profile(), a)
	if err != nil && !errors.Is(err, simulation.ErrForgotten) {
		h.Log.Error("an answer to a command is lost", "error", err)
	}
	return !errors.Is(err, simulation.ErrForgotten)
}
