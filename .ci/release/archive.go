package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// file is a file to be put into an archive.
type file struct {
	name string // in the archive
	path string // of its content
	mode fs.FileMode
}

// create writes a file into the folder of published files.
func (r *release) create(name string, write func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(r.out, name))
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (r *release) tarGz(name string, files []file) error {
	return r.create(name, func(w io.Writer) error {
		compressed := gzip.NewWriter(w)
		archive := tar.NewWriter(compressed)
		for _, f := range files {
			b, err := os.ReadFile(f.path)
			if err != nil {
				return err
			}
			header := &tar.Header{Name: f.name, Mode: int64(f.mode), Size: int64(len(b)), ModTime: r.time, Format: tar.FormatUSTAR}
			if err := archive.WriteHeader(header); err != nil {
				return err
			}
			if _, err := archive.Write(b); err != nil {
				return err
			}
		}
		return errors.Join(archive.Close(), compressed.Close())
	})
}

func (r *release) zip(name string, files []file) error {
	return r.create(name, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		for _, f := range files {
			b, err := os.ReadFile(f.path)
			if err != nil {
				return err
			}
			header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: r.time}
			header.SetMode(f.mode)
			in, err := archive.CreateHeader(header)
			if err != nil {
				return err
			}
			if _, err := in.Write(b); err != nil {
				return err
			}
		}
		return archive.Close()
	})
}

// extension packs the extension for each browser's store.
func (r *release) extension() error {
	for store, foreign := range map[string][]string{
		// The Chrome Web Store refuses a manifest with a key, because it gives each extension
		// a key itself (https://developer.chrome.com/docs/extensions/reference/manifest/key).
		"chrome":  {"key", "browser_specific_settings"},
		"firefox": {"key", "minimum_chrome_version"},
	} {
		manifest, err := r.manifestWithout(store, foreign)
		if err != nil {
			return err
		}
		dir := filepath.Join(r.work, product, "extension")
		files := map[string]file{}
		err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(dir, path)
			files[name] = file{filepath.ToSlash(name), path, 0o644}
			return err
		})
		if err != nil {
			return err
		}
		files["manifest.json"] = file{"manifest.json", manifest, 0o644}
		var list []file
		for _, name := range slices.Sorted(maps.Keys(files)) {
			list = append(list, files[name])
		}
		if err := r.zip(fmt.Sprintf("%s-extension_%s_%s.zip", product, r.version, store), list); err != nil {
			return err
		}
	}
	return nil
}

// manifestWithout writes the extension's manifest without the members that a store does not
// accept, and returns the file's path.
func (r *release) manifestWithout(store string, members []string) (string, error) {
	b, err := os.ReadFile(filepath.Join(r.work, product, "extension", "manifest.json"))
	if err != nil {
		return "", err
	}
	var manifest map[string]json.RawMessage
	if err := json.Unmarshal(b, &manifest); err != nil {
		return "", err
	}
	for _, member := range members {
		delete(manifest, member)
	}
	if b, err = json.MarshalIndent(manifest, "", "  "); err != nil {
		return "", err
	}
	path := filepath.Join(r.work, "manifest-"+store+".json")
	return path, os.WriteFile(path, b, 0o644)
}
