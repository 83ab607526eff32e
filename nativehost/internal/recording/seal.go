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
	"maps"
	"path/filepath"
	"slices"
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
// https://github.com/in-toto/attestation). Its subject is the recording's file with its
// SHA-256, so that any tool for such statements can verify and sign it. Its predicate is
// what only this program understands.
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
	Tool sealTool     `json:"tool"`
	Plan *sealSubject `json:"plan,omitempty"`
	// Refers are the files that the plan refers to: schemas, and plans that it extends.
	Refers  []sealSubject `json:"refers,omitempty"`
	Sealed  record.Time   `json:"sealed"`
	Records int           `json:"records"`
	First   *record.Time  `json:"first,omitempty"` // the earliest and the latest of the records' times
	Last    *record.Time  `json:"last,omitempty"`
	// Lines are the SHA-256 of the lines with their line feeds, in order. They show
	// which line was changed.
	Lines []string `json:"lines"`
}

type sealTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// SealFile is the path of a recording's seal.
func SealFile(recording string) string { return recording + ".seal.json" }

// Sealing makes a seal of what is written to it.
type Sealing struct {
	name   string
	whole  hash.Hash
	line   []byte // the beginning of the current line
	first  *record.Time
	last   *record.Time
	digest []string
}

// NewSealing begins the seal of a file.
func NewSealing(file string) *Sealing {
	return &Sealing{name: filepath.Base(file), whole: sha256.New(), digest: []string{}}
}

// Write adds lines of records, in pieces of any size.
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

// end adds the current line, which is complete.
func (s *Sealing) end() error {
	if err := s.time(s.line); err != nil {
		return err
	}
	s.digest = append(s.digest, digestOf(s.line))
	s.line = s.line[:0]
	return nil
}

// time adds the time of a line's record.
func (s *Sealing) time(line []byte) error {
	r, err := record.Decode(line)
	if err != nil {
		return err
	}
	if s.first == nil || r.Time.Before(s.first.Time) {
		s.first = &r.Time
	}
	if s.last == nil || r.Time.After(s.last.Time) {
		s.last = &r.Time
	}
	return nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// WriteSeal writes the seal. It also covers the plan p, which may be nil.
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
		for _, r := range p.Refers {
			statement.Predicate.Refers = append(statement.Predicate.Refers, sealSubject{r.Name, sealDigest{r.Hash}})
		}
	}
	return sanitize.WriteJSON(w, statement)
}

// maxSeal is the largest seal in bytes. A line needs less than a hundred.
const maxSeal = 1 << 30

// ReadSeal reads the seal in a file.
func ReadSeal(file string) (*Seal, error) {
	text, err := files.Read(file, maxSeal)
	if err != nil {
		return nil, files.Unreadable("seal", file, err)
	}
	var s Seal
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("the seal %s cannot be read: its JSON is damaged; get the original again, or remove the seal", words.Path(file))
	}
	if s.Type != statementType || s.PredicateType != predicateType || len(s.Subject) != 1 || s.Predicate.Records != len(s.Predicate.Lines) {
		return nil, fmt.Errorf("the seal %s was not made by this program: it is no in-toto statement with the predicateType %s; get the original again, or remove the seal", words.Path(file), predicateType)
	}
	return &s, nil
}

// maxBroken is how many changes are named.
const maxBroken = 5

// Verify compares a recording with its seal, and returns what was changed, as sentences. err
// says that it could not be read.
func (s *Seal) Verify(ctx context.Context, recording string) (broken []string, err error) {
	file, err := files.Open(recording)
	if err != nil {
		return nil, files.Unreadable("recording", recording, err)
	}
	defer file.Close()
	now := NewSealing(recording)
	r := bufio.NewReader(file)
	offset, lines, n := 0, s.Predicate.Lines, 0
	say := func(format string, args ...any) {
		if len(broken) < maxBroken {
			broken = append(broken, fmt.Sprintf(format, args...))
		}
	}
	for ctx.Err() == nil {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, files.Unreadable("recording", recording, err)
		}
		if len(line) == 0 {
			break
		}
		n++
		now.whole.Write(line)
		_ = now.time(line) // a line that is not a record was changed; its digest shows that
		switch {
		case n == len(lines)+1:
			say("line %d (from byte %d on) was not there", n, offset)
		case n <= len(lines) && digestOf(line) != lines[n-1]:
			say("line %d (bytes %d to %d) was changed%s", n, offset, offset+len(line)-1, named(line))
		}
		offset += len(line)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if n < len(lines) {
		say("of %s the last %d are missing", words.Plural(len(lines), "line"), len(lines)-n)
	}
	if len(broken) > 0 {
		return broken, nil
	}
	if hex.EncodeToString(now.whole.Sum(nil)) != s.Subject[0].Digest.SHA256 {
		say("its lines are as they were, but its digest is not: the seal itself was changed")
	}
	for _, end := range []struct {
		name        string
		sealed, now *record.Time
	}{{"first", s.Predicate.First, now.first}, {"last", s.Predicate.Last, now.last}} {
		if (end.sealed == nil) != (end.now == nil) || end.sealed != nil && !end.sealed.Equal(end.now.Time) {
			say("its %s time is not the sealed one: the seal itself was changed", end.name)
		}
	}
	return broken, nil
}

// Renamed is the name under which the recording was sealed, if it has another one now.
func (s *Seal) Renamed(recording string) (was string, yes bool) {
	return s.Subject[0].Name, s.Subject[0].Name != filepath.Base(recording)
}

// ChangedPlan compares the plan that was sealed with the recording with the plan p, and returns
// what was changed, as sentences.
func (s *Seal) ChangedPlan(p *plan.Plan) (broken []string) {
	sealed := s.Predicate.Plan
	if sealed == nil || p == nil {
		return nil
	}
	if sealed.Digest.SHA256 != p.Hash {
		broken = append(broken, fmt.Sprintf("it was sealed with another plan or version of it than %s: %s, SHA-256 %s", p.File, words.Short(sealed.Name), words.Short(sealed.Digest.SHA256)))
	}
	now := map[string]string{}
	for _, r := range p.Refers {
		now[r.Name] = r.Hash
	}
	for _, r := range s.Predicate.Refers {
		switch digest, there := now[r.Name]; {
		case !there:
			broken = append(broken, fmt.Sprintf("the plan referred to %s, and does not any more", words.Short(r.Name)))
		case digest != r.Digest.SHA256:
			broken = append(broken, fmt.Sprintf("%s, to which the plan refers, was changed", words.Short(r.Name)))
		}
		delete(now, r.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		broken = append(broken, fmt.Sprintf("%s, to which the plan refers, was not sealed", words.Short(name)))
	}
	return broken
}

// named is the id of a line's record in brackets, "" if it cannot be read.
func named(line []byte) string {
	r, err := record.Decode(line)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (record %s)", words.Quote(r.ID))
}
