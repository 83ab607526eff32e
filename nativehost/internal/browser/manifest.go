package browser

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/words"
)

// chromiumOrigin is the extension in every Chromium browser.
const chromiumOrigin = "chrome-extension://" + extension.ChromiumID + "/"

// ManifestFile is the name of a host manifest's file.
const ManifestFile = extension.HostName + ".json"

// HostManifest is what a host manifest holds: which program a browser is to
// start for which extension.
//
// https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests
type HostManifest struct {
	Name              string   `json:"name"`
	Description       string   `json:"description"`
	Path              string   `json:"path"`
	Type              string   `json:"type"`
	AllowedOrigins    []string `json:"allowed_origins,omitempty"`
	AllowedExtensions []string `json:"allowed_extensions,omitempty"`
}

// manifestDescription tells this program's manifests from other programs'.
const manifestDescription = "Userlike Inspector: keeps and judges what the extension sees"

// Ours says whether this program wrote m.
func (m HostManifest) Ours() bool {
	return m.Name == extension.HostName && m.Description == manifestDescription
}

// isOurs says whether a manifest's file is one that this program wrote.
func isOurs(file []byte) bool {
	var m HostManifest
	return json.Unmarshal(file, &m) == nil && m.Ours()
}

// Allows says whether the product's extension may talk to m's host in a browser
// of the family.
func (m HostManifest) Allows(family Family) bool {
	if family == Firefox {
		return slices.Contains(m.AllowedExtensions, extension.FirefoxID)
	}
	return slices.Contains(m.AllowedOrigins, chromiumOrigin)
}

// HostArgs are the arguments that a browser of the family starts a host with,
// given where it found the manifest.
func (f Family) HostArgs(manifest string) []string {
	if f == Firefox {
		return []string{manifest, extension.FirefoxID}
	}
	return []string{chromiumOrigin}
}

// Manifest is the host manifest for a family. hostPath must be absolute.
func Manifest(family Family, hostPath string) ([]byte, error) {
	if !filepath.IsAbs(hostPath) {
		return nil, fmt.Errorf("host path %s is not absolute, which browsers demand", words.Path(hostPath))
	}
	m := HostManifest{Name: extension.HostName, Description: manifestDescription, Path: hostPath, Type: "stdio"}
	if family == Firefox {
		m.AllowedExtensions = []string{extension.FirefoxID}
	} else {
		m.AllowedOrigins = []string{chromiumOrigin}
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("host manifest: %w", err)
	}
	return append(b, '\n'), nil
}
