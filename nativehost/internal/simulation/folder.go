package simulation

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// Request is a request of a command to hosts. With Calls, it is for the host of one browser
// profile and is taken only once. Without, it asks every host which pages are open, or tells
// it to end.
type Request struct {
	ID       string               `json:"id"`
	Until    record.Time          `json:"until"` // no host may take it after this time
	Profile  string               `json:"profile,omitempty"`
	Document string               `json:"document,omitempty"`
	Calls    []wire.SimulatedCall `json:"calls,omitempty"`
	Pause    int64                `json:"pause,omitempty"` // pause between two calls, in ms
	End      bool                 `json:"end,omitempty"`
}

// Answer is an answer of a host. Exactly one of Taken, Pages and Step is set.
type Answer struct {
	Browser *record.Browser `json:"browser"`
	Taken   bool            `json:"taken,omitempty"` // the host has passed the request on, or ends
	Asked   bool            `json:"asked,omitempty"` // Pages is the answer, even if it is empty
	Pages   []wire.OpenPage `json:"pages,omitempty"`
	Step    *wire.Step      `json:"step,omitempty"`
}

// Folder is the folder in which commands put requests for the hosts that write to a store,
// and hosts put their answers. It is beside the store, and only the user may use it.
type Folder string

// Of is the folder that belongs to a store.
func Of(store string) Folder { return Folder(store + ".requests") }

const (
	requestSuffix = ".json"
	takenSuffix   = ".taken"
	answerSuffix  = ".answers"
)

// look is how often hosts look for requests.
const look = 100 * time.Millisecond

// Put writes a request.
func (f Folder) Put(r Request) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	create := func() error {
		if err := os.Mkdir(string(f), 0o700); !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	}
	write := func() error {
		if err := f.private(); err != nil {
			return err
		}
		return files.Write(f.path(r.ID+requestSuffix), files.Private, func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
	}
	for {
		if err := files.Soon(removeTime, create); err != nil {
			return err
		}
		// Another command that ends may just have removed the folder.
		if err := files.Soon(removeTime, write); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}

// removeTime is how long the removal of files may take that a host has open.
const removeTime = 5 * time.Second

// Forget removes a request and its answers, and the folder if it is empty then.
func (f Folder) Forget(id string) {
	// If files stay, no host takes the request, as its time is over soon.
	_ = files.Soon(removeTime, func() error {
		// Remove the request first: a host may just be renaming it in order to take it, and
		// the list below must have the new name.
		failed := f.remove(id + requestSuffix)
		for _, name := range f.names() {
			if strings.HasPrefix(name, id) {
				failed = errors.Join(failed, f.remove(name))
			}
		}
		// Look again: another command may have removed its files meanwhile, and then left the
		// folder to this one.
		if failed != nil || len(f.names()) > 0 {
			return failed
		}
		return f.remove("")
	})
}

// remove removes a file in the folder, or the folder itself if name is empty. What another
// process has just removed is no error.
func (f Folder) remove(name string) error {
	if err := os.Remove(f.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Answers are all answers to a request so far.
func (f Folder) Answers(id string) ([]Answer, error) {
	var all []Answer
	for _, name := range f.names() {
		if !strings.HasPrefix(name, id) || filepath.Ext(name) != answerSuffix {
			continue
		}
		b, err := os.ReadFile(f.path(name))
		if err != nil {
			return nil, err
		}
		lines := bufio.NewReader(bytes.NewReader(b))
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				break // the host is still writing this line
			}
			var a Answer
			if err := json.Unmarshal(line, &a); err != nil {
				return nil, fmt.Errorf("%s: %w", f.path(name), err)
			}
			all = append(all, a)
		}
	}
	return all, nil
}

// ErrForgotten says that the command which made the request does not wait for answers any
// more.
var ErrForgotten = errors.New("the command has ended")

// Answer adds an answer to a request, from the host of a browser profile.
func (f Folder) Answer(id, profile string, a Answer) error {
	if !f.awaited(id) {
		return ErrForgotten
	}
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.path(id+"-"+profile+answerSuffix), os.O_CREATE|os.O_WRONLY|os.O_APPEND, files.Private)
	if err == nil {
		_, err = file.Write(append(b, '\n'))
		err = errors.Join(err, file.Close())
	}
	if !f.awaited(id) {
		f.Forget(id) // the command may have removed its files before this one was there
		return ErrForgotten
	}
	return err
}

// awaited tells whether the command that made a request still waits for answers.
func (f Folder) awaited(id string) bool { return f.has(id+requestSuffix) || f.has(id+takenSuffix) }

// Requests returns a channel with the requests for the host of a profile, until ctx ends. A
// request with calls is given only once to one host, even if that host dies.
func (f Folder) Requests(ctx context.Context, profile string, now func() time.Time) <-chan Request {
	requests := make(chan Request)
	go func() {
		defer close(requests)
		tick := time.NewTicker(look)
		defer tick.Stop()
		asked := map[string]bool{}
		for {
			for _, r := range f.take(profile, now(), asked) {
				select {
				case requests <- r:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return requests
}

// take returns the requests for a profile's host that it has not seen yet.
func (f Folder) take(profile string, now time.Time, asked map[string]bool) []Request {
	names := f.names()
	if len(names) == 0 {
		clear(asked)
		return nil
	}
	if f.private() != nil {
		return nil // other users could have put requests there
	}
	var all []Request
	for _, name := range names {
		id, is := strings.CutSuffix(name, requestSuffix)
		if !is || asked[id] {
			continue
		}
		b, err := os.ReadFile(f.path(name))
		if err != nil {
			continue // another host has just taken it
		}
		var r Request
		if json.Unmarshal(b, &r) != nil || r.ID != id || now.After(r.Until.Time) {
			continue
		}
		if len(r.Calls) > 0 && (r.Profile != profile || os.Rename(f.path(name), f.path(id+takenSuffix)) != nil) {
			continue
		}
		asked[id] = true
		all = append(all, r)
	}
	return all
}

// names are the files in the folder, none if it does not exist.
func (f Folder) names() []string {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names
}

// private returns an error if other users could have made the folder, or can write to it.
func (f Folder) private() error {
	info, err := os.Lstat(string(f))
	if err != nil {
		return err
	}
	if !info.IsDir() || !ownedByUser(info) {
		return fmt.Errorf("%s is not a folder of yours alone; remove it", string(f))
	}
	return nil
}

func (f Folder) has(name string) bool {
	_, err := os.Lstat(f.path(name))
	return err == nil
}

func (f Folder) path(name string) string { return filepath.Join(string(f), name) }
