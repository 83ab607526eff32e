package recording

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"
	"strings"
	"time"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// A seal is an in-toto statement, version 1 (https://in-toto.io/Statement/v1,
// github.com/in-toto/attestation): its subject is the recording's file with its
// SHA-256, so that any tool for such statements can verify and sign it, and what
// only this program knows is its predicate.
const (
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://userlike-inspector.invalid/recording/v1"
)

// Seal says what a recording was when it was exported.
type Seal struct {
	Type          string        `json:"_type"`
	Subject       []sealSubject `json:"subject"`
	PredicateType string        `json:"predicateType"`
	Predicate     sealPredicate `json:"predicate"`
}

type sealSubject struct {
	Name   string     `json:"name"`
	Digest sealDigest `json:"digest"`
}

type sealDigest struct {
	SHA256 string `json:"sha256"`
}

type sealPredicate struct {
	Tool    sealTool     `json:"tool"`
	Plan    *sealSubject `json:"plan,omitempty"`
	Sealed  record.Time  `json:"sealed"`
	Records int          `json:"records"`
	First   *record.Time `json:"first,omitempty"` // the earliest and the latest of the records' times
	Last    *record.Time `json:"last,omitempty"`
	// Lines are the SHA-256 of the lines, in order, each with its line feed: they
	// tell which one was changed.
	Lines []string `json:"lines"`
}

type sealTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// SealFile is where the seal of a recording lies.
func SealFile(recording string) string { return recording + ".seal.json" }

// Sealing makes a seal of what is written to it.
type Sealing struct {
	name   string
	whole  hash.Hash
	line   []byte // so far
	first  *record.Time
	last   *record.Time
	digest []string
}

// NewSealing makes the seal of a file.
func NewSealing(file string) *Sealing {
	return &Sealing{name: filepath.Base(file), whole: sha256.New(), digest: []string{}}
}

// Write takes records in lines, whatever pieces they come in.
func (s *Sealing) Write(b []byte) (int, error) {
	s.whole.Write(b)
	for rest := b; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n') + 1
		if i == 0 {
			s.line = append(s.line, rest...)
			break
		}
		s.line = append(s.line, rest[:i]...)
		rest = rest[i:]
		if err := s.end(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// end takes in the line that is complete.
func (s *Sealing) end() error {
	r, err := record.Decode(s.line)
	if err != nil {
		return err
	}
	if s.first == nil || r.Time.Before(s.first.Time) {
		s.first = &r.Time
	}
	if s.last == nil || r.Time.After(s.last.Time) {
		s.last = &r.Time
	}
	s.digest = append(s.digest, digestOf(s.line))
	s.line = s.line[:0]
	return nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// WriteSeal writes the seal; p is the plan that it is to cover, or nil.
func (s *Sealing) WriteSeal(w io.Writer, p *plan.Plan, now time.Time) error {
	statement := Seal{
		Type:          statementType,
		Subject:       []sealSubject{{s.name, sealDigest{hex.EncodeToString(s.whole.Sum(nil))}}},
		PredicateType: predicateType,
		Predicate: sealPredicate{
			Tool: sealTool{paths.Product, extension.Version}, Sealed: record.At(now),
			Records: len(s.digest), First: s.first, Last: s.last, Lines: s.digest,
		},
	}
	if p != nil {
		statement.Predicate.Plan = &sealSubject{filepath.Base(p.File), sealDigest{p.Hash}}
	}
	return sanitize.WriteJSON(w, statement)
}

// maxSeal bounds a seal in bytes; a digest of a line has less than a hundred.
const maxSeal = 1 << 30

// ReadSeal reads the seal in a file.
func ReadSeal(file string) (*Seal, error) {
	text, err := files.Read(file, maxSeal)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	var s Seal
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("seal %q cannot be read: %w", file, err)
	}
	if s.Type != statementType || s.PredicateType != predicateType || len(s.Subject) != 1 || s.Predicate.Records != len(s.Predicate.Lines) {
		return nil, fmt.Errorf("seal %q is not one of this program's: want an in-toto statement with predicateType %q", file, predicateType)
	}
	return &s, nil
}

// maxBroken bounds how many changes are named.
const maxBroken = 5

// Verify compares a recording with its seal.
func (s *Seal) Verify(ctx context.Context, recording string) error {
	file, err := files.Open(recording)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	defer file.Close()
	whole := sha256.New()
	r := bufio.NewReader(io.TeeReader(file, whole))
	var broken []string
	offset, lines := 0, s.Predicate.Lines
	n := 0
	for {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("recording: %w", err)
		}
		if len(line) == 0 {
			break
		}
		n++
		if n > len(lines) {
			broken = append(broken, fmt.Sprintf("line %d (from byte %d on) was not there", n, offset))
			break
		}
		if digestOf(line) != lines[n-1] {
			broken = append(broken, fmt.Sprintf("line %d (bytes %d to %d) was changed%s", n, offset, offset+len(line)-1, named(line)))
		}
		if len(broken) >= maxBroken || ctx.Err() != nil {
			break
		}
		offset += len(line)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if n < len(lines) && len(broken) < maxBroken {
		broken = append(broken, fmt.Sprintf("of %s the last %d are missing", words.Plural(len(lines), "line"), len(lines)-n))
	}
	if len(broken) == 0 && hex.EncodeToString(whole.Sum(nil)) != s.Subject[0].Digest.SHA256 {
		broken = append(broken, "its lines are as they were, but its digest is not: the seal itself was changed")
	}
	if len(broken) > 0 {
		return fmt.Errorf("%s is not what was sealed at %s: %s; get the original again, or remove %q to judge it as it is",
			recording, s.Predicate.Sealed, strings.Join(broken, "; "), SealFile(recording))
	}
	return nil
}

// named is the id of a line's record, in brackets, if it can be told.
func named(line []byte) string {
	r, err := record.Decode(line)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (record %s)", words.Quote(r.ID))
}
