package tui

import (
	"errors"
	"io/fs"
	"strings"

	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/words"
)

// An outage is what is wrong with the store while it can't be read.
type outage struct {
	path      string // of the store
	err       error  // nil if nothing is wrong
	reopening bool   // another file is in its place, or will be
	reopenErr error  // why that one can't be shown
	next      Store  // what is to be shown instead
}

// problem says what is wrong with the store. It leaves out the path, which could take all the
// room and is in the header at other times.
func (o *outage) problem() string {
	problem := o.ofFile()
	switch {
	case o.reopenErr == nil:
		return problem
	case errors.Is(o.reopenErr, fs.ErrNotExist):
		return problem + "; what is listed was read before, and is not in a file any more. A new one is shown as soon as there is one"
	}
	return problem + ", and what is there now can't be shown: " + o.withoutPath(o.reopenErr)
}

// ofFile says what happened to the store's file, such as that it was deleted.
func (o *outage) ofFile() string {
	return strings.TrimSuffix(o.withoutPath(o.err), "; "+store.ErrReplaced.Error())
}

func (o *outage) withoutPath(err error) string {
	return strings.TrimPrefix(words.Plain(err), "store "+words.Path(o.path)+": ")
}
