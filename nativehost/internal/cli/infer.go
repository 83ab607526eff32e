package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/infer"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/record"
)

func (a *app) inferCommand() *cobra.Command {
	var part selection
	cmd := &cobra.Command{
		Use:   "infer [RECORDING…]",
		Short: "Print a JSON Schema of the custom_data that was recorded",
		Long: `Print a JSON Schema (2020-12) of the custom_data that was recorded: in the
store, or in the recordings named (.db or .jsonl). It accepts all of it, and a
plan can use it as it is:

  custom_data: {$ref: ./custom_data.schema.json}`,
		RunE: func(cmd *cobra.Command, recordings []string) error {
			if err := part.valid(a.now()); err != nil {
				return err
			}
			inspector, err := newInspector()
			if err != nil {
				return err
			}
			var shape infer.Shape
			err = a.each(cmd.Context(), recordings, &part, func(r *record.Record) error {
				if data, odd, ok := inspector.Facts(r).CustomData(); ok {
					shape.Add(data, inspect.CustomDataAt, odd, infer.Call{Record: r.ID, Time: r.Time})
				}
				return cmd.Context().Err()
			})
			if err != nil {
				return err
			}
			if shape.Calls() == 0 {
				return errors.New("no call has custom_data, so there is nothing to infer from")
			}
			return shape.Schema().Write(a.stdout)
		},
	}
	part.flags(cmd)
	return cmd
}
