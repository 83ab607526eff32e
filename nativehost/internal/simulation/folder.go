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

// Request is what a command asks of hosts. One with Calls is for the host of one
// browser profile, and is taken once; one without asks every host which pages are open.
type Request struct {
	ID       string               `json:"id"`
	Until    record.Time          `json:"until"` // it is nobody's to take later
	Profile  string               `json:"profile,omitempty"`
	Document string               `json:"document,omitempty"`
	Calls    []wire.SimulatedCall `json:"calls,omitempty"`
	Pause    int64                `json:"pause,omitempty"` // between two calls, in ms
}

// Answer is one of a host's. Exactly one of Taken, Pages and Step says something.
type Answer struct {
	Browser *record.Browser `json:"browser"`
	Taken   bool            `json:"taken,omitempty"` // the host has handed the request on
	Asked   bool            `json:"asked,omitempty"` // Pages is the answer, which may be empty
	Pages   []wire.OpenPage `json:"pages,omitempty"`
	Step    *wire.Step      `json:"step,omitempty"`
}

// Folder is where commands leave requests for the hosts that write to a store, and
// hosts their answers. It is beside the store, and the user's alone.
type Folder string

// Of is the folder of a store's file.
func Of(store string) Folder { return Folder(store + ".requests") }

const (
	requestSuffix = ".json"
	takenSuffix   = ".taken"
	answerSuffix  = ".answers"
)

// look is how often hosts look for requests.
const look = 100 * time.Millisecond

// Put leaves a request.
func (f Folder) Put(r Request) error {
	if err := os.Mkdir(string(f), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := f.private(); err != nil {
		return err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return files.Write(f.path(r.ID+requestSuffix), files.Private, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// Forget removes a request and its answers, and the folder with its last one.
func (f Folder) Forget(id string) {
	for _, name := range f.names() {
		if strings.HasPrefix(name, id) {
			_ = os.Remove(f.path(name)) // a host may still write there, as an answer that nobody reads
		}
	}
	_ = os.Remove(string(f)) // fails while there are others'
}

// Answers are all that hosts have said to a request until now.
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
				break // the rest of this line will come
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

// ErrForgotten says that nobody waits for a request's answers any more.
var ErrForgotten = errors.New("the command has ended")

// Answer says something to a request, for a browser profile.
func (f Folder) Answer(id, profile string, a Answer) error {
	if !f.has(id+requestSuffix) && !f.has(id+takenSuffix) {
		return ErrForgotten
	}
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.path(id+"-"+profile+answerSuffix), os.O_CREATE|os.O_WRONLY|os.O_APPEND, files.Private)
	if err != nil {
		return err
	}
	_, err = file.Write(append(b, '\n'))
	return errors.Join(err, file.Close())
}

// Requests gives what the host of a profile is asked for, until ctx ends. What it
// gives with calls it has taken: no host gets that again, whatever becomes of this one.
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

// take gives the requests that are for a profile's host and new to it.
func (f Folder) take(profile string, now time.Time, asked map[string]bool) []Request {
	names := f.names()
	if len(names) == 0 {
		clear(asked)
		return nil
	}
	if f.private() != nil {
		return nil // somebody else could have put them there
	}
	var all []Request
	for _, name := range names {
		id, is := strings.CutSuffix(name, requestSuffix)
		if !is || asked[id] {
			continue
		}
		b, err := os.ReadFile(f.path(name))
		if err != nil {
			continue // just taken
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

// names are the files in the folder, none where it is not there.
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

// private says by its error that others could have made the folder or write to it.
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
