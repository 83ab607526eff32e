// Package extension embeds the browser extension in the program, so that only one file
// has to be installed, and has the names that both sides must agree on.
package extension

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

// ChromiumID is the id that the "key" in manifest.json gives the extension in
// every Chromium browser: the first 128 bits of the key's SHA-256, as letters from a to p.
const ChromiumID = "gdmkjgbffhokepjecmbengbgjojgfhgc"

// FirefoxID is browser_specific_settings.gecko.id in manifest.json.
const FirefoxID = "userlike-inspector@userlike-inspector"

// HostName is the native messaging host's name.
const HostName = "userlike_inspector"

//go:embed *.json *.js *.html *.css _locales icons
var files embed.FS

// FS holds the files of the unpacked extension.
func FS() fs.FS { return files }

// Version is the version of the whole product. It is written in the manifest.
var Version = version()

func version() string {
	b, err := files.ReadFile("manifest.json")
	if err != nil {
		panic(fmt.Sprintf("embedded manifest.json: %v", err)) // a broken build
	}
	var m struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(b, &m); err != nil || m.Version == "" {
		panic(fmt.Sprintf("embedded manifest.json has no version: %v", err)) // a broken build
	}
	return m.Version
}
