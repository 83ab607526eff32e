package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// formula is the file by which Homebrew installs the program on macOS
// (https://docs.brew.sh/Formula-Cookbook). Homebrew takes no formula from elsewhere than a tap
// (https://github.com/Homebrew/brew/issues/18371).
var formula = template.Must(template.New("").Parse(`# Homebrew installs by a formula in a tap alone. To make a tap for this one, where it and
# the archive for this machine are:
#
#   brew tap-new --no-git local/userlike
#   cp userlike-inspector* "$(brew --repository local/userlike)/Formula/"
#   brew install local/userlike/userlike-inspector
class UserlikeInspector < Formula
  desc "See and judge what a site sends through its Userlike chat widget"
  version "{{.Version}}"
  depends_on :macos
{{- range .Archives}}

  {{.On}} do
    url "{{$.Base}}/{{.Name}}"
    sha256 "{{.Sum}}"
  end
{{- end}}

  def install
    bin.install "userlike-inspector"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/userlike-inspector.bash" => "userlike-inspector"
    fish_completion.install "completions/userlike-inspector.fish"
    zsh_completion.install "completions/_userlike-inspector"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/userlike-inspector --version")
  end
end
`))

// formula writes the formula for the published archives for macOS, if there are any.
func (r *release) formula() error {
	type archive struct{ On, Name, Sum string }
	var archives []archive
	for _, machine := range []struct{ arch, on string }{{"arm64", "on_arm"}, {"amd64", "on_intel"}} {
		name := fmt.Sprintf("%s_%s_darwin_%s.tar.gz", product, r.version, machine.arch)
		b, err := os.ReadFile(filepath.Join(r.out, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		archives = append(archives, archive{machine.on, name, fmt.Sprintf("%x", sha256.Sum256(b))})
	}
	if len(archives) == 0 {
		return nil
	}
	var b bytes.Buffer
	err := formula.Execute(&b, struct {
		Version, Base string
		Archives      []archive
	}{r.version, strings.TrimSuffix(r.base, "/"), archives})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, product+".rb"), b.Bytes(), 0o644)
}
