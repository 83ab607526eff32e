package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The formula names each archive for macOS with its checksum. Without such an archive there
// is no formula.
func TestFormula(t *testing.T) {
	r := &release{out: t.TempDir(), version: "1.2.3", base: "https://downloads.example/v1.2.3/"}
	if err := r.formula(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.out, "userlike-inspector.rb")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a formula for nothing: %v", err)
	}
	for arch, content := range map[string]string{"amd64": "", "arm64": "a"} {
		if err := os.WriteFile(filepath.Join(r.out, "userlike-inspector_1.2.3_darwin_"+arch+".tar.gz"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.formula(); err != nil {
		t.Fatal(err)
	}
	text := read(t, r.out, "userlike-inspector.rb")
	for _, want := range []string{
		"#   brew install local/userlike/userlike-inspector\nclass UserlikeInspector < Formula\n",
		"  version \"1.2.3\"\n",
		`  on_arm do
    url "https://downloads.example/v1.2.3/userlike-inspector_1.2.3_darwin_arm64.tar.gz"
    sha256 "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
  end
`,
		`  on_intel do
    url "https://downloads.example/v1.2.3/userlike-inspector_1.2.3_darwin_amd64.tar.gz"
    sha256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  end
`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks\n%s\nit is\n%s", want, text)
		}
	}
}
