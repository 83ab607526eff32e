package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/store"
)

func TestRowsShowTheirRecords(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	at := record.At(time.UnixMilli(1795342384123))
	tab := 0
	long := strings.Repeat("ü", 300)
	tests := []struct {
		record *record.Record
		want   store.Row
	}{
		{
			&record.Record{V: 1, Kind: record.Call, ID: "d/1", Seq: 1, Time: at, Tab: &tab, URL: "about:blank", TopURL: "https://shop.example/x",
				Args: json.RawMessage(`["chat_started",{},{"session_id":"s1"}]`),
				Findings: []record.Finding{
					{Rule: "mid-journey", Severity: record.Info, Message: "began in the middle"},
					{Rule: "wrong-type", Severity: record.Error, Message: "first error"},
					{Rule: "wrong-type", Severity: record.Error, Message: "second error"},
					{Rule: "missing-field", Severity: record.Error, Message: "third error"},
					{Rule: "invalid-value", Severity: record.Warning, Message: "a warning"},
				}},
			store.Row{ID: "d/1", Kind: record.Call, Time: at, Tab: &tab, Site: "https://shop.example", Session: "s1", Event: "chat_started",
				Severity: 3, Rules: []string{"wrong-type", "missing-field", "invalid-value", "mid-journey"}, Finding: "first error"},
		},
		{
			&record.Record{V: 1, Kind: record.Call, ID: "d/2", Seq: 2, Time: at, URL: "https://" + long,
				Args:     json.RawMessage(`["` + long + `",{},{"session_id":"` + long + `"}]`),
				Findings: []record.Finding{{Rule: "a", Severity: record.Info, Message: "m" + long}}},
			store.Row{ID: "d/2", Kind: record.Call, Time: at, Site: "https://" + long[:188] + "…", Session: long[:196] + "…", Event: long[:196] + "…",
				Severity: 1, Rules: []string{"a"}, Finding: "m" + long[:196] + "…"},
		},
		{
			&record.Record{V: 1, Kind: record.Page, ID: "d/3", Seq: 3, Time: at, Event: "opened"},
			store.Row{ID: "d/3", Kind: record.Page, Time: at, Event: "opened"},
		},
		{
			&record.Record{V: 1, Kind: record.Handler, ID: "d/4", Seq: 4, Time: at, State: "replaced", Text: "assigned"},
			store.Row{ID: "d/4", Kind: record.Handler, Time: at, Event: "replaced"},
		},
		{
			&record.Record{V: 1, Kind: record.Client, ID: "d/5", Seq: 5, Time: at, State: "framed"},
			store.Row{ID: "d/5", Kind: record.Client, Time: at, Event: "framed"},
		},
		{
			&record.Record{V: 1, Kind: record.Gap, ID: "d/6", Seq: 6, Time: at, Lost: 2, Why: "paused by the tester"},
			store.Row{ID: "d/6", Kind: record.Gap, Time: at, Event: "paused by the tester"},
		},
		{
			&record.Record{V: 1, Kind: record.Mark, ID: "m/1", Seq: 1, Time: record.At(time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)), Text: "lo\x00gin"},
			store.Row{ID: "m/1", Kind: record.Mark, Time: record.At(time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)), Event: "lo…"},
		},
	}
	for _, test := range tests {
		add(t, s, test.record)
	}
	rows, err := s.Rows(t.Context(), store.Query{Limit: 100})
	if err != nil || len(rows) != len(tests) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, test := range tests {
		test.want.Row = int64(i + 1)
		if test.want.Rules == nil {
			test.want.Rules = []string{}
		}
		if !reflect.DeepEqual(rows[i], test.want) {
			t.Errorf("got  %+v\nwant %+v", rows[i], test.want)
		}
	}
}

// contains returns the conditions of a query for a text.
func contains(text string) []store.Condition { return []store.Condition{store.Contains(text)} }

func TestRowsPageAndFilter(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	// Rows 1 to 40; 4, 8, 12 … have an info, 5, 10, 15 … a warning, 7, 14, 21 … an error.
	recs := calls("d", 1, 40)
	for i, r := range recs {
		for _, f := range []struct {
			every    int
			severity record.Severity
		}{{4, record.Info}, {5, record.Warning}, {7, record.Error}} {
			if (i+1)%f.every == 0 {
				r.Findings = append(r.Findings, record.Finding{Rule: "r", Severity: f.severity, Message: "m"})
			}
		}
	}
	recs[10].Args = json.RawMessage(`["100%_sure\\",{"Ä":"Straße"},{}]`)
	recs[20].Title = "100 percent SURE"
	add(t, s, recs...)

	tests := []struct {
		query store.Query
		want  string
	}{
		{store.Query{Limit: 9, Where: []store.Condition{store.HasID("d/7", "d/3", "d/999", "D/4")}}, "3 7"},
		{store.Query{Limit: 9, Where: []store.Condition{store.IDBegins("d/3")}}, "3 30 31 32 33 34 35 36 37"},
		{store.Query{Limit: 9, Where: []store.Condition{store.IDBegins("d/99-")}}, ""},
		{store.Query{Limit: 9, After: 3, Where: []store.Condition{store.HasID("d/7", "d/3")}}, "7"},
		{store.Query{Limit: 9, Where: []store.Condition{store.Not(store.HasID("d/1")), store.In([]int64{1, 2})}}, "2"},
		{store.Query{Limit: 3}, "1 2 3"},
		{store.Query{Limit: 3, Newest: true}, "38 39 40"},
		{store.Query{After: 38, Limit: 3}, "39 40"},
		{store.Query{After: 40, Limit: 3}, ""},
		{store.Query{After: 20, Limit: 2}, "21 22"},
		{store.Query{Before: 20, Limit: 2}, "1 2"},
		{store.Query{Before: 20, Limit: 2, Newest: true}, "18 19"},
		{store.Query{After: 20, Before: 24, Limit: 9}, "21 22 23"},
		{store.Query{After: 20, Before: 24, Limit: 2, Newest: true}, "22 23"},
		{store.Query{MinSeverity: 3, Limit: 9}, "7 14 21 28 35"},
		{store.Query{MinSeverity: 2, Limit: 4}, "5 7 10 14"},
		{store.Query{MinSeverity: 2, Limit: 4, Newest: true}, "28 30 35 40"},
		{store.Query{MinSeverity: 1, After: 9, Before: 17, Limit: 9}, "10 12 14 15 16"},
		{store.Query{MinSeverity: 1, After: 7, Limit: 1}, "8"},
		{store.Query{MinSeverity: 1, Before: 7, Limit: 1, Newest: true}, "5"},
		{store.Query{MinSeverity: 4, Limit: 9}, ""},
		{store.Query{Where: contains("sURe"), Limit: 9}, "11 21"},
		{store.Query{Where: contains("100%_"), Limit: 9}, "11"},
		{store.Query{Where: contains(`\\`), Limit: 9}, "11"},
		{store.Query{Where: contains("Straße"), Limit: 9}, "11"},
		{store.Query{Where: contains(`"n":7`), Limit: 9}, "7"},
		{store.Query{Where: contains("sure"), After: 11, Limit: 9}, "21"},
		{store.Query{Where: contains("sure"), MinSeverity: 3, Limit: 9, Newest: true}, "21"},
		{store.Query{Where: contains("nowhere"), Limit: 9}, ""},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.query), func(t *testing.T) {
			rows, err := s.Rows(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				got = append(got, fmt.Sprint(r.Row))
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("rows %s, not %s", got, test.want)
			}
		})
	}
	if _, err := s.Rows(t.Context(), store.Query{}); err == nil {
		t.Error("a page of no rows is not an error")
	}
}

func TestRecordsGiveWhatRowsDo(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	recs := calls("d", 1, 40)
	long := strings.Repeat("x", 300)
	recs[3].Args = json.RawMessage(`["` + long + `a",{},{}]`)
	recs[7].Args = json.RawMessage(`["` + long + `b",{},{}]`)
	add(t, s, recs...)
	asked := 0
	ends := func(_ int64, line []byte) (bool, error) {
		asked++
		return strings.Contains(string(line), long+"b"), nil
	}
	tests := []struct {
		query store.Query
		want  string
		asked int
	}{
		{store.Query{Limit: 2, After: 38}, "39 40", 0},
		{store.Query{Limit: 2, Newest: true}, "39 40", 0},
		// The whole record is read only where the text was cut.
		{store.Query{Limit: 9, Where: []store.Condition{store.Like(store.Event, long+"b")}, Match: ends}, "8", 2},
		{
			query: store.Query{Limit: 9, Before: 7, Where: []store.Condition{store.Not(store.Like(store.Event, "", "b"))}, Match: ends},
			want:  "1 2 3 5 6",
			asked: 1,
		},
		{store.Query{Limit: 1, Newest: true, Where: []store.Condition{store.Unknown()}, Match: ends}, "8", 33},
		{store.Query{Limit: 9, Where: []store.Condition{store.Unknown(), store.Any()}, Match: ends}, "", 0},
		{store.Query{Limit: 9, Where: []store.Condition{store.In([]int64{3, 8, 99})}}, "3 8", 0},
		{store.Query{Limit: 9, Where: []store.Condition{store.UnknownIn([]int64{5, 8}, store.In([]int64{3, 5}))}, Match: ends}, "3 8", 2},
	}
	for _, test := range tests {
		asked = 0
		var rows, records []string
		page, err := s.Rows(t.Context(), test.query)
		if err != nil {
			t.Fatal(err)
		}
		if asked != test.asked {
			t.Errorf("%+v asked %d times, not %d", test.query, asked, test.asked)
		}
		for _, r := range page {
			rows = append(rows, fmt.Sprint(r.Row))
		}
		whole, err := s.Records(t.Context(), test.query)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range whole {
			records = append(records, fmt.Sprint(r.Row))
			if r.Record.ID != recs[r.Row-1].ID {
				t.Errorf("row %d has %s", r.Row, r.Record.ID)
			}
		}
		if got, also := strings.Join(rows, " "), strings.Join(records, " "); got != test.want || also != test.want {
			t.Errorf("%+v: rows %s, records %s, want %s", test.query, got, also, test.want)
		}
	}
	broken := errors.New("broken")
	_, err := s.Records(t.Context(), store.Query{
		Limit: 9,
		Where: []store.Condition{store.Unknown()},
		Match: func(int64, []byte) (bool, error) { return false, broken },
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "row 1") {
		t.Errorf("the error is %v", err)
	}
	if _, err := s.Records(t.Context(), store.Query{}); err == nil {
		t.Error("a page of no records is not an error")
	}
}
