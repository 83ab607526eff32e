package tui

import (
	"slices"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/store"
)

func rows(numbers ...int64) []store.Row {
	var list []store.Row
	for _, n := range numbers {
		list = append(list, store.Row{Row: n})
	}
	return list
}

func TestListing(t *testing.T) {
	filtered := listing{filter: parsed(t, "x"), last: 90}
	filtered.add(true, rows(50, 60))
	filtered.add(false, rows(70))
	filtered.add(true, rows(20, 30))
	filtered.add(false, rows(80, 90))
	for name, tt := range map[string]struct {
		list listing
		want []int64
		find map[int64]int
	}{
		"nothing": {
			list: listing{filter: parsed(t, "")},
			find: map[int64]int{0: 0, 5: 0},
		},
		"all": {
			list: listing{filter: parsed(t, ""), last: 3},
			want: []int64{1, 2, 3},
			find: map[int64]int{0: 0, 1: 0, 3: 2, 4: 3},
		},
		"a filter's": {
			list: filtered,
			want: []int64{20, 30, 50, 60, 70, 80, 90},
			find: map[int64]int{1: 0, 30: 1, 31: 2, 65: 4, 91: 7},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int64
			for i := range tt.list.count() {
				got = append(got, tt.list.at(i))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("lists %v, want %v", got, tt.want)
			}
			for row, want := range tt.find {
				if got := tt.list.find(row); got != want {
					t.Errorf("find(%d) = %d, want %d", row, got, want)
				}
			}
		})
	}
}

func parsed(t testing.TB, text string) *filter.Filter {
	t.Helper()
	f, err := filter.Parse(text, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestCache: the cache stays small and keeps the rows that are in use.
func TestCache(t *testing.T) {
	var c cache
	c.put(listed{Row: store.Row{Row: 1}})
	for n := int64(2); n < 20*cacheSize; n++ {
		c.put(listed{Row: store.Row{Row: n}})
		if c.get(1) == nil {
			t.Fatalf("row 1 was in use and is gone after %d others", n)
		}
	}
	if n := len(c.young) + len(c.old); n > 2*cacheSize {
		t.Errorf("it keeps %d rows", n)
	}
	if c.get(2) != nil || !slices.Contains(c.missing, 2) {
		t.Error("a row that is gone is not missed")
	}
	c.missing = nil
	c.spoil(1)
	if c.get(1) == nil || !slices.Contains(c.missing, 1) {
		t.Error("a row with other verdicts is to be shown as it was, and missed")
	}
	c.missing = nil
	c.put(listed{Row: store.Row{Row: 1}})
	if c.get(1) == nil || len(c.missing) > 0 {
		t.Error("a row with its new verdicts is missed")
	}
}

func TestTheme(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"none set":           {nil, true},
		"UTF-8":              {map[string]string{"LANG": "de_DE.UTF-8"}, true},
		"utf8":               {map[string]string{"LANG": "de_DE.utf8@euro"}, true},
		"no set named":       {map[string]string{"LANG": "de_DE"}, true},
		"C":                  {map[string]string{"LANG": "C"}, false},
		"POSIX":              {map[string]string{"LC_CTYPE": "POSIX", "LANG": "de_DE.UTF-8"}, false},
		"Latin 1":            {map[string]string{"LANG": "de_DE.ISO-8859-1"}, false},
		"LC_ALL comes first": {map[string]string{"LC_ALL": "C.UTF-8", "LC_CTYPE": "C", "LANG": "C"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			th := newTheme(func(name string) string { return tt.env[name] }, 256, time.Now)
			if got := th.bad == "✗"; got != tt.want {
				t.Errorf("UTF-8: %t, want %t", got, tt.want)
			}
			if !tt.want && !isASCII(th.good+th.bad+th.warn+th.info+th.gap+th.other+th.folded+th.unfolded+th.rule+th.ellipsis+th.dot) {
				t.Error("a glyph is not ASCII")
			}
		})
	}
}
