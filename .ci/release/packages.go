package main

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

// packages builds the Debian and the RPM package of a program for Linux.
func (r *release) packages(goarch, program string) error {
	pages, err := r.manual()
	if err != nil {
		return err
	}
	for _, page := range pages {
		if err := compress(page, page+".gz"); err != nil {
			return err
		}
	}
	for _, kind := range []struct {
		packager nfpm.Packager
		zsh      string // the folder of zsh completions in its distributions
	}{
		{deb.Default, "/usr/share/zsh/vendor-completions/"},
		{rpm.DefaultRPM, "/usr/share/zsh/site-functions/"},
	} {
		info := &nfpm.Info{
			Name: product, Arch: goarch, Platform: "linux", Version: r.version, MTime: r.time,
			Section: "devel", Priority: "optional", Maintainer: "The Userlike Inspector maintainers",
			Description: "See and judge what a site sends through its Userlike chat widget",
		}
		info.RPM.BuildHost = "localhost" // instead of this machine's name, so that the bytes stay the same
		info.Contents = files.Contents{
			r.content(program, "/usr/bin/"+product, 0o755),
			r.content(filepath.Join(r.root, "README.md"), "/usr/share/doc/"+product+"/README.md", 0o644),
			r.content(filepath.Join(r.work, product+".bash"), "/usr/share/bash-completion/completions/"+product, 0o644),
			r.content(filepath.Join(r.work, product+".fish"), "/usr/share/fish/vendor_completions.d/"+product+".fish", 0o644),
			r.content(filepath.Join(r.work, "_"+product), kind.zsh+"_"+product, 0o644),
		}
		for _, page := range pages {
			info.Contents = append(info.Contents, r.content(page+".gz", "/usr/share/man/man1/"+filepath.Base(page)+".gz", 0o644))
		}
		info = nfpm.WithDefaults(info)
		if err := nfpm.Validate(info); err != nil {
			return err
		}
		name := kind.packager.ConventionalFileName(info)
		if err := r.create(name, func(w io.Writer) error { return kind.packager.Package(info, w) }); err != nil {
			return err
		}
	}
	return nil
}

// content is the file from, to be installed as to.
func (r *release) content(from, to string, mode os.FileMode) *files.Content {
	return &files.Content{
		Source:      from,
		Destination: to,
		FileInfo:    &files.ContentFileInfo{Owner: "root", Group: "root", Mode: mode, MTime: r.time},
	}
}

// compress writes the file from, compressed with gzip, to to.
func compress(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	w, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return errors.Join(err, w.Close(), f.Close())
}
