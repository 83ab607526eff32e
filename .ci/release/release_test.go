package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A release is complete, and building it again gives the same bytes.
func TestRelease(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1796058000") // 2026-11-30 17:00 UTC, which is December in Tokyo
	var published [2]string
	for i, zone := range []string{"UTC", "Asia/Tokyo"} {
		t.Setenv("TZ", zone)
		published[i] = filepath.Join(t.TempDir(), "out")
		if err := run(published[i], "", []string{"linux/amd64"}); err != nil {
			t.Fatal(err)
		}
	}
	sums := read(t, published[0], "checksums.txt")
	if again := read(t, published[1], "checksums.txt"); again != sums {
		t.Errorf("not reproducible:\n%s\n%s", sums, again)
	}
	var manifest struct{ Version string }
	if err := json.Unmarshal([]byte(read(t, "../../extension", "manifest.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	v := manifest.Version
	var got []string
	for line := range strings.Lines(sums) {
		got = append(got, strings.Fields(line)[1])
	}
	want := []string{
		"userlike-inspector-" + v + "-1.x86_64.rpm",
		"userlike-inspector-extension_" + v + "_chrome.zip",
		"userlike-inspector-extension_" + v + "_firefox.zip",
		"userlike-inspector_" + v + ".cdx.json",
		"userlike-inspector_" + v + "_amd64.deb",
		"userlike-inspector_" + v + "_linux_amd64.tar.gz",
	}
	if !slices.Equal(got, want) {
		t.Errorf("published %q, want %q", got, want)
	}
	inTar(t, filepath.Join(published[0], "userlike-inspector_"+v+"_linux_amd64.tar.gz"))
	for store, foreign := range map[string]string{"chrome": "browser_specific_settings", "firefox": "minimum_chrome_version"} {
		inZip(t, filepath.Join(published[0], "userlike-inspector-extension_"+v+"_"+store+".zip"), foreign)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// inTar checks what is in the program's archive for Linux.
func inTar(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(h.Name, "/")
		if strings.HasPrefix(name, "man/"+product+"-") {
			continue // a page of each command
		}
		names = append(names, name)
		if program := name == product; program != (h.Mode == 0o755) || h.Size == 0 {
			t.Errorf("%s has mode %o and %d bytes", h.Name, h.Mode, h.Size)
		}
	}
	want := []string{
		product, "README.md", "man/" + product + ".1",
		"completions/" + product + ".bash", "completions/" + product + ".fish", "completions/_" + product,
	}
	if !slices.Equal(names, want) {
		t.Errorf("the archive has %q, want %q", names, want)
	}
}

// inZip checks that an archive has the whole extension, and that its manifest lacks the
// members that the store does not accept.
func inZip(t *testing.T, path, foreign string) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	b, err := z.Open("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var manifest map[string]any
	if err := json.NewDecoder(b).Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"key", foreign} {
		if _, there := manifest[member]; there {
			t.Errorf("%s: its manifest has %q", path, member)
		}
	}
	for _, name := range []string{"hook.js", "background.js", "options.html", "managed.json", "_locales/de/messages.json", "icons/128.png"} {
		if _, err := z.Open(name); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
