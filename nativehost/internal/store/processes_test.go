package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"userlike-inspector/nativehost/internal/store"
)

// role makes the test binary another process of the product:
//
//	append PATH DOCUMENT N  appends N calls, in batches of various sizes, and prints
//	                        each id once it is acknowledged
//	follow PATH N           prints the ids of the first N records as they come
//	hold PATH               prints a line when it has the store open, and closes it when
//	                        its input ends
const role = "USERLIKE_INSPECTOR_TEST_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(role) == "" {
		os.Exit(m.Run())
	}
	if err := play(context.Background(), os.Getenv(role), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func play(ctx context.Context, role string, args []string, out io.Writer) error {
	s, err := store.Open(ctx, args[0])
	if err != nil {
		return err
	}
	defer s.Close()
	if role == "hold" {
		if _, err := s.Append(ctx, calls("held", 1, 50)); err != nil {
			return err
		}
		fmt.Fprintln(out, "open")
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}
	n, err := strconv.Atoi(args[len(args)-1])
	if err != nil {
		return err
	}
	if role == "append" {
		for from, size := 1, 1; from <= n; from, size = from+size, size%7+1 {
			batch := calls(args[1], from, min(from+size-1, n))
			if _, err := s.Append(ctx, batch); err != nil {
				return err
			}
			for _, r := range batch {
				fmt.Fprintln(out, r.ID)
			}
		}
		return nil
	}
	wakes, err := s.Follow(ctx)
	if err != nil {
		return err
	}
	seen := int64(0)
	for range wakes {
		for seen < int64(n) {
			page, err := s.After(ctx, seen, 100)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			for _, at := range page {
				fmt.Fprintln(out, at.Record.ID)
				seen = at.Row
			}
		}
		if seen >= int64(n) {
			return nil
		}
	}
	return nil
}

// process starts another process in a role; it is killed when the test ends.
func process(t *testing.T, in io.Reader, as string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), role+"="+as)
	c.Stdin, c.Stderr = in, os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewScanner(out)
}

// lines reads what a process prints until it ends.
func lines(t *testing.T, c *exec.Cmd, out *bufio.Scanner) []string {
	t.Helper()
	var all []string
	for out.Scan() {
		all = append(all, out.Text())
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	return all
}

func TestProcessesShareTheStore(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	const each = 500
	follower, followed := process(t, nil, "follow", path, strconv.Itoa(2*each))
	one, oneSays := process(t, nil, "append", path, "one", strconv.Itoa(each))
	two, twoSays := process(t, nil, "append", path, "two", strconv.Itoa(each))

	got := lines(t, follower, followed)
	acknowledged := append(lines(t, one, oneSays), lines(t, two, twoSays)...)
	if len(acknowledged) != 2*each {
		t.Errorf("%d acknowledged", len(acknowledged))
	}
	if stored := ids(t, open(t, path), 100); !slices.Equal(got, stored) {
		t.Errorf("the follower saw %d records, %d are stored, in another order or others", len(got), len(stored))
	}
	// Every record is there once, and those of one document are in order.
	next := map[string]int{"one": 1, "two": 1}
	for _, id := range got {
		document, seq, _ := strings.Cut(id, "/")
		if seq != strconv.Itoa(next[document]) {
			t.Fatalf("%s came when %d was next", id, next[document])
		}
		next[document]++
	}
	if next["one"] != each+1 || next["two"] != each+1 {
		t.Errorf("next are %v", next)
	}
}

func TestKilledWriterLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var acknowledged []string
	for round := range 8 {
		document := fmt.Sprint("round", round)
		writer, says := process(t, nil, "append", path, document, "1000000")
		for n := 0; n < 20+37*round && says.Scan(); n++ {
			acknowledged = append(acknowledged, says.Text())
		}
		if err := writer.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for says.Scan() {
			acknowledged = append(acknowledged, says.Text())
		}
		writer.Wait() // killed
	}
	stored := map[string]bool{}
	for _, id := range ids(t, open(t, path), 1000) {
		stored[id] = true
	}
	if len(acknowledged) < 8*20 {
		t.Fatalf("only %d acknowledged", len(acknowledged))
	}
	for i, id := range acknowledged {
		// The kill may have cut the last line a writer printed.
		cut := i+1 == len(acknowledged) || strings.SplitN(acknowledged[i+1], "/", 2)[0] != strings.SplitN(id, "/", 2)[0]
		if !stored[id] && !cut {
			t.Errorf("%s was acknowledged and is not stored", id)
		}
	}
}
