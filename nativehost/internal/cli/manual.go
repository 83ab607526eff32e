package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/paths"
)

// manualCommand writes the manual pages that packages carry. It is hidden: with
// the program installed, "man userlike-inspector" shows them.
func (a *app) manualCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "manual FOLDER",
		Short:  "Write a manual page of each command into a folder, in roff",
		Hidden: true,
		Args:   takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true // the same program has the same pages
			header := &doc.GenManHeader{Section: "1", Source: paths.Product + " " + extension.Version, Manual: "User Commands"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("writing the manual pages: %w", err)
			}
			return nil
		},
	}
}
