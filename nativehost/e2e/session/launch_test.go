//go:build browsers && unix

package session

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/browser"
)

// What the real system has is what Choose gives.
func TestFindHere(t *testing.T) {
	for _, b := range browser.Here().Find() {
		version, err := b.Version(t.Context())
		if err != nil || version == "" {
			t.Errorf("%s: version %q, %v", b.Path, version, err)
		}
		if again, err := browser.Choose(t.Context(), b.Path); err != nil || again.Family != b.Family {
			t.Errorf("%s: chosen by path: %+v, %v", b.Path, again, err)
		}
	}
	if len(browser.Here().Find()) == 0 {
		t.Error("none found; these tests need a browser")
	}
}

func TestSession(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		var log bytes.Buffer
		o := options(b)
		o.Log = &log
		s := p.launch(t, o)
		if os.Geteuid() == 0 && b.Family == browser.Chromium && !strings.Contains(log.String(), "sandbox") {
			t.Errorf("the log does not speak of the missing sandbox: %q", log.String())
		}
		if info, err := os.Stat(p.session(t)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the session's folder: %v, %v", info, err)
		}
		// ^C in a terminal goes to its foreground process group.
		if group, err := syscall.Getpgid(p.process(t)); err != nil || group == syscall.Getpgrp() {
			t.Errorf("the browser is in this process's group %d, %v", group, err)
		}
		select {
		case <-s.Done():
			t.Error("done before it was closed")
		default:
		}
		began := time.Now()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("closed in %v", time.Since(began))
		<-s.Done()
		p.nothingLeft(t)
		if err := s.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
		p.homeUntouched(t)
	})
}

// homeUntouched checks that nothing was configured in the user's home.
func (p place) homeUntouched(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "crash_helper_server.log" {
			t.Errorf("the browser wrote %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestKeptProfile(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		o := options(b)
		o.ProfileDir = filepath.Join(p.home, "a profile")
		for range 2 {
			s := p.launch(t, o)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			p.nothingLeft(t)
			if err := os.Remove(p.store); err != nil {
				t.Error(err)
			}
		}
		if entries, err := os.ReadDir(o.ProfileDir); err != nil || len(entries) < 3 {
			t.Errorf("the profile was not kept: %v, %v", entries, err)
		}
	})
}

// The product's own extension loads, too.
func TestOwnExtension(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		p := newPlace(t)
		o := options(b)
		o.ExtensionDir = ""
		s, err := browser.Launch(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		p.nothingLeft(t)
	})
}

func TestLaunchFails(t *testing.T) {
	everyBrowser(t, func(t *testing.T, b browser.Browser) {
		for _, tt := range []struct {
			name  string
			spoil func(t *testing.T, o *browser.Options)
			want  string
		}{
			{"no page", func(t *testing.T, o *browser.Options) { o.URL = "shop.example" }, "https://"},
			{"file page", func(t *testing.T, o *browser.Options) { o.URL = "file:///etc/passwd" }, "https://"},
			{"relative store", func(t *testing.T, o *browser.Options) { o.StorePath = "events.db" }, "not absolute"},
			{"relative host", func(t *testing.T, o *browser.Options) { o.HostPath = "host" }, "not absolute"},
			{"no extension", func(t *testing.T, o *browser.Options) { o.ExtensionDir = t.TempDir() }, "extension"},
			{"no display", func(t *testing.T, o *browser.Options) {
				t.Setenv("DISPLAY", "")
				t.Setenv("WAYLAND_DISPLAY", "")
				o.Headless = false
			}, "--headless"},
			{"no program", func(t *testing.T, o *browser.Options) { o.Browser.Path = "/nonexistent" }, "/nonexistent"},
			{"not a browser", func(t *testing.T, o *browser.Options) {
				o.Browser.Path = filepath.Join(t.TempDir(), "program")
				write(t, o.Browser.Path, "#!/bin/sh\necho cannot open shared object >&2\nexit 127\n")
			}, "cannot open shared object"},
			{"cancelled", func(t *testing.T, o *browser.Options) {
				o.Browser.Path = filepath.Join(t.TempDir(), "program")
				write(t, o.Browser.Path, "#!/bin/sh\nexec sleep 1000\n")
			}, "deadline"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				p := newPlace(t)
				o := options(b)
				tt.spoil(t, &o)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if tt.name == "cancelled" {
					ctx, cancel = context.WithTimeout(t.Context(), time.Second)
				}
				defer cancel()
				s, err := browser.Launch(ctx, o)
				if err == nil {
					s.Close()
					t.Fatal("no error")
				}
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %q does not speak of %q", err, tt.want)
				}
				t.Log(err)
				p.nothingLeft(t)
			})
		}
	})
}
