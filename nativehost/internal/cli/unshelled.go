package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"userlike-inspector/nativehost/internal/files"
)

// unshelled makes the commands below root expand ~\ and patterns such as *.jsonl in the
// names of files. Shells on Windows leave that to each program. takeFiles names the
// commands whose arguments are files.
func unshelled(root *cobra.Command, takeFiles ...string) {
	for _, c := range root.Commands() {
		if !slices.Contains(takeFiles, c.Name()) {
			continue
		}
		valid, run := c.Args, c.RunE
		c.Args = func(cmd *cobra.Command, names []string) error {
			names, err := files.Matches(names)
			if err != nil || valid == nil {
				return err
			}
			return valid(cmd, names)
		}
		c.RunE = func(cmd *cobra.Command, names []string) error {
			names, err := files.Matches(names)
			if err != nil {
				return err
			}
			return run(cmd, names)
		}
	}
	before := root.PersistentPreRunE
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		err := before(cmd, args)
		cmd.Flags().Visit(func(f *pflag.Flag) {
			kind, _ := pflag.UnquoteUsage(f)
			if err == nil && slices.Contains([]string{"FILE", "DIR", "NAME|PATH"}, kind) {
				err = intoHome(f.Value)
			}
		})
		return err
	}
}

// intoHome replaces ~\ at the beginning of a flag's value, or of each of its values, by
// the home folder's path.
func intoHome(value pflag.Value) error {
	if many, ok := value.(pflag.SliceValue); ok {
		paths := many.GetSlice()
		for i := range paths {
			var err error
			if paths[i], err = files.InHome(paths[i]); err != nil {
				return err
			}
		}
		return many.Replace(paths)
	}
	path, err := files.InHome(value.String())
	if err != nil || path == value.String() {
		return err
	}
	return value.Set(path)
}
