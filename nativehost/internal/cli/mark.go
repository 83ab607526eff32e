package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/recording"
)

func (a *app) markCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mark TEXT",
		Short: "Put a label into the recording, to find its part again with --since mark:TEXT",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf(`mark takes one text, not %d; put it in quotes if it has spaces: mark "the login test"`, len(args))
			}
			return recording.CheckMark(args[0])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			return recording.Mark(cmd.Context(), s, args[0], a.now())
		},
	}
}
