package record

import (
	"fmt"
	"strings"
)

// The words that records are made of. The extension and the host write them;
// schema/record.schema.json lists them for other tools. A record of another version
// may contain other words. This program ignores such words and keeps the record.

// PageEvent is what happened to a document: the event of a Page record.
type PageEvent string

// The events of a document's life.
const (
	Opened PageEvent = "opened" // the document is there, for the first time or again
	Hooked PageEvent = "hooked" // the extension's script in the page answers
	Closed PageEvent = "closed" // the document was left
)

// PageEvents lists them all.
var PageEvents = [...]PageEvent{Opened, Hooked, Closed}

// State is what a Handler record says of the site's function, or a Client
// record of the Userlike client.
type State string

// What became of the site's function.
const (
	Appeared    State = "appeared"
	Replaced    State = "replaced"     // by another function of the site's
	Removed     State = "removed"      // nothing is there to call
	Shadowed    State = "shadowed"     // let, const or class declares it: the client cannot see it
	NotWritable State = "not-writable" // nothing can be put in its place: its calls cannot be seen
)

// HandlerStates lists the states of the site's function.
var HandlerStates = [...]State{Appeared, Replaced, Removed, Shadowed, NotWritable}

// How far the Userlike client has come in a page.
const (
	HeldBack State = "held-back" // a consent manager keeps its tag from running
	Refused  State = "refused"   // its script was not loaded: a policy, a blocker, no such file
	Loaded   State = "loaded"    // its script has run
	Framed   State = "framed"    // it has made the frame that it runs in
	Mounted  State = "mounted"   // its button or window is in the page
)

// ClientStates lists the stages of the client, in the order in which it
// reaches them.
var ClientStates = [...]State{HeldBack, Refused, Loaded, Framed, Mounted}

// HandlerState is what the site's function was when it was called.
type HandlerState string

// How the function that took a call came to be.
const (
	Assigned HandlerState = "assigned" // to the window's property
	Declared HandlerState = "declared" // by a function declaration
	StandIn  HandlerState = "missing"  // the site has none: the tester's stand-in took the call
)

// CallStates lists how a function that took a call can have come to be.
var CallStates = [...]HandlerState{Assigned, Declared, StandIn}

// Verdicts depend on whether the text of a Handler record ends in one of these.
const (
	// UnseenCalls: the script that defines the function calls it as well, and
	// those calls were not recorded.
	UnseenCalls = "calls in the same run of it cannot be seen"
	// PassesOnLater: a function that took another's place, and seemed to keep
	// its calls from it, has passed them on after all.
	PassesOnLater = "passes calls on later"
)

// NotFollowed is the text of a Page record when the tester has switched off the
// search for hits: nobody sees where the site sends the calls of this document.
const NotFollowed = "where calls go is not followed"

// NotFollowed tells whether a record says that nobody sees where its document's calls
// go: the tester has switched that off, or an older program, which knew no hits, made
// the record. Older programs wrote client records without a state.
func (r *Record) NotFollowed() bool {
	return r.Kind == Page && r.Text == NotFollowed || r.Kind == Client && r.State == ""
}

// Reason is why calls were not recorded, or hits not looked for: a Gap record's why.
type Reason string

// The reasons of gaps. Those that contain a number are made by functions below.
const (
	PausedByTester Reason = "paused by the tester"
	QueueFull      Reason = "too many calls waited for the background to take them"
	StackExhausted Reason = "the page called when its stack was almost exhausted"

	ExcludedByOptions Reason = "the extension's options exclude this address"
	PageQuota         Reason = "this page has made more records today than are kept of one page"
	SiteQuota         Reason = "this site has made more records today than are kept of one site"
	UnreadableRecord  Reason = "a record of this page could not be read"
	UnreadableSpool   Reason = "records in the extension's storage could not be read"
	Undeliverable     Reason = "the host ended each time it was given this record"
	NoEnd             Reason = "the page did not end before the browser was ended"
	Unconfirmed       Reason = "the extension did not confirm at the browser's end that it had sent everything"

	TooManyHits    Reason = "requests and pushes were too many or too large to be looked at"
	UnreadableHits Reason = "the host could not read some requests or pushes"
)

// Reasons lists the constants above.
var Reasons = [...]Reason{
	PausedByTester, QueueFull, StackExhausted, ExcludedByOptions, PageQuota, SiteQuota, UnreadableRecord, UnreadableSpool, Undeliverable, NoEnd, Unconfirmed,
	TooManyHits, UnreadableHits,
}

// OfHits tells whether for this reason only hits were lost, and no calls.
func (r Reason) OfHits() bool { return r == TooManyHits || r == UnreadableHits }

// Unreadable is the host's reason for a gap that replaces a message which was no record.
func Unreadable(size int, why error) Reason {
	return Reason(fmt.Sprintf("the host could not read a record of %d bytes: %v", size, why))
}

// NeverArrived is the host's reason for a gap that replaces missing records: from and
// to are the first and last missing seq, and later records of the document have arrived.
func NeverArrived(from, to int64) Reason {
	return Reason(fmt.Sprintf("records %d to %d of this document never reached the host, though later ones did", from, to))
}

// OverQuota is the host's reason for a gap that replaces what a page sent after it had
// used up its share of the disk. The share is in bytes.
func OverQuota(share int64) Reason {
	return Reason(fmt.Sprintf("the page has sent more than the %d MB that are kept of one page on one day; what came after that was not recorded", share>>20))
}

// AboutHits tells whether a record is a hit, or a gap in which only hits can have been
// lost. Such records have no seq in their document, may arrive late, and say nothing
// about the document's calls.
func (r *Record) AboutHits() bool {
	return r.Kind == Hit || r.Kind == Gap && r.Hits > 0 && r.Lost == 0 && r.Seq == 0
}

// ClientState is the stage of the Userlike client that a Client record reports.
// Older programs wrote records without a state; they knew only two stages.
func (r *Record) ClientState() State {
	switch {
	case r.Kind != Client:
		return ""
	case r.State != "":
		return r.State
	case strings.Contains(r.Text, "frame"):
		return Framed
	}
	return Loaded
}

// HidesCalls tells whether a Handler record says that from now on calls of the site's
// function may happen without being recorded.
func (r *Record) HidesCalls() bool {
	return r.Kind == Handler && (r.State == Shadowed || r.State == NotWritable || strings.HasSuffix(r.Text, UnseenCalls))
}

// Threw is what the site's function threw in a call, "" for nothing.
func (r *Record) Threw() string {
	if r.Handled == nil {
		return ""
	}
	return r.Handled.Threw
}

// Address is the address of the page that a record is about. For about: and data:
// documents, which are on no site, it is the address of the tab.
func (r *Record) Address() string {
	if strings.Contains(r.URL, "://") || r.TopURL == "" {
		return r.URL
	}
	return r.TopURL
}
