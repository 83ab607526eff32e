// Release builds everything that is published of a version: archives of the program for
// each system, Debian and RPM packages, Homebrew's formula, the extension for both
// browsers' stores, a bill of materials and checksums. A commit gives the same bytes on
// every machine.
//
//	cd .ci/release && go run . -out DIR
package main

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const product = "userlike-inspector"

// systems are those that a release is for, as GOOS/GOARCH.
const systems = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	out := flag.String("out", "", "the `DIR` to write to; everything in it is removed first")
	targets := flag.String("systems", systems, "the systems to build for")
	base := flag.String("base", "file://#{__dir__}", "the `URL` that the archives are published below, for Homebrew (default the folder that its formula is in)")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*out, *base, strings.Split(*targets, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is what is being built.
type release struct {
	root    string // the checkout's folder
	out     string // the folder of published files
	work    string // the folder of all other files
	base    string // the address below which the archives are published
	version string
	time    time.Time // the time of every file in every archive
	program string    // the path of the program that is built for this machine
}

func run(out, base string, targets []string) error {
	r, err := prepare(out)
	if err != nil {
		return err
	}
	defer os.RemoveAll(r.work)
	r.base = base
	if r.program, err = r.build(runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	if err := r.documents(); err != nil {
		return err
	}
	for _, target := range targets {
		goos, goarch, ok := strings.Cut(target, "/")
		if !ok {
			return fmt.Errorf("system %q: want GOOS/GOARCH", target)
		}
		program, err := r.build(goos, goarch)
		if err != nil {
			return err
		}
		if err := r.archive(goos, goarch, program); err != nil {
			return err
		}
		if goos != "linux" {
			continue
		}
		if err := r.packages(goarch, program); err != nil {
			return err
		}
	}
	if err := r.formula(); err != nil {
		return err
	}
	if err := r.extension(); err != nil {
		return err
	}
	if err := r.materials(); err != nil {
		return err
	}
	return r.checksums()
}

func prepare(out string) (*release, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(root, "extension", "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("%w; run this in its own folder", err)
	}
	var manifest struct{ Version string }
	if err := json.Unmarshal(b, &manifest); err != nil || manifest.Version == "" {
		return nil, fmt.Errorf("the extension's manifest has no version: %w", err)
	}
	r := &release{root: root, version: manifest.Version}
	if r.time, err = timeOf(root); err != nil {
		return nil, err
	}
	if r.out, err = filepath.Abs(out); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(r.out); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return nil, err
	}
	r.work, err = os.MkdirTemp("", "release")
	return r, err
}

// timeOf is the time of the checkout's commit, or that in $SOURCE_DATE_EPOCH
// (https://reproducible-builds.org/specs/source-date-epoch/).
func timeOf(root string) (time.Time, error) {
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if seconds == "" {
		out, err := exec.Command("git", "-C", root, "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("when was this committed? %w; set SOURCE_DATE_EPOCH", err)
		}
		seconds = strings.TrimSpace(string(out))
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("time of the release: %w", err)
	}
	return time.Unix(n, 0).UTC(), nil
}

// build builds the program and returns its path.
func (r *release) build(goos, goarch string) (string, error) {
	path := filepath.Join(r.work, goos+"_"+goarch, product)
	if goos == "windows" {
		path += ".exe"
	}
	// The flags keep this machine's paths and the checkout's state out of the program.
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "./nativehost")
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building for %s/%s: %w\n%s", goos, goarch, err, out)
	}
	return path, nil
}

// documents lets the program write its manual pages, completions and extension.
func (r *release) documents() error {
	for name, args := range map[string][]string{
		product + ".bash": {"completion", "bash"},
		product + ".fish": {"completion", "fish"},
		product + ".ps1":  {"completion", "powershell"},
		"_" + product:     {"completion", "zsh"},
		"extension-path":  {"extension", "path"},
	} {
		cmd := exec.Command(r.program, args...)
		cmd.Env = append(os.Environ(), "HOME="+r.work, "XDG_DATA_HOME="+r.work)
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
		if err := os.WriteFile(filepath.Join(r.work, name), out, 0o644); err != nil {
			return err
		}
	}
	pages := filepath.Join(r.work, "man")
	if err := os.Mkdir(pages, 0o755); err != nil {
		return err
	}
	cmd := exec.Command(r.program, "manual", pages)
	cmd.Env = append(os.Environ(), "HOME="+r.work, "TZ=UTC", fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.time.Unix()))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the manual pages: %w\n%s", err, out)
	}
	return nil
}

// manual lists the paths of the manual pages, sorted.
func (r *release) manual() ([]string, error) {
	return filepath.Glob(filepath.Join(r.work, "man", "*.1"))
}

// archive packs a system's program with its documents.
func (r *release) archive(goos, goarch, program string) error {
	name := fmt.Sprintf("%s_%s_%s_%s", product, r.version, goos, goarch)
	files := []file{
		{filepath.Base(program), program, 0o755},
		{"README.md", filepath.Join(r.root, "README.md"), 0o644},
	}
	completions := []string{product + ".bash", product + ".fish", "_" + product}
	if goos == "windows" {
		completions = []string{product + ".ps1"}
	} else {
		pages, err := r.manual()
		if err != nil {
			return err
		}
		for _, page := range pages {
			files = append(files, file{"man/" + filepath.Base(page), page, 0o644})
		}
	}
	for _, c := range completions {
		files = append(files, file{"completions/" + c, filepath.Join(r.work, c), 0o644})
	}
	for i := range files {
		files[i].name = name + "/" + files[i].name
	}
	if goos == "windows" {
		return r.zip(name+".zip", files)
	}
	return r.tarGz(name+".tar.gz", files)
}

// checksums writes the checksums of all published files, in the format of sha256sum.
func (r *release) checksums() error {
	entries, err := os.ReadDir(r.out) // sorted
	if err != nil {
		return err
	}
	var list []string
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		list = append(list, fmt.Sprintf("%x  %s\n", sha256.Sum256(b), e.Name()))
	}
	return os.WriteFile(filepath.Join(r.out, "checksums.txt"), []byte(strings.Join(list, "")), 0o644)
}
