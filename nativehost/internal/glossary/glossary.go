// Package glossary has one set of words for what can go wrong between a page and the store,
// and what to do about it. The terminal, doctor, the extension's popup and the documentation
// all take their words from here, so that the same problem has the same name everywhere.
package glossary

import "fmt"

// Code is the name of a state. It never changes, because doctor's JSON contains it.
type Code string

// The states, in the order of the way: browser, page, extension, host, store.
const (
	Fine Code = "fine"

	BrowserConfined Code = "browser-confined"

	CallsArrive     Code = "calls-arrive"
	HandlerReady    Code = "handler-ready"
	ClientSilent    Code = "client-silent"
	ClientFramed    Code = "client-framed"
	ClientLoaded    Code = "client-loaded"
	ClientRefused   Code = "client-refused"
	ClientHeldBack  Code = "client-held-back"
	ClientAbsent    Code = "client-absent"
	ChatAbsent      Code = "chat-absent"
	HandlerAbsent   Code = "handler-absent"
	HandlerStandIn  Code = "handler-stand-in"
	HandlerRemoved  Code = "handler-removed"
	HandlerReplaced Code = "handler-replaced"
	HandlerShadowed Code = "handler-shadowed"
	HandlerLocked   Code = "handler-locked"

	PageUnheard     Code = "page-unheard"
	HookSilent      Code = "hook-silent"
	HookLate        Code = "hook-late"
	CallsLost       Code = "calls-lost"
	Paused          Code = "paused"
	SiteExcluded    Code = "site-excluded"
	PrivateExcluded Code = "private-excluded"

	ExtensionIncomplete Code = "extension-incomplete"
	ExtensionUnheard    Code = "extension-unheard"
	ExtensionOld        Code = "extension-old"
	ExtensionNew        Code = "extension-new"

	HostMissing   Code = "host-missing"
	HostForeign   Code = "host-foreign"
	HostInvalid   Code = "host-invalid"
	HostForbidden Code = "host-forbidden"
	HostGone      Code = "host-gone"
	HostUnusable  Code = "host-unusable"
	HostCrashed   Code = "host-crashed"
	HostSilent    Code = "host-silent"
	HostOther     Code = "host-other"
	HostPolicy    Code = "host-policy"

	StoreUnusable Code = "store-unusable"
	StoreOpen     Code = "store-open"
	StoreFull     Code = "store-full"
)

// Term is a state in words.
type Term struct {
	Code    Code
	Broken  bool   // records do not get through
	Meaning string // a sentence
	Remedy  string // a sentence, "" if there is nothing to do
}

// Terms lists every state, in the order of the way.
func Terms() []Term {
	return []Term{
		{Fine, false, "All is well.", ""},

		{BrowserConfined, false, "The browser is in a sandbox that keeps it from starting the host.",
			"Install the browser from its maker's or your distribution's own package."},

		{CallsArrive, false, "Calls arrive.", ""},
		{HandlerReady, false, "All is ready; the client has not called the site's function yet.",
			"Open the chat and use it: the client reports what the contact does."},
		{ClientSilent, false, "The Userlike client has its frame, but shows nothing and calls nothing.",
			"Check the widget's key and its opening hours, and the client's version: a version that Userlike has ended loads and then does nothing."},
		{ClientFramed, false, "The Userlike client has made its frame and is starting.",
			"Wait some seconds."},
		{ClientLoaded, false, "The Userlike client's script has run, but has not made the client's frame yet.",
			"If it stays so, see the browser's console: the site may start the client later, or its script may have failed."},
		{ClientRefused, false, "The Userlike client's script could not be loaded.",
			"See the browser's console and network: an ad blocker, the site's content security policy or a wrong address refuses it."},
		{ClientHeldBack, false, "A consent manager holds the Userlike client back.",
			"Agree in the site's banner to the category that the chat belongs to."},
		{ClientAbsent, false, "The site's function is ready, but no Userlike client was seen in this page.",
			"Check whether the widget is embedded in this page and was allowed to load: consent managers and ad blockers hold it back."},
		{ChatAbsent, false, "Neither the Userlike client nor userlikeTrackingEvent was seen in this page.",
			"If a chat belongs on this page, check whether its script is embedded and was allowed to load."},
		{HandlerAbsent, false, "The Userlike client is there, but the site has no userlikeTrackingEvent: the client's events go nowhere.",
			"Check whether the script that defines it is on this page and was allowed to run; tag managers often wait for consent. inspect --stand-in shows what would be sent."},
		{HandlerStandIn, false, "The site has no userlikeTrackingEvent of its own: the stand-in receives the client's calls.",
			"They are recorded and go nowhere else: define the function for the site's own tracking."},
		{HandlerRemoved, false, "The site has taken its userlikeTrackingEvent away: the client's events go nowhere.",
			"Check which script deletes or overwrites it."},
		{HandlerReplaced, false, "Another function has taken the place of the site's userlikeTrackingEvent and does not call it.",
			"Check which script assigns it, and have it call the function that was there before."},
		{HandlerShadowed, true, "The site declares userlikeTrackingEvent with let, const or class: the Userlike client can't see it.",
			"Make it a function declaration, or assign it to window.userlikeTrackingEvent."},
		{HandlerLocked, true, "The site has locked userlikeTrackingEvent, so its calls can't be seen.",
			"Define it writable or configurable, at least on the test system."},

		{PageUnheard, true, "Nothing is heard of this page.",
			"Reload it. Pages of the browser itself and of its store can't be inspected."},
		{HookSilent, true, "The extension's script in the page does not answer.",
			"Reload the page. If that changes nothing, the site's own scripts or another extension broke the page first: try a throw-away profile with the command inspect."},
		{HookLate, false, "The page was open before the extension could look at it: what was called earlier is unknown.",
			"Reload the page."},
		{CallsLost, true, "Calls were lost.",
			"Repeat the steps before you rely on an event being absent."},
		{Paused, false, "Recording is paused: calls are only counted.",
			"Resume it in the extension's popup."},
		{SiteExcluded, false, "The extension's options exclude this site.",
			"Change them, or ask the administrator who has set them; then reload the page."},
		{PrivateExcluded, false, "The extension's options exclude private windows.",
			"Change them, or ask the administrator who has set them; then reload the page."},

		{ExtensionIncomplete, true, "The extension's folder is missing, incomplete or of another version.",
			"Run “userlike-inspector install”, then reload the extension on the browser's page of extensions."},
		{ExtensionUnheard, false, "No extension has reached the host yet.",
			"Load the extension as “userlike-inspector install” says, then reload the page."},
		{ExtensionOld, true, "The extension is older than the host.",
			"Run “userlike-inspector install”, then reload the extension on the browser's page of extensions."},
		{ExtensionNew, true, "The host is older than the extension.",
			"Update this program, then run “userlike-inspector install”."},

		{HostMissing, true, "The browser does not know the host.",
			"Run “userlike-inspector install”."},
		{HostForeign, true, "Something else is registered under the host's name.",
			"Run “userlike-inspector install”, which keeps the other's registration aside."},
		{HostInvalid, true, "The host's registration cannot be read.",
			"Run “userlike-inspector install”."},
		{HostForbidden, true, "The host's registration does not allow the extension.",
			"Run “userlike-inspector install”; an extension with another id was not loaded from the folder that it names."},
		{HostGone, true, "The host's program is not where the browser looks for it.",
			"Run “userlike-inspector install”."},
		{HostUnusable, true, "The host's program cannot be started.",
			"Run “userlike-inspector install”; if it stays so, see whether programs may be run from that folder."},
		{HostCrashed, true, "The host ends as soon as it is started.",
			"Run “userlike-inspector install”; if it stays so, read host.log. “userlike-inspector doctor” says where it is."},
		{HostSilent, true, "The host does not answer.",
			"Run “userlike-inspector install”; if it stays so, restart the browser."},
		{HostOther, true, "The host that browsers start is of another version than this program.",
			"Run “userlike-inspector install”, then restart the browser."},
		{HostPolicy, true, "A policy keeps the browser from starting the host.",
			"Ask your administrator to allow the native messaging host userlike_inspector."},

		{StoreUnusable, true, "Records cannot be stored.",
			"Do what the message says, or name another file with $USERLIKE_INSPECTOR_STORE."},
		{StoreOpen, true, "The recordings can be read by other users of this machine.",
			"Take their permissions away: chmod 600 for the file, chmod 700 for its folder."},
		{StoreFull, true, "There is hardly any space left where the recordings are.",
			"Free some space on that disk, or name another file with $USERLIKE_INSPECTOR_STORE."},
	}
}

// Of is the term of a code.
func (c Code) Of() Term {
	for _, t := range Terms() {
		if t.Code == c {
			return t
		}
	}
	panic(fmt.Sprintf("glossary: no term %q", c)) // a bug: codes are the constants above
}
