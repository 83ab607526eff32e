package tui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/filter"
)

// mostFiles bounds how many names are read of a folder, to be suggested.
const mostFiles = 5000

// askForFile asks for a file's path, which Tab completes. Of the files in a folder, those
// with one of the extensions are suggested; without any, all are.
func (a *app) askForFile(q *question, extensions ...string) {
	folders := map[string][]string{} // what is in those that have been asked for
	q.complete = func(before string) (from int, all []filter.Suggestion) {
		for from = len(before); from > 0 && !os.IsPathSeparator(before[from-1]); {
			from--
		}
		folder, begun := before[:from], before[from:]
		names, asked := folders[folder]
		if !asked {
			folders[folder] = nil
			a.feed.lookInto(folder, extensions, func(names []string) {
				folders[folder] = names
				a.suggestAgain(q)
			})
		}
		_, all = beginning(begun, names)
		return from, slices.DeleteFunc(all, func(s filter.Suggestion) bool {
			return strings.HasPrefix(s.Text, ".") && !strings.HasPrefix(begun, ".")
		})
	}
	a.ask(q)
}

// lookInto tells which files and folders there are in a folder, once that is known: it may be
// on a disk that takes its time. What can't be read has none.
func (f *feed) lookInto(folder string, extensions []string, told func([]string)) {
	f.start(func() {
		answer := make(chan []string, 1)
		go func() { answer <- namesIn(folder, extensions) }() // not waited for when the interface ends
		select {
		case names := <-answer:
			f.post(f.ctx, func() { told(names) })
		case <-f.ctx.Done():
		}
	})
}

// namesIn are the names in a folder as they are suggested: folders have a separator behind
// them.
func namesIn(folder string, extensions []string) (all []string) {
	separator := string(filepath.Separator)
	if folder != "" {
		separator = folder[len(folder)-1:]
	}
	path, err := files.InHome(folder)
	if err != nil {
		return nil
	}
	f, err := os.Open(filepath.Clean(path)) // "" is the folder that this runs in
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(mostFiles) // what could be read is better than nothing
	for _, e := range entries {
		isFolder := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(path, e.Name()))
			isFolder = err == nil && info.IsDir()
		}
		switch {
		case isFolder:
			all = append(all, e.Name()+separator)
		case len(extensions) == 0 || slices.Contains(extensions, strings.ToLower(filepath.Ext(e.Name()))):
			all = append(all, e.Name())
		}
	}
	slices.Sort(all)
	return all
}
