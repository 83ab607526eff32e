package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// maxMark bounds a mark's text, in bytes: it is a label, and has to be typed again.
const maxMark = 200

func (a *app) markCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mark TEXT",
		Short: "Put a label into the recording, to find its part again with --since mark:TEXT",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf(`mark takes one text, not %d; quote it if it has spaces: mark "the login test"`, len(args))
			}
			return checkMark(args[0])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			return a.mark(cmd.Context(), s, args[0])
		},
	}
}

// mark puts a mark into s.
func (a *app) mark(ctx context.Context, s *store.Store, text string) error {
	if err := checkMark(text); err != nil {
		return err
	}
	now := record.At(a.now())
	_, err := s.Append(ctx, []*record.Record{{
		V: record.Version, Kind: record.Mark, ID: uuid.NewString() + "/1", Seq: 1, Time: now, Received: &now, Text: text,
	}})
	return err
}

func checkMark(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New("the mark's text is empty; want a name such as login-test")
	case len(text) > maxMark:
		return fmt.Errorf("the mark's text is %d bytes long, at most %d are kept", len(text), maxMark)
	case !utf8.ValidString(text):
		return errors.New("the mark's text is not UTF-8")
	}
	return nil
}
