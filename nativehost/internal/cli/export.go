package cli

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/record"
)

func (a *app) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "export",
		Short: "Write the records as JSON Lines to stdout",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := bufio.NewWriter(a.stdout)
			err := a.each(cmd.Context(), nil, func(r *record.Record) error {
				line, err := record.Encode(r)
				if err != nil {
					return err
				}
				if _, err := w.Write(append(line, '\n')); err != nil {
					return fmt.Errorf("writing the records: %w", err)
				}
				return cmd.Context().Err()
			})
			if err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return fmt.Errorf("writing the records: %w", err)
			}
			return nil
		},
	}
}
