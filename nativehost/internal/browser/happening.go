package browser

import (
	"net/http"
	"strconv"
	"strings"
)

// What is a kind of happening.
type What string

// The kinds of happenings.
const (
	// Opened is that the first page, after redirects, is there. Only one of Opened and Failed
	// is reported, and only once.
	Opened What = "opened"
	// Failed is that it could not be opened. Nothing comes after it.
	Failed What = "failed"
	// Dialog is a question or message of a page's that waits for a person.
	Dialog What = "dialog"
	// Login is a server's request for a user name and password. It was refused.
	Login What = "login"
	// Permission is a page's wish for what its user must allow.
	Permission What = "permission"
	// Download is a file that came instead of a page.
	Download What = "download"
	// Popup is a window that the browser did not let a page open.
	Popup What = "popup"
	// Crashed is that a page's process ended.
	Crashed What = "crashed"
)

// Happening is something that a browser without a window would have shown to a
// person, and how it was answered. Its texts are the page's.
type Happening struct {
	What What `json:"what"`
	// URL is the page's address; for Download the file's, and for Login in Chromium that of
	// the request.
	URL string `json:"url"`
	// Status is for Opened: the server's answer, such as 404; 0 where unknown.
	Status int `json:"status"`
	// Text is what a dialog says, what is to be permitted, a download's file
	// name, a window's address, and for Failed the browser's own reason.
	Text string `json:"text"`
	// Dialog is alert, confirm, prompt or beforeunload.
	Dialog string `json:"dialog"`
	// Answer is the button that was pressed, for dialogs.
	Answer string `json:"answer"`
	// Instead is for Opened and Failed: the address that was tried first, "" if there was only
	// one. For Opened, Text says why it failed.
	Instead string `json:"instead"`
}

// StatusText is an http status in numbers and words.
func StatusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}
