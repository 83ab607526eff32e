package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/producttest"
)

func TestMain(m *testing.M) { producttest.Main(m) }

// TestScript runs the sessions in testdata/script, each in a home of its own.
func TestScript(t *testing.T) { runScripts(t, "testdata/script") }

func runScripts(t *testing.T, folder string) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   folder,
		Cmds:  map[string]func(*testscript.TestScript, bool, []string){"change": change, "digest": digest, "encode": encode, "exits": exits, "mode": mode},
		Setup: prepare,
	})
}

// prepare gives a session the program, a home, and nothing of the user's.
func prepare(e *testscript.Env) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bin, home := filepath.Join(e.WorkDir, "bin"), filepath.Join(e.WorkDir, "home")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return err
	}
	e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
	e.Setenv("HOME", home)
	e.Setenv(producttest.Env, "1")
	e.Setenv("LOCALAPPDATA", filepath.Join(home, "AppData", "Local"))
	data, err := paths.System{OS: runtime.GOOS, Getenv: e.Getenv}.Data()
	if err != nil {
		return err
	}
	e.Setenv("DATA", data)
	program := filepath.Join(bin, "userlike-inspector")
	if runtime.GOOS != "windows" {
		return os.Symlink(self, program)
	}
	e.Setenv("USERPROFILE", home)
	return os.Link(self, program+".exe") // symbolic links need a right of their own there
}

// exits is a command for scripts: "exits CODE PROGRAM ARGS…" runs the program
// as exec does and demands that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGS…]")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// mode is a command for scripts: "mode MODE FILE…" demands that files and folders have a
// mode, such as 600. Windows has no modes; there they must only exist.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: mode MODE FILE…")
	}
	for _, file := range args[1:] {
		info, err := os.Stat(ts.MkAbs(file))
		ts.Check(err)
		if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] && runtime.GOOS != "windows" {
			ts.Fatalf("%s has the mode %s, want %s", file, got, args[0])
		}
	}
}

// change is a command for scripts: "change REGEXP TEXT FILE COPY" replaces everything that
// matches, which must be something, by a text. \0 in TEXT is a NUL.
func change(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: change REGEXP TEXT FILE COPY")
	}
	what, err := regexp.Compile(args[0])
	ts.Check(err)
	text := strings.ReplaceAll(args[1], `\0`, "\x00")
	before := ts.ReadFile(args[2])
	if !what.MatchString(before) {
		ts.Fatalf("%s matches nothing in %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(what.ReplaceAllString(before, text)), 0o600))
}

// digest is a command for scripts: "digest FILE VARIABLE" gives the file's SHA-256.
func digest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: digest FILE VARIABLE")
	}
	ts.Setenv(args[1], fmt.Sprintf("%x", sha256.Sum256([]byte(ts.ReadFile(args[0])))))
}

// encode is a command for scripts: "encode FILE COPY HOW…" writes a text as Windows'
// programs do: with the line ends "crlf", with the "mark" of an encoding, and in
// "utf-16le", "utf-16be" or "latin1", else in UTF-8.
func encode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: encode FILE COPY HOW…")
	}
	text := ts.ReadFile(args[0])
	inBytes := func(text string) []byte { return []byte(text) }
	for _, how := range args[2:] {
		switch how {
		case "crlf":
			text = strings.ReplaceAll(text, "\n", "\r\n")
		case "mark":
			text = "\ufeff" + text
		case "utf-16le":
			inBytes = func(text string) []byte { return inUTF16(binary.LittleEndian, text) }
		case "utf-16be":
			inBytes = func(text string) []byte { return inUTF16(binary.BigEndian, text) }
		case "latin1":
			inBytes = func(text string) (b []byte) {
				for _, c := range text {
					b = append(b, byte(c))
				}
				return b
			}
		default:
			ts.Fatalf("unknown encoding %s", how)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), inBytes(text), 0o600))
}

func inUTF16(order binary.AppendByteOrder, text string) (b []byte) {
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}
