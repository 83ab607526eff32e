package browser_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
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
		Head:   func(path string) []byte { return []byte(files[path]) },
		Values: func(string) []map[string]string { return nil },
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
	elsewhere, err := filepath.Abs("/opt/x/firefox-bin")
	if err != nil {
		t.Fatal(err)
	}
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
		{"by path", map[string]string{elsewhere: "", "/usr/bin/chromium": ""}, elsewhere, elsewhere, ""},
		{"nothing there", nil, "", "", "install Chrome, Chromium, Edge, Brave or Firefox"},
		{"not installed", map[string]string{"/usr/bin/chromium": ""}, "edge", "", `"edge" is not installed; install`},
		{
			name:  "unknown",
			files: map[string]string{"/usr/bin/chromium": ""},
			ask:   "lynx",
			says:  "chrome, chromium, edge, brave, vivaldi, opera, firefox, librewolf",
		},
		{"no such path", nil, "./chromium", "", `"./chromium" is not a program`},
		{"snap", map[string]string{"/snap/bin/chromium": "->/usr/bin/snap"}, "", "", "Snap package"},
		{"snap by its link", map[string]string{"/usr/bin/chromium": "->/usr/bin/snap"}, "chromium", "", "Snap package"},
		{"snap by its wrapper", map[string]string{"/usr/bin/firefox": wrapper}, "firefox", "", "Snap package"},
		{"snap by path", map[string]string{elsewhere: wrapper}, elsewhere, "", "Snap package"},
		{"flatpak", map[string]string{"/var/lib/flatpak/exports/bin/org.mozilla.firefox": ""}, "", "", "Flatpak package"},
		{"another beside a snap", map[string]string{"/usr/bin/firefox": wrapper, "/usr/bin/vivaldi": ""}, "", "/usr/bin/vivaldi", ""},
		{
			name:  "the same beside a snap",
			files: map[string]string{"/usr/local/bin/firefox": wrapper, "/usr/bin/firefox": "ELF"},
			path:  "/usr/bin/firefox",
		},
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

// A browser that is installed elsewhere is found by what the registry says of its name.
func TestAppPaths(t *testing.T) {
	for name, tt := range map[string]struct {
		exe, path string
		want      []string
	}{
		"another drive": {"chrome.exe", `D:\Apps\Google\Chrome\Application\chrome.exe`, []string{"Chrome"}},
		"a bare folder": {"chrome.exe", `D:\Browser\chrome.exe`, []string{"Chrome"}},
		"Chromium":      {"chrome.exe", `"D:\Apps\Chromium\Application\chrome.exe"`, []string{"Chromium"}},
		"from the Store": {
			exe:  "firefox.exe",
			path: `C:\Program Files\WindowsApps\Mozilla.Firefox_153.0.0.0_x64__n80bbvh6b1yt2\VFS\ProgramFiles\Firefox Package Root\firefox.exe`,
			want: []string{"Firefox"},
		},
		"what is not there": {"msedge.exe", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := machine("windows", windowsEnv, map[string]string{strings.Trim(tt.path, `"`): ""})
			s.Values = func(key string) []map[string]string {
				if key != `Software\Microsoft\Windows\CurrentVersion\App Paths\`+tt.exe {
					return nil
				}
				return []map[string]string{{"": tt.path}, {"": `C:\not there\` + tt.exe}}
			}
			var got []string
			for _, b := range s.Find() {
				got = append(got, b.Name)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func TestForbids(t *testing.T) {
	const chrome = `Software\Policies\Google\Chrome`
	type values = map[string][]map[string]string
	for name, tt := range map[string]struct {
		registry values
		want     string
	}{
		"nothing":               {values{}, ""},
		"no hosts of users":     {values{chrome: {{"NativeMessagingUserLevelHosts": "0"}}}, chrome + `\NativeMessagingUserLevelHosts is 0`},
		"allowed by the system": {values{chrome: {{"NativeMessagingUserLevelHosts": "1"}, {"NativeMessagingUserLevelHosts": "0"}}}, ""},
		"no host at all": {
			registry: values{chrome + `\NativeMessagingBlocklist`: {{"1": "*"}}},
			want:     chrome + `\NativeMessagingBlocklist names it`,
		},
		"another one": {values{chrome + `\NativeMessagingBlocklist`: {{"1": "com.example.other"}}}, ""},
		"but this one": {values{
			chrome + `\NativeMessagingBlocklist`: {{"1": "*"}}, chrome + `\NativeMessagingAllowlist`: {{"1": extension.HostName}},
		}, ""},
		"in another browser": {values{`Software\Policies\Microsoft\Edge`: {{"NativeMessagingUserLevelHosts": "0"}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := machine("windows", windowsEnv, nil)
			s.Values = func(key string) []map[string]string { return tt.registry[key] }
			if got := s.Forbids(browser.Kinds()[0]); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
