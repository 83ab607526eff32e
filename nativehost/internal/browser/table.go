// Package browser knows the browsers a tester may have: where each is
// installed, where it looks for native messaging hosts, and how to start one
// with a throw-away profile that has the extension and the host in it.
//
// One table holds what differs from browser to browser. Finding, starting,
// registering and diagnosing walk it, with the operating system, its
// environment and its files passed in, so that tests can walk it for all three
// systems on any one of them.
package browser

import (
	"maps"
	"slices"
	"strings"

	"userlike-inspector/extension"
)

// Family says which of the two ways of extension loading and host
// registration a browser has.
type Family string

// The families.
const (
	Chromium Family = "Chromium"
	Firefox  Family = "Firefox"
)

// Kind is one row of the table: a browser as its maker ships it.
//
// Places begin with a variable that System.Expand knows: $HOME, $CONFIG
// (~/.config or $XDG_CONFIG_HOME), $SUPPORT (macOS' Application Support), $APPS
// (/Applications and ~/Applications), $PROGRAMS (the Program Files folders and
// %LocalAppData%), $FLATPAK (the folders of Flatpak's commands). They are written with
// slashes on every system.
type Kind struct {
	Name     string
	Family   Family
	Commands []string // Linux: names on the PATH, preferred first
	App      string   // macOS: the executable
	Exe      string   // Windows: the executable
	Flatpak  string   // Linux: the application id
	Page     string   // where the user loads an extension from a folder
	Linux    string   // Linux: the user's folder of host manifests
	Darwin   string   // macOS: the same
	Keys     []string // Windows: below HKCU\Software, in the order of lookup
	Policies string   // Windows: below Software\Policies, where administrators set what is allowed
}

// Kinds is the table, preferred browsers first. Chromium and Firefox on Linux
// were tried; the rest follows the browsers' sources and what other hosts register.
func Kinds() []Kind {
	const (
		nmh     = "/NativeMessagingHosts"
		mozilla = "/native-messaging-hosts"
	)
	// Every build of Chromium but Google's own Chrome looks for hosts of Chromium's first
	// (GetManifestPathWithFlags in Chromium's
	// chrome/browser/extensions/api/messaging/launch_context_win.cc, and CHROMIUM_BRANDING
	// in build/BUILD.gn). Edge has a key of its own, which it reads before these.
	anyChromium := []string{`Chromium`, `Google\Chrome`}
	return []Kind{
		{
			Name: "Chrome", Family: Chromium,
			Commands: []string{"google-chrome", "google-chrome-stable"},
			App:      "$APPS/Google Chrome.app/Contents/MacOS/Google Chrome",
			Exe:      "$PROGRAMS/Google/Chrome/Application/chrome.exe",
			Flatpak:  "com.google.Chrome",
			Page:     "chrome://extensions",
			Linux:    "$CONFIG/google-chrome" + nmh,
			Darwin:   "$SUPPORT/Google/Chrome" + nmh,
			Keys:     []string{`Google\Chrome`},
			Policies: `Google\Chrome`,
		},
		{
			Name: "Chromium", Family: Chromium,
			Commands: []string{"chromium", "chromium-browser"},
			App:      "$APPS/Chromium.app/Contents/MacOS/Chromium",
			Exe:      "$PROGRAMS/Chromium/Application/chrome.exe",
			Flatpak:  "org.chromium.Chromium",
			Page:     "chrome://extensions",
			Linux:    "$CONFIG/chromium" + nmh,
			Darwin:   "$SUPPORT/Chromium" + nmh,
			Keys:     anyChromium,
			Policies: `Chromium`,
		},
		{
			Name: "Edge", Family: Chromium,
			Commands: []string{"microsoft-edge", "microsoft-edge-stable"},
			App:      "$APPS/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
			Exe:      "$PROGRAMS/Microsoft/Edge/Application/msedge.exe",
			Flatpak:  "com.microsoft.Edge",
			Page:     "edge://extensions",
			Linux:    "$CONFIG/microsoft-edge" + nmh,
			Darwin:   "$SUPPORT/Microsoft Edge" + nmh,
			Keys:     []string{`Microsoft\Edge`},
			Policies: `Microsoft\Edge`,
		},
		{
			Name: "Brave", Family: Chromium,
			Commands: []string{"brave-browser", "brave", "brave-browser-stable"},
			App:      "$APPS/Brave Browser.app/Contents/MacOS/Brave Browser",
			Exe:      "$PROGRAMS/BraveSoftware/Brave-Browser/Application/brave.exe",
			Flatpak:  "com.brave.Browser",
			Page:     "brave://extensions",
			Linux:    "$CONFIG/BraveSoftware/Brave-Browser" + nmh,
			Darwin:   "$SUPPORT/BraveSoftware/Brave-Browser" + nmh,
			Keys:     anyChromium,
			Policies: `BraveSoftware\Brave`,
		},
		{
			Name: "Vivaldi", Family: Chromium,
			Commands: []string{"vivaldi", "vivaldi-stable"},
			App:      "$APPS/Vivaldi.app/Contents/MacOS/Vivaldi",
			Exe:      "$PROGRAMS/Vivaldi/Application/vivaldi.exe",
			Flatpak:  "com.vivaldi.Vivaldi",
			Page:     "vivaldi://extensions",
			Linux:    "$CONFIG/vivaldi" + nmh,
			Darwin:   "$SUPPORT/Vivaldi" + nmh,
			Keys:     anyChromium,
			Policies: `Vivaldi`,
		},
		{
			Name: "Opera", Family: Chromium,
			Commands: []string{"opera", "opera-stable"},
			App:      "$APPS/Opera.app/Contents/MacOS/Opera",
			Exe:      "$PROGRAMS/Programs/Opera/opera.exe",
			Flatpak:  "com.opera.Opera",
			Page:     "opera://extensions",
			Linux:    "$CONFIG/google-chrome" + nmh,
			Darwin:   "$SUPPORT/Google/Chrome" + nmh,
			Keys:     anyChromium,
		},
		{
			Name: "Firefox", Family: Firefox,
			Commands: []string{"firefox", "firefox-esr"},
			App:      "$APPS/Firefox.app/Contents/MacOS/firefox",
			Exe:      "$PROGRAMS/Mozilla Firefox/firefox.exe",
			Flatpak:  "org.mozilla.firefox",
			Page:     "about:debugging#/runtime/this-firefox",
			Linux:    "$HOME/.mozilla" + mozilla,
			Darwin:   "$SUPPORT/Mozilla" + nmh,
			Keys:     []string{`Mozilla`},
		},
		{
			Name: "LibreWolf", Family: Firefox,
			Commands: []string{"librewolf"},
			App:      "$APPS/LibreWolf.app/Contents/MacOS/librewolf",
			Exe:      "$PROGRAMS/LibreWolf/librewolf.exe",
			Flatpak:  "io.gitlab.librewolf-community",
			Page:     "about:debugging#/runtime/this-firefox",
			Linux:    "$HOME/.librewolf" + mozilla,
			Darwin:   "$SUPPORT/LibreWolf" + nmh,
			Keys:     []string{`Mozilla`},
		},
	}
}

// program is the name of the browser's program on Windows, such as chrome.exe.
func (k Kind) program() string { return k.Exe[strings.LastIndex(k.Exe, "/")+1:] }

// askedKeys are the keys of the registry, below HKCU, that name a host's manifest to the
// browser: those of its kind and of others whose program has the same name, by which a kind
// is guessed. Chrome for Testing is a chrome.exe that looks where Chromium does.
func (k Kind) askedKeys() []string {
	var keys []string
	for _, o := range Kinds() {
		if o.program() != k.program() {
			continue
		}
		for _, key := range o.Keys {
			if key = HostKey(key); !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// HostKey is the key in which a browser finds the host, given one of its Kind.Keys.
func HostKey(key string) string {
	return `Software\` + key + `\NativeMessagingHosts\` + extension.HostName
}

// ManifestDir is where the user's own host manifests of this browser are, and
// "" on Windows, where Keys say it.
func (k Kind) ManifestDir(s System) string {
	place := map[string]string{"linux": k.Linux, "darwin": k.Darwin}[s.GOOS]
	if place == "" {
		return ""
	}
	return s.Expand(place)[0]
}

// Executables lists where this browser's executable may be, preferred first.
func (k Kind) Executables(s System) []string {
	switch s.GOOS {
	case "darwin":
		return s.Expand(k.App)
	case "windows":
		places := s.Expand(k.Exe)
		for _, values := range s.Values(`Software\Microsoft\Windows\CurrentVersion\App Paths\` + k.program()) {
			// Some installers write it in quotes.
			if path := strings.Trim(values[""], `"`); path != "" && k.owns(path) {
				places = append(places, path)
			}
		}
		return places
	}
	var list []string
	for _, command := range k.Commands {
		for _, dir := range s.path() {
			list = append(list, s.join(dir, command))
		}
	}
	return append(list, s.Expand("$FLATPAK/"+k.Flatpak)...)
}

// owns tells whether a program at another path is of this kind. It has the kind's name of a
// program, but Chrome and Chromium share a name; their folders tell them apart.
func (k Kind) owns(path string) bool {
	path = strings.ToLower(strings.ReplaceAll(path, `\`, "/"))
	folders := func(k Kind) string {
		_, rest, _ := strings.Cut(k.Exe, "/")
		before, _, _ := strings.Cut(rest, "/Application/")
		return "/" + strings.ToLower(before) + "/"
	}
	shared, other := false, false
	for _, o := range Kinds() {
		if o.Name != k.Name && o.program() == k.program() {
			shared = true
			other = other || strings.Contains(path, folders(o))
		}
	}
	// If the folder does not tell, the preferred one is likelier.
	return !other && (!shared || strings.Contains(path, folders(k)) || k.Name == Kinds()[0].Name)
}

// Forbids is what an administrator's policy says against the host in this browser,
// "" for nothing.
//
// https://chromeenterprise.google/policies/#NativeMessagingUserLevelHosts and the
// two lists beside it
func (s System) Forbids(k Kind) string {
	if k.Policies == "" {
		return ""
	}
	key := `Software\Policies\` + k.Policies
	lists := func(name string) bool {
		all := s.Values(key + `\` + name)
		// Where the system's part says something, the user's is not asked.
		return len(all) > 0 && slices.ContainsFunc(slices.Collect(maps.Values(all[0])), func(value string) bool {
			return value == extension.HostName || value == "*" && name == "NativeMessagingBlocklist"
		})
	}
	for _, values := range s.Values(key) {
		if value, set := values["NativeMessagingUserLevelHosts"]; set {
			if value == "0" {
				return key + `\NativeMessagingUserLevelHosts is 0`
			}
			break
		}
	}
	if lists("NativeMessagingBlocklist") && !lists("NativeMessagingAllowlist") {
		return key + `\NativeMessagingBlocklist names it`
	}
	return ""
}

// System is what the table depends on. Here gives the running one.
type System struct {
	GOOS string
	Home string
	Env  func(name string) string // "" when unset
	// IsProgram says whether path is a file that can be executed.
	IsProgram func(path string) bool
	// Resolve follows symbolic links; path itself where it cannot.
	Resolve func(path string) string
	// Head reads a file's first few kilobytes; nil where it cannot.
	Head func(path string) []byte
	// Values are what the Windows registry says below a key; see winreg.Values.
	Values func(key string) []map[string]string
}

// Expand gives the folders or files that a place of the table stands for, in
// the system's own notation.
func (s System) Expand(place string) []string {
	variable, rest, _ := strings.Cut(place, "/")
	var roots []string
	switch variable {
	case "$HOME":
		roots = []string{s.Home}
	case "$CONFIG":
		// The XDG specification has relative values ignored.
		if dir := s.Env("XDG_CONFIG_HOME"); strings.HasPrefix(dir, "/") {
			roots = []string{dir}
		} else {
			roots = []string{s.join(s.Home, ".config")}
		}
	case "$SUPPORT":
		roots = []string{s.join(s.Home, "Library", "Application Support")}
	case "$APPS":
		roots = []string{"/Applications", s.join(s.Home, "Applications")}
	case "$PROGRAMS":
		for _, name := range []string{"ProgramFiles", "ProgramFiles(x86)", "ProgramW6432", "LocalAppData"} {
			if dir := s.Env(name); dir != "" && !slices.Contains(roots, dir) {
				roots = append(roots, dir)
			}
		}
	case "$FLATPAK":
		roots = []string{s.join(s.Home, ".local/share/flatpak/exports/bin"), "/var/lib/flatpak/exports/bin"}
	}
	places := make([]string, len(roots))
	for i, root := range roots {
		places[i] = s.join(root, rest)
	}
	return places
}

// path lists the folders of $PATH.
func (s System) path() []string {
	var dirs []string
	for _, dir := range strings.Split(s.Env("PATH"), ":") {
		if strings.HasPrefix(dir, "/") && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// join is filepath.Join for GOOS, which need not be the running system.
func (s System) join(elements ...string) string {
	joined := strings.Join(elements, "/")
	if s.GOOS == "windows" {
		return strings.ReplaceAll(joined, "/", `\`)
	}
	return joined
}
