package browser_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/browser"
)

// machine is a System with these files; a value is a file's content, or "->"
// and where it links to.
func machine(goos string, env map[string]string, files map[string]string) browser.System {
	home := map[string]string{"linux": "/home/eva", "darwin": "/Users/eva", "windows": `C:\Users\eva`}[goos]
	return browser.System{
		GOOS: goos, Home: home,
		Env:       func(name string) string { return env[name] },
		IsProgram: func(path string) bool { _, there := files[path]; return there },
		Resolve: func(path string) string {
			if target, links := strings.CutPrefix(files[path], "->"); links {
				return target
			}
			return path
		},
		Head: func(path string) []byte { return []byte(files[path]) },
	}
}

var (
	linuxEnv   = map[string]string{"PATH": "/usr/local/bin:/usr/bin::relative:/snap/bin"}
	windowsEnv = map[string]string{
		"ProgramFiles": `C:\Program Files`, "ProgramFiles(x86)": `C:\Program Files (x86)`,
		"ProgramW6432": `C:\Program Files`, "LocalAppData": `C:\Users\eva\AppData\Local`,
	}
)

// Every browser of the table is found where it says, on every system, and has
// a place for its host manifest there.
func TestTable(t *testing.T) {
	for goos, env := range map[string]map[string]string{"linux": linuxEnv, "darwin": nil, "windows": windowsEnv} {
		for _, k := range browser.Kinds() {
			t.Run(goos+"/"+k.Name, func(t *testing.T) {
				places := k.Executables(machine(goos, env, nil))
				if len(places) == 0 {
					t.Fatal("no place to look")
				}
				for _, place := range places {
					if absolute := place[0] == '/' || goos == "windows" && place[1] == ':'; !absolute || strings.Contains(place, "$") {
						t.Errorf("place %q is not absolute", place)
					}
					s := machine(goos, env, map[string]string{place: ""})
					found := s.Find()
					if len(found) != 1 || found[0].Name != k.Name || found[0].Path != place {
						t.Errorf("with %q, found %+v", place, found)
					}
					if confined := strings.Contains(place, "flatpak") || strings.HasPrefix(place, "/snap/"); confined != (found[0].Confined != "") {
						t.Errorf("%q is confined by %q", place, found[0].Confined)
					}
				}
				dir := k.ManifestDir(machine(goos, env, nil))
				if goos == "windows" {
					if dir != "" || len(k.Keys) == 0 {
						t.Errorf("manifest in %q, keys %q", dir, k.Keys)
					}
				} else if !strings.HasPrefix(dir, machine(goos, nil, nil).Home) || strings.Contains(dir, "$") {
					t.Errorf("manifest folder %q", dir)
				}
			})
		}
	}
}

func TestManifestDir(t *testing.T) {
	xdg := map[string]string{"XDG_CONFIG_HOME": "/cfg"}
	for _, tt := range []struct {
		goos, name string
		env        map[string]string
		want       string
	}{
		{"linux", "Chrome", nil, "/home/eva/.config/google-chrome/NativeMessagingHosts"},
		{"linux", "Chrome", xdg, "/cfg/google-chrome/NativeMessagingHosts"},
		{"linux", "Chrome", map[string]string{"XDG_CONFIG_HOME": "relative"}, "/home/eva/.config/google-chrome/NativeMessagingHosts"},
		{"linux", "Brave", nil, "/home/eva/.config/BraveSoftware/Brave-Browser/NativeMessagingHosts"},
		{"linux", "Firefox", xdg, "/home/eva/.mozilla/native-messaging-hosts"},
		{"linux", "LibreWolf", nil, "/home/eva/.librewolf/native-messaging-hosts"},
		{"darwin", "Firefox", nil, "/Users/eva/Library/Application Support/Mozilla/NativeMessagingHosts"},
		{"darwin", "Edge", nil, "/Users/eva/Library/Application Support/Microsoft Edge/NativeMessagingHosts"},
	} {
		i := slices.IndexFunc(browser.Kinds(), func(k browser.Kind) bool { return k.Name == tt.name })
		if got := browser.Kinds()[i].ManifestDir(machine(tt.goos, tt.env, nil)); got != tt.want {
			t.Errorf("%s on %s with %v: %q, want %q", tt.name, tt.goos, tt.env, got, tt.want)
		}
	}
}

func TestChoose(t *testing.T) {
	wrapper := "#!/bin/sh\nif ! [ -x /snap/bin/firefox ]; then exit 1; fi\nexec /snap/bin/firefox \"$@\"\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		ask   string
		path  string // the one chosen, or
		says  string // what the error says
	}{
		{"preferred", map[string]string{"/usr/bin/firefox": "", "/usr/bin/google-chrome": ""}, "", "/usr/bin/google-chrome", ""},
		{"first on the path", map[string]string{"/usr/bin/firefox": "", "/usr/local/bin/firefox": ""}, "", "/usr/local/bin/firefox", ""},
		{"by name", map[string]string{"/usr/bin/firefox": "", "/usr/bin/chromium": ""}, "FireFox", "/usr/bin/firefox", ""},
		{"by command", map[string]string{"/usr/bin/firefox-esr": "", "/usr/bin/chromium": ""}, "firefox-esr", "/usr/bin/firefox-esr", ""},
		{"by path", map[string]string{"/opt/x/firefox-bin": "", "/usr/bin/chromium": ""}, "/opt/x/firefox-bin", "/opt/x/firefox-bin", ""},
		{"nothing there", nil, "", "", "install Chrome, Chromium, Edge, Brave or Firefox"},
		{"not installed", map[string]string{"/usr/bin/chromium": ""}, "edge", "", `"edge" is not installed; install`},
		{"unknown", map[string]string{"/usr/bin/chromium": ""}, "lynx", "", "chrome, chromium, edge, brave, vivaldi, opera, firefox, librewolf"},
		{"no such path", nil, "./chromium", "", `"./chromium" is not a program`},
		{"snap", map[string]string{"/snap/bin/chromium": "->/usr/bin/snap"}, "", "", "Snap package"},
		{"snap by its link", map[string]string{"/usr/bin/chromium": "->/usr/bin/snap"}, "chromium", "", "Snap package"},
		{"snap by its wrapper", map[string]string{"/usr/bin/firefox": wrapper}, "firefox", "", "Snap package"},
		{"snap by path", map[string]string{"/snap/bin/firefox": ""}, "/snap/bin/firefox", "", "Snap package"},
		{"flatpak", map[string]string{"/var/lib/flatpak/exports/bin/org.mozilla.firefox": ""}, "", "", "Flatpak package"},
		{"another beside a snap", map[string]string{"/usr/bin/firefox": wrapper, "/usr/bin/vivaldi": ""}, "", "/usr/bin/vivaldi", ""},
		{"the same beside a snap", map[string]string{"/usr/local/bin/firefox": wrapper, "/usr/bin/firefox": "ELF"}, "", "/usr/bin/firefox", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := machine("linux", linuxEnv, tt.files).Choose(t.Context(), tt.ask)
			switch {
			case tt.path != "" && (err != nil || b.Path != tt.path):
				t.Errorf("chose %+v, %v; want %q", b, err, tt.path)
			case tt.says != "" && (!errors.Is(err, browser.ErrNone) || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("error %v does not say %q", err, tt.says)
			}
		})
	}
}

// A program of any name is known by what it says of itself.
func TestChooseByVersion(t *testing.T) {
	for version, want := range map[string]struct {
		family browser.Family
		says   string
	}{
		"Google Chrome 156.0.1":          {browser.Chromium, ""},
		"Chromium 156.0 built on Debian": {browser.Chromium, ""},
		"Mozilla Firefox 153.7.0esr":     {browser.Firefox, ""},
		"GNU sed 4.9":                    {"", `"GNU sed 4.9"`},
	} {
		path := filepath.Join(t.TempDir(), "browse")
		write(t, path, "#!/bin/sh\n[ \"$1\" = --version ] && echo '"+version+"'\n")
		b, err := browser.Choose(t.Context(), path)
		if want.says != "" {
			if !errors.Is(err, browser.ErrNone) || !strings.Contains(err.Error(), want.says) {
				t.Errorf("%q: error %v", version, err)
			}
		} else if err != nil || b.Family != want.family || b.Path != path {
			t.Errorf("%q: %+v, %v", version, b, err)
		}
	}
}

func TestManifest(t *testing.T) {
	host, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	common := map[string]any{"name": "userlike_inspector", "path": host, "type": "stdio"}
	for family, allowed := range map[browser.Family]map[string]any{
		browser.Chromium: {"allowed_origins": []any{"chrome-extension://" + extension.ChromiumID + "/"}},
		browser.Firefox:  {"allowed_extensions": []any{extension.FirefoxID}},
	} {
		b, err := browser.Manifest(family, host)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if got["description"] == "" {
			t.Error("no description, which browsers demand")
		}
		delete(got, "description")
		want := maps.Clone(common)
		maps.Copy(want, allowed)
		gotJSON, _ := json.Marshal(got)
		wantJSON, _ := json.Marshal(want)
		if string(gotJSON) != string(wantJSON) {
			t.Errorf("%s: %s, want %s", family, gotJSON, wantJSON)
		}
	}
	if _, err := browser.Manifest(browser.Chromium, "bin/host"); err == nil {
		t.Error("a relative path was taken")
	}
}

// What the real system has is what Choose gives.
func TestFindHere(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Fatal("these tests are written for Linux")
	}
	for _, b := range browser.Find() {
		version, err := b.Version(t.Context())
		if err != nil || version == "" {
			t.Errorf("%s: version %q, %v", b.Path, version, err)
		}
		if again, err := browser.Choose(t.Context(), b.Path); err != nil || again.Family != b.Family {
			t.Errorf("%s: chosen by path: %+v, %v", b.Path, again, err)
		}
	}
	if len(browser.Find()) == 0 {
		t.Error("none found; these tests need a browser")
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}

// On Windows the process that is started stays the browser's.
func TestSystemArgs(t *testing.T) {
	for _, tt := range []struct {
		family browser.Family
		goos   string
		want   []string
	}{
		{browser.Firefox, "windows", []string{"--wait-for-browser"}},
		{browser.Chromium, "windows", []string{"--do-not-de-elevate"}},
		{browser.Firefox, "linux", nil},
		{browser.Chromium, "darwin", nil},
	} {
		if got := browser.SystemArgs(tt.family, tt.goos); !slices.Equal(got, tt.want) {
			t.Errorf("%s on %s: %q, want %q", tt.family, tt.goos, got, tt.want)
		}
	}
}
