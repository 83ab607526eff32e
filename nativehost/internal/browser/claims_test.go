package browser

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/winreg"
	"userlike-inspector/nativehost/internal/winreg/winregtest"
)

// What sessions, an installation and other programs do to one key, step by step.
// "a+" and "a-" begin and end session a, "a!" kills it, "clear" is what the next
// start does, "install" and "uninstall" are those, "=x" is another program's
// value, and "?x" demands what the key says ("" for no key).
func TestClaims(t *testing.T) {
	for name, steps := range map[string][]string{
		"alone":                              {"a+", "?a", "a-", "?"},
		"before an installation":             {"=x", "a+", "?a", "a-", "?x"},
		"installed meanwhile":                {"a+", "install", "?a", "a-", "?installed"},
		"an older program installs":          {"a+", "=x", "a-", "?x"},
		"uninstalled meanwhile":              {"install", "a+", "uninstall", "?a", "a-", "?"},
		"the first of two ends":              {"=x", "a+", "b+", "?b", "a-", "?b", "b-", "?x"},
		"the second of two ends":             {"=x", "a+", "b+", "b-", "?a", "a-", "?x"},
		"between two, another program":       {"a+", "=x", "b+", "?b", "b-", "?a", "a-", "?x"},
		"another program beside two":         {"a+", "b+", "=x", "a-", "?x", "b-", "?x"},
		"killed":                             {"=x", "a+", "a!", "?a", "clear", "?x"},
		"killed, and installed after":        {"a+", "a!", "install", "clear", "?installed"},
		"killed, and replaced":               {"a+", "a!", "=x", "clear", "?x"},
		"one of two is killed":               {"=x", "a+", "b+", "b!", "clear", "?a", "a-", "?x"},
		"killed, the next one begins":        {"=x", "a+", "a!", "clear", "b+", "?b", "b-", "?x"},
		"killed, begun before that was seen": {"=x", "a+", "a!", "b+", "b-", "clear", "?x"},
	} {
		t.Run(name, func(t *testing.T) {
			sessions := ForSessions(t)
			const key = "k"
			installed := winreg.Value{Text: `C:\installed`}
			r := winregtest.Registry{}
			folders, undo := map[string]*folder{}, map[string]func() error{}
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, step := range steps {
				rest := step[1:]
				switch {
				case step == "clear":
					must(clearLeftovers(r))
				case step == "install":
					must(Lasting(r).Set(key, installed))
				case step == "uninstall":
					if value, err := Lasting(r).Get(key); err != nil || value != installed {
						t.Errorf("to uninstall there is %q, %v", value.Text, err)
					}
					must(Lasting(r).Delete(key))
				case step[0] == '=':
					r[key] = winreg.Value{Text: rest, Expand: true}
				case step[0] == '?':
					want := rest
					if f := folders[rest]; f != nil {
						want = filepath.Join(f.path, "manifest")
					} else if rest == "installed" {
						want = installed.Text
					}
					if got := r[key]; got.Text != want || rest == "x" && !got.Expand {
						t.Fatalf("%v: the key says %+v, want %q", steps, got, want)
					}
				default:
					session := step[:1]
					switch rest {
					case "+":
						f, err := newFolder()
						must(err)
						folders[session] = f
						undo[session], err = register(r, []string{key}, places{session: f.path, manifest: filepath.Join(f.path, "manifest")})
						must(err)
					case "-":
						must(undo[session]())
						must(folders[session].remove())
					case "!":
						must(folders[session].lock.Close())
					}
				}
			}
			if b, err := os.ReadFile(filepath.Join(sessions, claimsFile)); err == nil {
				t.Errorf("no session runs, but noted is %s", b)
			}
		})
	}
}

// A session registers wherever a browser of that name may look: a chrome.exe may be Chrome,
// Chromium or Chrome for Testing.
func TestClaimsAllThatIsAsked(t *testing.T) {
	for name, want := range map[string][]string{
		"Chrome": {`Google\Chrome`, `Chromium`}, "Chromium": {`Google\Chrome`, `Chromium`},
		"Brave": {`Chromium`, `Google\Chrome`}, "Edge": {`Microsoft\Edge`},
	} {
		t.Run(name, func(t *testing.T) {
			ForSessions(t)
			k, err := Named(name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := newFolder()
			if err != nil {
				t.Fatal(err)
			}
			before := winreg.Value{Text: `C:\before`}
			r := winregtest.Registry{HostKey(`Chromium`): before}
			undo, err := register(r, k.askedKeys(), places{session: f.path, manifest: `C:\session`})
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range want {
				if got := r[HostKey(key)].Text; got != `C:\session` {
					t.Errorf("%s says %q", key, got)
				}
			}
			if err := errors.Join(undo(), f.remove()); err != nil {
				t.Fatal(err)
			}
			if len(r) != 1 || r[HostKey(`Chromium`)] != before {
				t.Errorf("left is %v", r)
			}
		})
	}
}

// Claims that cannot be read at the moment are not overwritten, because what was registered
// before would be lost.
func TestClaimsUnreadable(t *testing.T) {
	ForSessions(t)
	f, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer f.lock.Close()
	if err := os.Mkdir(filepath.Join(filepath.Dir(f.path), claimsFile), 0o700); err != nil {
		t.Fatal(err)
	}
	const key = "k"
	installed := winreg.Value{Text: `C:\installed`}
	r := winregtest.Registry{key: installed}
	for does, failed := range map[string]error{
		"registering":   errorOf(register(r, []string{key}, places{session: f.path, manifest: filepath.Join(f.path, "manifest")})),
		"uninstalling":  Lasting(r).Delete(key),
		"clearing":      clearLeftovers(r),
		"asking for it": errorOf(Lasting(r).Get(key)),
	} {
		if failed == nil || !strings.Contains(failed.Error(), claimsFile) {
			t.Errorf("%s: error %v", does, failed)
		}
	}
	if r[key] != installed {
		t.Errorf("the key says %+v", r[key])
	}
}

func errorOf[T any](_ T, err error) error { return err }
