package corpus

import "testing"

// Text returns a page's source.
func Text(t *testing.T, path string) string {
	t.Helper()
	b, err := files.ReadFile("pages" + path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
