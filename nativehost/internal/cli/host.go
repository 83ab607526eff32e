package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/simulation"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// standInVariable hands "inspect --stand-in" to the host, which gets nothing
// but its environment from a browser.
const standInVariable = "USERLIKE_INSPECTOR_STAND_IN"

// traceVariable hands the places of "inspect --trace" and of a plan's forward to the
// host, separated by spaces.
const traceVariable = "USERLIKE_INSPECTOR_TRACE"

// traced reads the places of traceVariable. One that cannot be read is logged and left out.
func traced(value string, log *slog.Logger) (places []plan.Place) {
	for _, text := range strings.Fields(value) {
		place, err := plan.ReadPlace(text)
		if err != nil {
			log.Warn("a place to trace is none", "place", text, "error", err)
			continue
		}
		places = append(places, place)
	}
	return places
}

// startedByBrowser reports whether args are those by which a browser starts its host:
// Chromium gives the extension's origin, Firefox the manifest's path and the
// extension's id
// (https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_messaging).
func startedByBrowser(args []string) bool {
	switch {
	case len(args) >= 1 && strings.HasPrefix(args[0], "chrome-extension://"):
		return true
	case len(args) >= 2 && args[1] == extension.FirefoxID:
		return true
	}
	return false
}

// host runs the program as native messaging host. Its stdout belongs to the browser, so all
// messages go to the log.
func (a *app) host() int {
	out, closeLog := a.openLog()
	defer closeLog()
	go func() {
		_, _ = a.installer(installation{}) // making it clears away programs that an update has replaced
	}()
	log := slog.New(slog.NewTextHandler(out, nil)).With("pid", os.Getpid())
	if err := a.serve(context.Background(), log); err != nil {
		log.Error("ended", "error", err)
		return exitFailed
	}
	log.Info("ended, the browser has closed the connection")
	return exitOK
}

func (a *app) serve(ctx context.Context, log *slog.Logger) error {
	inspector, err := newInspector()
	if err != nil {
		return err
	}
	var opened *store.Store
	closeStore := func() {
		if opened == nil {
			return
		}
		if err := opened.Close(); err != nil {
			log.Error("closing the store", "error", err)
		}
		opened = nil
	}
	defer closeStore()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	note := &contactNote{app: a, log: log}
	return host.Serve(ctx, host.Options{
		In: a.stdin, Out: a.stdout, Version: extension.Version,
		StandIn: a.system.Getenv(standInVariable) != "",
		Open: func(ctx context.Context) (host.Store, error) {
			closeStore()
			s, err := a.openStore(ctx)
			if err != nil {
				return nil, err
			}
			opened = s
			return s, nil
		},
		Judge:    inspector.Judge,
		Heard:    note.heard,
		Finish:   contact.Finishing(ctx, a.system.Getenv(contact.SessionVariable)),
		Finished: note.finished,
		Requests: func(ctx context.Context, profile string) <-chan simulation.Request {
			folder, err := a.requests()
			if err != nil || uuid.Validate(profile) != nil {
				return nil // the profile becomes a file's name, so it must be a plain UUID
			}
			return folder.Requests(ctx, profile, a.now)
		},
		Answer: func(id, profile string, answer simulation.Answer) error {
			folder, err := a.requests()
			if err = cmp.Or(err, uuid.Validate(id), uuid.Validate(profile)); err != nil {
				return err
			}
			return folder.Answer(id, profile, answer)
		},
		Patience: 10 * time.Second,
		Settling: 2 * time.Second,
		Trace:    traced(a.system.Getenv(traceVariable), log),
		// Ten thousand calls of a page with large data are some hundred megabytes.
		Quota: host.Quota{Document: 512 << 20, Day: 4 << 30},
		Now:   a.now,
		Log:   log,
	})
}

// requests is the folder through which commands and hosts of the same store communicate.
func (a *app) requests() (simulation.Folder, error) {
	path, err := a.storePath()
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	return simulation.Of(path), nil
}

// hostLog is the path of the host's log, to be shown to people. If it is not known, it is
// the file's name, which is better than nothing.
func (a *app) hostLog() string {
	path, err := a.system.HostLog()
	if err != nil {
		return "host.log"
	}
	return path
}

// maxLog is the size in bytes at which the log is put aside and begun anew.
const maxLog = 1 << 20

// openLog opens the host's log for appending. If that fails, the host still works and
// writes its messages to stderr, which some browsers show in their own log.
func (a *app) openLog() (io.Writer, func()) {
	file, err := a.logFile()
	if err != nil {
		fmt.Fprintf(a.stderr, "no log: %s\n", words.Plain(err))
		return a.stderr, func() {}
	}
	return file, func() { file.Close() }
}

func (a *app) logFile() (*os.File, error) {
	path, err := a.system.HostLog()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		// A second host may do the same at once; either way one old log is kept.
		_ = os.Rename(path, path+".1")
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// contactNote keeps, for other processes, that this host has heard an extension.
type contactNote struct {
	app  *app
	log  *slog.Logger
	last time.Time // when it was last noted
	done bool      // the extension has said that it sends nothing more
}

func (n *contactNote) heard(hello wire.FromExtension) {
	if hello.Browser != nil && n.app.now().Sub(n.last) >= time.Minute {
		n.note(hello)
	}
}

func (n *contactNote) finished(hello wire.FromExtension) {
	if hello.Browser != nil {
		n.done = true
		n.note(hello)
	}
}

func (n *contactNote) note(hello wire.FromExtension) {
	n.last = n.app.now()
	dir, err := contact.Folder(n.app.system)
	if err == nil {
		var path string
		path, _ = n.app.storePath() // on an error it is "", and opening the store reports the error
		err = contact.Note(dir, contact.Contact{
			Browser: *hello.Browser, Extension: hello.Extension, Protocol: hello.Protocol,
			Host: extension.Version, Store: path, At: record.At(n.last), Finished: n.done,
		})
	}
	if err != nil {
		n.log.Error("noting the contact", "error", err)
	}
}
