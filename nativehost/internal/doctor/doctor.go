// Package doctor finds out why nothing arrives. It checks every stage of a record's way,
// from the host's registration in the browser to the store, and reports what is broken and
// how to repair it.
package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
	"userlike-inspector/nativehost/internal/contact"
	"userlike-inspector/nativehost/internal/glossary"
	"userlike-inspector/nativehost/internal/install"
	"userlike-inspector/nativehost/internal/store"
	"userlike-inspector/nativehost/internal/wire"
	"userlike-inspector/nativehost/internal/words"
)

// Check is the result of one check.
type Check struct {
	What   string        `json:"what"`  // browser, registration, host, extension, contact, store or page
	Which  string        `json:"which"` // the browser's name, a path, …
	State  glossary.Code `json:"state"`
	Broken bool          `json:"broken"`
	Text   string        `json:"text"`
	Remedy string        `json:"remedy,omitempty"`
}

// Report is all that was found.
type Report struct {
	Version string  `json:"version"` // this program's
	Checks  []Check `json:"checks"`
	Broken  int     `json:"broken"` // how many checks found something broken
}

// Options say what to look at.
type Options struct {
	Installer *install.Installer
	Browsers  []browser.Browser
	Store     string // the store's file, absolute
	Contacts  string // the folder; see package contact
	Log       string // the host's log
	Now       func() time.Time
	Patience  time.Duration // how long a host may take to answer; it usually takes 10 ms
}

// Run makes all checks.
func Run(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Version: extension.Version, Checks: []Check{}}
	var kinds []browser.Kind
	for _, b := range o.Browsers {
		if b.Confined != "" {
			r.add("browser", b.Name, glossary.BrowserConfined, b.Confinement())
			continue
		}
		kinds = append(kinds, b.Kind)
		if why := o.Installer.System.Forbids(b.Kind); why != "" {
			r.add(registration, b.Name, glossary.HostPolicy, why)
		}
	}
	targets, err := o.Installer.Asked(kinds)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		r.registration(ctx, o, t)
	}
	if err := install.CheckExtension(o.Installer.Extension()); err != nil {
		r.add("extension", o.Installer.Extension(), glossary.ExtensionIncomplete, words.Plain(err))
	} else {
		r.add("extension", o.Installer.Extension(), glossary.Fine, "The folder is complete and of version "+extension.Version+".")
	}
	if o.Installer.Profile != "" {
		r.loaded(o.Installer.Profile)
	} else {
		r.contacts(o)
	}
	r.store(ctx, o.Store, o.Now())
	if o.Installer.Profile != "" {
		// The remedy for one profile must name its folder.
		for i := range r.Checks {
			r.Checks[i].Remedy = strings.ReplaceAll(r.Checks[i].Remedy, "userlike-inspector install",
				fmt.Sprintf("userlike-inspector install --user-data-dir %s", words.Path(o.Installer.Profile)))
		}
	}
	return r, nil
}

// Installed tells whether the host was ever registered with a browser. If not, it does not
// matter what an installation lacks.
func (r *Report) Installed() bool {
	return slices.ContainsFunc(r.Checks, func(c Check) bool {
		return c.What == registration && c.State != glossary.HostMissing && c.State != glossary.HostPolicy
	})
}

// OfInstallation tells whether a check is only about the installation in the user's
// browsers, and not about something that is also needed without one.
func (c Check) OfInstallation() bool { return c.What != "store" && c.What != "page" }

// registration is the What of checks on whether a browser finds the host.
const registration = "registration"

// add adds a check. text, if not "", replaces the general text of the state.
func (r *Report) add(what, which string, state glossary.Code, text string) {
	term := state.Of()
	switch {
	case text == "":
		text = term.Meaning
	case state != glossary.Fine:
		text = strings.TrimSuffix(term.Meaning, ".") + ": " + text + "."
	}
	if term.Broken {
		r.Broken++
	}
	r.Checks = append(r.Checks, Check{What: what, Which: which, State: state, Broken: term.Broken, Text: text, Remedy: term.Remedy})
}

// registration checks that the browsers of t find the host, may speak to it and
// get an answer.
func (r *Report) registration(ctx context.Context, o Options, t install.Target) {
	which := strings.Join(t.Browsers, ", ")
	path, state, err := registered(o.Installer, t)
	if err != nil {
		r.add(registration, which, state, words.Plain(err))
		return
	}
	r.add(registration, which, glossary.Fine, "The host is registered in "+t.String()+".")
	version, state, err := shake(ctx, o.Patience, path, t.Family.HostArgs(t.Manifest))
	switch {
	case state == glossary.HostCrashed:
		r.add("host", which, state, fmt.Sprintf("%s; its log is %s", words.Plain(err), words.Path(o.Log)))
	case err != nil:
		r.add("host", which, state, words.Plain(err))
	case version != extension.Version:
		r.add("host", which, glossary.HostOther, fmt.Sprintf("%s is version %s, this is %s", path, version, extension.Version))
	default:
		r.add("host", which, glossary.Fine, fmt.Sprintf("%s answers, version %s.", path, version))
	}
}

// registered is the path of the program that t names, or what is wrong with it.
func registered(i *install.Installer, t install.Target) (path string, state glossary.Code, err error) {
	if t.Key != "" {
		switch right, path, err := i.Registered(t); {
		case err != nil:
			return "", glossary.HostInvalid, err
		case path == "":
			return "", glossary.HostMissing, fmt.Errorf("there is no key %s", t)
		case !right:
			return "", glossary.HostForeign, fmt.Errorf("%s is %s", t, words.Path(path))
		}
	}
	b, err := os.ReadFile(t.Manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return "", glossary.HostMissing, fmt.Errorf("there is no %s", t.Manifest)
	}
	if err != nil {
		return "", glossary.HostInvalid, err
	}
	var m browser.HostManifest
	if err := json.Unmarshal(b, &m); err != nil {
		return "", glossary.HostInvalid, fmt.Errorf("%s is not the JSON of a host manifest: %w", t.Manifest, err)
	}
	switch {
	case !m.Ours():
		return "", glossary.HostForeign, errors.New(t.Manifest)
	case m.Type != "stdio":
		return "", glossary.HostInvalid, fmt.Errorf("%s has the type %s instead of \"stdio\"", t.Manifest, words.Quote(m.Type))
	case !filepath.IsAbs(m.Path):
		return "", glossary.HostInvalid, fmt.Errorf("%s names the program %s, which is not an absolute path", t.Manifest, words.Path(m.Path))
	case !m.Allows(t.Family):
		return "", glossary.HostForbidden, errors.New(t.Manifest)
	}
	switch info, err := os.Stat(m.Path); {
	case errors.Is(err, fs.ErrNotExist):
		return "", glossary.HostGone, fmt.Errorf("%s was moved or deleted", m.Path)
	case err != nil:
		return "", glossary.HostUnusable, err
	case !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		return "", glossary.HostUnusable, fmt.Errorf("%s is not an executable file", m.Path)
	}
	return m.Path, glossary.Fine, nil
}

// contacts reports when each installation of the extension was last heard of.
func (r *Report) contacts(o Options) {
	all, err := contact.All(o.Contacts)
	if err != nil {
		// Contacts are only information, so an error is not serious.
		r.add("contact", o.Contacts, glossary.ExtensionUnheard, words.Plain(err))
	} else if len(all) == 0 {
		r.add("contact", "", glossary.ExtensionUnheard, "")
	}
	for _, c := range all {
		which := strings.TrimSpace(c.Browser.Name+" "+c.Browser.Version) + ", profile " + c.Browser.Profile
		heard := fmt.Sprintf("extension %s, heard %s ago", c.Extension, ago(o.Now().Sub(c.At.Time)))
		switch {
		case c.Protocol < wire.Protocol:
			r.add("contact", which, glossary.ExtensionOld, heard)
		case c.Protocol > wire.Protocol:
			r.add("contact", which, glossary.ExtensionNew, heard)
		default:
			r.add("contact", which, glossary.Fine, "It was heard: "+heard+".")
		}
	}
}

// loaded checks whether the extension is loaded in a profile. Contacts do not help, as it
// is not known which profile they came from.
func (r *Report) loaded(profile string) {
	for _, file := range []string{"Secure Preferences", "Preferences"} {
		b, err := os.ReadFile(filepath.Join(profile, "Default", file))
		if err == nil && strings.Contains(string(b), `"`+extension.ChromiumID+`"`) {
			r.add("extension", profile, glossary.Fine, "The extension is loaded in this profile.")
			return
		}
	}
	r.add("extension", profile, glossary.ExtensionUnheard, "it was never loaded in this profile")
}

// ago writes a duration in its largest unit.
func ago(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int64(d / unit.length); n == 1 {
			return "1 " + unit.name
		} else if n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "less than a minute"
}

// store checks that records can be kept at path, and that other users have no access to
// them.
func (r *Report) store(ctx context.Context, path string, now time.Time) {
	s, err := store.OpenExisting(ctx, path)
	if err == nil { // the store exists; open it as the host does
		s.Close()
		s, err = store.Open(ctx, path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := writable(filepath.Dir(path)); err != nil {
			r.add("store", path, glossary.StoreUnusable, words.Plain(err))
			return
		}
		r.add("store", path, glossary.Fine, "Nothing has been recorded yet; the file is made with the first record.")
	case err != nil:
		r.add("store", path, glossary.StoreUnusable, words.Plain(err))
		return
	default:
		defer s.Close()
		r.existing(ctx, s, now)
	}
	if free, err := freeSpace(existing(filepath.Dir(path))); err != nil {
		r.add("store", path, glossary.StoreUnusable, words.Plain(err))
	} else if free < store.Floor {
		r.add("store", path, glossary.StoreFull, fmt.Sprintf("%d MB", free>>20))
	}
}

func (r *Report) existing(ctx context.Context, s *store.Store, now time.Time) {
	info, err := os.Stat(s.Path())
	if err != nil {
		r.add("store", s.Path(), glossary.StoreUnusable, words.Plain(err))
		return
	}
	if runtime.GOOS != "windows" && info.Mode()&0o077 != 0 { // Windows' modes say nothing about other users
		r.add("store", s.Path(), glossary.StoreOpen, fmt.Sprintf("the file's mode is %#o", info.Mode().Perm()))
		return
	}
	last, err := s.Last(ctx)
	if err == nil {
		_, err = s.Append(ctx, nil)
	}
	if err == nil {
		err = writable(filepath.Dir(s.Path()))
	}
	if err != nil {
		r.add("store", s.Path(), glossary.StoreUnusable, words.Plain(err))
		return
	}
	r.add("store", s.Path(), glossary.Fine, fmt.Sprintf("Records in it: %d.", last))
	if err := r.pages(ctx, s, last, now); err != nil {
		r.add("store", s.Path(), glossary.StoreUnusable, words.Plain(err))
	}
}

// writable returns an error if no file can be made in dir, or dir cannot be made.
func writable(dir string) error {
	f, err := os.CreateTemp(existing(dir), ".doctor*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// existing is dir, or the nearest folder above it that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
