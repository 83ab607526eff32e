package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"userlike-inspector/nativehost/internal/winreg"
	"userlike-inspector/nativehost/internal/words"
)

// Browser is an installed browser.
type Browser struct {
	Kind
	Path string // absolute path of the executable
	// Confined is "Snap" or "Flatpak" for a browser in such a sandbox, which
	// keeps it from starting a native messaging host; else "".
	Confined string
}

// ErrNone is wrapped by Choose's error when there is no browser that can be started. The
// command then ends with exit status 2.
var ErrNone = errors.New("no usable browser")

// Here is the running system.
func Here() System {
	home, _ := os.UserHomeDir() // without a home folder, places in it are not found
	return System{
		GOOS: runtime.GOOS,
		Home: home,
		Env:  os.Getenv,
		IsProgram: func(path string) bool {
			info, err := os.Stat(path)
			return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0)
		},
		Resolve: func(path string) string {
			if resolved, err := filepath.EvalSymlinks(path); err == nil {
				return resolved
			}
			return path
		},
		Head: func(path string) []byte {
			f, err := os.Open(path)
			if err != nil {
				return nil
			}
			defer f.Close()
			head, _ := io.ReadAll(io.LimitReader(f, 8<<10)) // less is enough
			return head
		},
		Values: winreg.Values,
	}
}

// Find lists the installed browsers, each once: preferred ones first, in the
// order of the table, and confined ones last.
func (s System) Find() []Browser {
	var found []Browser
	for _, k := range Kinds() {
		for _, path := range k.Executables(s) {
			if !s.IsProgram(path) {
				continue
			}
			b := Browser{Kind: k, Path: path, Confined: s.confined(path)}
			found = append(found, b)
			if b.Confined == "" {
				break
			}
		}
	}
	// If a browser is also installed unconfined, the confined one is not listed.
	free := func(name string) bool {
		return slices.ContainsFunc(found, func(b Browser) bool { return b.Name == name && b.Confined == "" })
	}
	found = slices.DeleteFunc(found, func(b Browser) bool { return b.Confined != "" && free(b.Name) })
	found = slices.CompactFunc(found, func(a, b Browser) bool { return a.Name == b.Name })
	slices.SortStableFunc(found, func(a, b Browser) int {
		return boolRank(a.Confined != "") - boolRank(b.Confined != "")
	})
	return found
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// confined says in which sandbox the executable at path runs the browser. For example,
// Ubuntu's /usr/bin/firefox is a script that executes /snap/bin/firefox.
func (s System) confined(path string) string {
	if s.GOOS != "linux" {
		return ""
	}
	for _, p := range []string{path, s.Resolve(path)} {
		switch {
		case strings.HasPrefix(p, "/snap/") || strings.HasSuffix(p, "/bin/snap"):
			return "Snap"
		case strings.Contains(p, "/flatpak/exports/"):
			return "Flatpak"
		}
	}
	head := s.Head(path)
	switch {
	case !bytes.HasPrefix(head, []byte("#!")):
		return ""
	case bytes.Contains(head, []byte("/snap/bin/")) || bytes.Contains(head, []byte("snap run ")):
		return "Snap"
	case bytes.Contains(head, []byte("flatpak run ")):
		return "Flatpak"
	}
	return ""
}

// Choose finds the browser that a user names on this system; see System.Choose.
func Choose(ctx context.Context, nameOrPath string) (Browser, error) {
	return Here().Choose(ctx, nameOrPath)
}

// Choose finds the browser that a user names: by its name or command in any
// case ("firefox", "google-chrome"), or by the path of its executable. ""
// chooses the preferred one. Every error wraps ErrNone and says what to do.
func (s System) Choose(ctx context.Context, nameOrPath string) (Browser, error) {
	if strings.ContainsAny(nameOrPath, `/\`) {
		return s.at(ctx, nameOrPath)
	}
	found := s.Find()
	if nameOrPath != "" {
		if _, err := Named(nameOrPath); err != nil {
			return Browser{}, err
		}
		found = slices.DeleteFunc(found, func(b Browser) bool { return !b.named(nameOrPath) })
	}
	switch {
	case len(found) > 0 && found[0].Confined == "":
		return found[0], nil
	case len(found) > 0:
		return Browser{}, found[0].confinedError()
	case nameOrPath != "":
		return Browser{}, fmt.Errorf("%w: %s is not installed; %s", ErrNone, words.Path(nameOrPath), s.advice())
	}
	return Browser{}, fmt.Errorf("%w: none is installed; %s", ErrNone, s.advice())
}

// at is the browser whose executable is at path. Its kind is guessed from the name of the
// file, else from what it says of itself.
func (s System) at(ctx context.Context, path string) (Browser, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return Browser{}, fmt.Errorf("%w: %s: %w", ErrNone, words.Path(path), err)
	}
	if !s.IsProgram(absolute) {
		return Browser{}, fmt.Errorf("%w: %s is not a program; name a browser's executable, or use %s",
			ErrNone, words.Path(path), names(Kinds()))
	}
	b := Browser{Path: absolute, Confined: s.confined(absolute)}
	if b.Confined != "" {
		b.Name = filepath.Base(absolute)
		return Browser{}, b.confinedError()
	}
	base := strings.TrimSuffix(filepath.Base(absolute), ".exe")
	if k, ok := guess(base); ok {
		b.Kind = k
		return b, nil
	}
	says, err := b.Version(ctx)
	if err == nil {
		if k, ok := guess(says); ok {
			b.Kind = k
			return b, nil
		}
		err = fmt.Errorf("it says that it is %s", words.Quote(says))
	}
	return Browser{}, fmt.Errorf("%w: %s does not look like a browser of the Chromium or Firefox family: %w", ErrNone, words.Path(path), err)
}

// guess finds the kind that a text names. The longest name counts: "Google Chrome" before
// "Chrome". Kinds that are not in the table count as Chromium or Firefox.
func guess(text string) (Kind, bool) {
	text = strings.ToLower(text)
	var best Kind
	length := 0
	for _, k := range Kinds() {
		called := append([]string{k.Name, filepath.Base(filepath.FromSlash(k.App)), strings.TrimSuffix(k.program(), ".exe")}, k.Commands...)
		for _, word := range called {
			if len(word) > length && strings.Contains(text, strings.ToLower(word)) {
				best, length = k, len(word)
			}
		}
	}
	return best, length > 0
}

// named tells whether a user may use this name for the kind.
func (k Kind) named(name string) bool {
	return strings.EqualFold(k.Name, name) ||
		slices.ContainsFunc(k.Commands, func(c string) bool { return strings.EqualFold(c, name) })
}

func names(kinds []Kind) string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = strings.ToLower(k.Name)
	}
	return strings.Join(list, ", ")
}

func (b Browser) confinedError() error { return fmt.Errorf("%w: %s", ErrNone, b.Confinement()) }

// Confinement says what the browser's sandbox prevents, and what to do.
func (b Browser) Confinement() string {
	return fmt.Sprintf("%s (%s) is a %s package, whose sandbox keeps the browser from starting this program; install %s from its maker's or your distribution's own package",
		b.Name, b.Path, b.Confined, b.Name)
}

// Named finds the kind that a user names, by its name or command in any case.
func Named(name string) (Kind, error) {
	for _, k := range Kinds() {
		if k.named(name) {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("%w: %s is not a browser that this program knows; use %s, or the path of its executable",
		ErrNone, words.Path(name), names(Kinds()))
}

// advice says how to get a browser.
func (s System) advice() string {
	switch s.GOOS {
	case "darwin":
		return `install Chrome, Chromium, Edge, Brave or Firefox into /Applications, or name another with --browser PATH`
	case "windows":
		return `install Chrome, Edge, Brave or Firefox, or name another with --browser PATH`
	}
	return `install Chrome, Chromium, Edge, Brave or Firefox (on Debian: "apt install chromium", on Ubuntu from the maker, as its Snap cannot be used), or name another with --browser PATH`
}

// Version is what the browser says of itself, such as "Mozilla Firefox 153.7.0esr".
func (b Browser) Version(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	version, err := versionOf(ctx, b.Path)
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", words.Path(b.Path), err)
	}
	return version, nil
}
