package browser

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"userlike-inspector/extension"
)

// ManifestFile is the name of a host manifest's file.
const ManifestFile = extension.HostName + ".json"

// Manifest is the host manifest for a family: it tells the browser which
// program to start for which extension. hostPath must be absolute.
//
// https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests
func Manifest(family Family, hostPath string) ([]byte, error) {
	if !filepath.IsAbs(hostPath) {
		return nil, fmt.Errorf("host path %q is not absolute, which browsers demand", hostPath)
	}
	m := struct {
		Name              string   `json:"name"`
		Description       string   `json:"description"`
		Path              string   `json:"path"`
		Type              string   `json:"type"`
		AllowedOrigins    []string `json:"allowed_origins,omitempty"`
		AllowedExtensions []string `json:"allowed_extensions,omitempty"`
	}{
		Name:        extension.HostName,
		Description: "Userlike Inspector: keeps and judges what the extension sees",
		Path:        hostPath,
		Type:        "stdio",
	}
	if family == Firefox {
		m.AllowedExtensions = []string{extension.FirefoxID}
	} else {
		m.AllowedOrigins = []string{"chrome-extension://" + extension.ChromiumID + "/"}
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("host manifest: %w", err)
	}
	return append(b, '\n'), nil
}
