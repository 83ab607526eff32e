package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/install"
)

func (a *app) extensionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "extension",
		Short: "The browser extension that comes with this program",
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "path",
		Short: "Print the folder of the unpacked extension, to load it from",
		Long: `Print the folder of the unpacked extension, to load it from in a browser or a test
tool. It is written to the user's data folder first if it isn't there in this version.`,
		Args: takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			path, err := a.unpackExtension()
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(a.text(), path); err != nil {
				return fmt.Errorf("writing the path: %w", err)
			}
			return nil
		},
	})
	return cmd
}

// unpackExtension makes sure that the extension of this version is unpacked in
// the user's data folder, and returns where. The place stays the same from version to
// version, so that a browser that has loaded it once finds the next one there.
func (a *app) unpackExtension() (string, error) {
	data, err := a.system.Data()
	if err != nil {
		return "", err
	}
	path := install.ExtensionIn(data)
	return path, install.WriteExtension(path)
}
