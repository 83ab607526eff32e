package recording

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

// maxMark is the longest text of a mark, in bytes: it is a label that people type again.
const maxMark = 200

// Mark puts a mark into s.
func Mark(ctx context.Context, s *store.Store, text string, now time.Time) error {
	if err := CheckMark(text); err != nil {
		return err
	}
	at := record.At(now)
	_, err := s.Append(ctx, []*record.Record{{
		V: record.Version, Kind: record.Mark, ID: uuid.NewString() + "/1", Seq: 1, Time: at, Received: &at, Text: text,
	}})
	return err
}

// CheckMark returns an error that says why a text cannot be a mark, nil if it can.
func CheckMark(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New("the mark's text is empty; write a name such as login-test")
	case len(text) > maxMark:
		return fmt.Errorf("the mark's text is %d bytes long; at most %d are kept, so shorten it", len(text), maxMark)
	case !utf8.ValidString(text):
		return errors.New("the mark's text is not UTF-8; use another text")
	}
	return nil
}
