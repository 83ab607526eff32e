package browser

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// packager is a system's package manager, and how it installs browsers.
type packager struct {
	command string
	goos    string
	asRoot  bool       // it needs to be run as root
	first   []string   // what is to be done before, such as fetching its lists
	install []string   // what installs, before the package's name
	shows   []string   // what describes a package, before its name; set if a package must be checked before it is installed
	names   [][]string // the packages of a browser, by family: Chromium's and Firefox's, preferred first
}

// packagers is the table, in the order of preference on each system.
func packagers() []packager {
	return []packager{
		{
			command: "apt-get", goos: "linux", asRoot: true, first: []string{"apt-get", "update"},
			install: []string{"apt-get", "install", "--yes", "--no-install-recommends"},
			// Ubuntu has packages that only install a Snap, which cannot start this program.
			shows: []string{"apt-cache", "show"},
			names: [][]string{{"chromium"}, {"firefox-esr", "firefox"}},
		},
		{command: "dnf", goos: "linux", asRoot: true, install: []string{"dnf", "install", "--assumeyes"}, names: [][]string{{"chromium"}, {"firefox"}}},
		{command: "pacman", goos: "linux", asRoot: true, install: []string{"pacman", "--sync", "--refresh", "--noconfirm"}, names: [][]string{{"chromium"}, {"firefox"}}},
		{command: "zypper", goos: "linux", asRoot: true, install: []string{"zypper", "--non-interactive", "install"}, names: [][]string{{"chromium"}, {"MozillaFirefox"}}},
		{command: "apk", goos: "linux", asRoot: true, install: []string{"apk", "add", "--no-cache"}, names: [][]string{{"chromium"}, {"firefox"}}},
		{command: "brew", goos: "darwin", install: []string{"brew", "install", "--cask"}, names: [][]string{{"google-chrome"}, {"firefox"}}},
		{
			command: "winget", goos: "windows",
			install: []string{"winget", "install", "--accept-source-agreements", "--accept-package-agreements", "--exact", "--id"},
			names:   [][]string{{"Google.Chrome"}, {"Mozilla.Firefox"}},
		},
	}
}

// Runner runs a command. If quiet, it returns what the command wrote to stdout; otherwise that
// is shown to the user.
type Runner func(ctx context.Context, args []string, quiet bool) (output string, err error)

// Getter installs a browser by the system's own package manager.
type Getter struct {
	packager packager
	packages []string // those that will do, preferred first
	prefix   []string // sudo where it is needed
}

// Getter finds the way to install the browser that a user names; "" is any.
func (s System) Getter(name string, root bool) (*Getter, error) {
	var packages func(p packager) []string
	switch kind, err := Named(name); {
	case name == "":
		packages = func(p packager) []string { return slices.Concat(p.names...) }
	case err != nil:
		return nil, err
	case kind.Name == "Chromium" || kind.Name == "Chrome" && s.GOOS != "linux":
		packages = func(p packager) []string { return p.names[0] }
	case kind.Name == "Firefox":
		packages = func(p packager) []string { return p.names[1] }
	default:
		return nil, fmt.Errorf("%w: %s comes from its maker, not from this system's package manager; Chromium and Firefox can be had from it", ErrNone, kind.Name)
	}
	var known []string
	for _, p := range packagers() {
		if p.goos != s.GOOS {
			continue
		}
		known = append(known, p.command)
		if !s.onPath(p.command) {
			continue
		}
		g := &Getter{packager: p, packages: packages(p)}
		if p.asRoot && !root {
			if !s.onPath("sudo") {
				return nil, fmt.Errorf("%w: %s needs root, and there is no sudo; as root, run: %s", ErrNone, p.command, strings.Join(append(slices.Clone(p.install), g.packages[0]), " "))
			}
			g.prefix = []string{"sudo"}
		}
		return g, nil
	}
	return nil, fmt.Errorf("%w: none is installed, and no package manager was found to get one by (%s)", ErrNone, strings.Join(known, ", "))
}

// onPath says whether a command can be run by its name.
func (s System) onPath(command string) bool {
	if s.GOOS == "windows" {
		command += ".exe"
	}
	return slices.ContainsFunc(s.path(), func(dir string) bool { return s.IsProgram(s.join(dir, command)) })
}

// Commands lists the commands that are going to be run, as far as they are known beforehand.
func (g *Getter) Commands() []string {
	var all []string
	for _, args := range [][]string{g.packager.first, append(slices.Clone(g.packager.install), g.packages[0])} {
		if len(args) > 0 {
			all = append(all, strings.Join(append(slices.Clone(g.prefix), args...), " "))
		}
	}
	return all
}

// Get installs the browser.
func (g *Getter) Get(ctx context.Context, run Runner) error {
	if len(g.packager.first) > 0 {
		// If this fails, the lists that are already there may be enough.
		_, _ = run(ctx, append(slices.Clone(g.prefix), g.packager.first...), false)
	}
	var failed error
	for _, name := range g.packages {
		if g.packager.shows != nil {
			about, err := run(ctx, append(slices.Clone(g.packager.shows), name), true)
			if err != nil || strings.TrimSpace(about) == "" {
				continue // there is no such package
			}
			if strings.Contains(strings.ToLower(about), "snap") {
				failed = fmt.Errorf("%w: the package %s is a Snap, whose sandbox keeps the browser from starting this program: install Chrome, Chromium or Firefox from its maker", ErrNone, name)
				continue
			}
		}
		if _, failed = run(ctx, append(append(slices.Clone(g.prefix), g.packager.install...), name), false); failed == nil {
			return nil
		}
		failed = fmt.Errorf("%w: %s could not be installed: %w", ErrNone, name, failed)
	}
	if failed == nil {
		failed = fmt.Errorf("%w: %s knows none of the packages %s: install Chrome, Chromium or Firefox from its maker",
			ErrNone, g.packager.command, strings.Join(g.packages, ", "))
	}
	return failed
}
