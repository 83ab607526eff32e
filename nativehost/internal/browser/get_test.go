package browser_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/browser"
)

// A browser is got by the system's own package manager, by commands that are
// known before, and a Snap is not taken.
func TestGet(t *testing.T) {
	none := errors.New("exit status 100")
	for _, tt := range []struct {
		name, goos, want string
		programs         []string
		user             bool
		about            map[string]string // what apt-cache says of packages
		broken           string            // a package that cannot be installed
		ran              string            // commands, each after a semicolon
		err              string
	}{
		{name: "Debian", goos: "linux", programs: []string{"apt-get"}, about: map[string]string{"chromium": "Package: chromium"},
			ran: "apt-get update;apt-get install --yes --no-install-recommends chromium"},
		{name: "Debian, Firefox", goos: "linux", want: "firefox", programs: []string{"apt-get"},
			about: map[string]string{"firefox-esr": "Package: firefox-esr"},
			ran:   "apt-get update;apt-get install --yes --no-install-recommends firefox-esr"},
		{name: "Debian, as a user", goos: "linux", user: true, programs: []string{"apt-get", "sudo"}, about: map[string]string{"chromium": "x"},
			ran: "sudo apt-get update;sudo apt-get install --yes --no-install-recommends chromium"},
		{name: "as a user without sudo", goos: "linux", user: true, programs: []string{"apt-get"}, err: "apt-get needs root"},
		{name: "Ubuntu", goos: "linux", programs: []string{"apt-get"}, about: map[string]string{"firefox": "Version: 1:1snap1-0ubuntu2"},
			ran: "apt-get update", err: "is a Snap"},
		{
			name:     "Ubuntu, old",
			goos:     "linux",
			programs: []string{"apt-get"},
			ran:      "apt-get update",
			err:      "knows none of the packages chromium",
		},
		{name: "Fedora", goos: "linux", programs: []string{"dnf"}, ran: "dnf install --assumeyes chromium"},
		{
			name:     "without Chromium",
			goos:     "linux",
			programs: []string{"dnf"},
			broken:   "chromium",
			ran:      "dnf install --assumeyes chromium;dnf install --assumeyes firefox",
		},
		{name: "Arch", goos: "linux", programs: []string{"pacman"}, ran: "pacman --sync --refresh --noconfirm chromium"},
		{name: "SUSE", goos: "linux", programs: []string{"zypper"}, ran: "zypper --non-interactive install chromium"},
		{name: "Alpine", goos: "linux", programs: []string{"apk"}, ran: "apk add --no-cache chromium"},
		{name: "macOS", goos: "darwin", programs: []string{"brew"}, want: "firefox", ran: "brew install --cask firefox"},
		{name: "no package manager", goos: "linux", err: "no package manager was found"},
		{name: "from its maker", goos: "linux", want: "vivaldi", programs: []string{"dnf"}, err: "Vivaldi comes from its maker"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			for _, program := range tt.programs {
				files["/usr/bin/"+program] = ""
			}
			var ran []string
			g, err := machine(tt.goos, map[string]string{"PATH": "/usr/bin"}, files).Getter(tt.want, !tt.user)
			if err == nil {
				shown := g.Commands()
				err = g.Get(t.Context(), func(_ context.Context, args []string, quiet bool) (string, error) {
					if quiet {
						if about := tt.about[args[len(args)-1]]; about != "" {
							return about, nil
						}
						return "", none
					}
					ran = append(ran, strings.Join(args, " "))
					if tt.broken != "" && args[len(args)-1] == tt.broken {
						return "", none
					}
					return "", nil
				})
				if err == nil && tt.broken == "" && !slices.Equal(ran, shown) && tt.want == "" {
					t.Errorf("ran %q, had shown %q", ran, shown)
				}
			}
			if got := strings.Join(ran, ";"); got != tt.ran {
				t.Errorf("ran %q, want %q", got, tt.ran)
			}
			if (err == nil) != (tt.err == "") || err != nil && (!strings.Contains(err.Error(), tt.err) || !errors.Is(err, browser.ErrNone)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}
