package report

import (
	"encoding/json"
	"io"

	"userlike-inspector/nativehost/internal/record"
)

// jsonFinding has every field always: consumers need not tell absent from empty.
type jsonFinding struct {
	Rule     string          `json:"rule"`
	Severity record.Severity `json:"severity"`
	Record   *string         `json:"record"`
	Journey  *string         `json:"journey"`
	At       string          `json:"at"`
	Message  string          `json:"message"`
	Expected string          `json:"expected"`
	Actual   string          `json:"actual"`
	Demand   string          `json:"demand"`
}

type jsonReport struct {
	Findings []jsonFinding `json:"findings"`
	Summary  jsonSummary   `json:"summary"`
}

type jsonSummary struct {
	Calls    int `json:"calls"`
	Journeys int `json:"journeys"`
	Error    int `json:"error"`
	Warning  int `json:"warning"`
	Info     int `json:"info"`
}

// JSON writes r as one JSON object, findings in order of arrival.
func (r *Report) JSON(w io.Writer) error {
	out := jsonReport{
		Findings: make([]jsonFinding, len(r.Findings)),
		Summary: jsonSummary{
			Calls: r.Summary.Calls, Journeys: r.Summary.Journeys,
			Error: r.Summary.Error, Warning: r.Summary.Warning, Info: r.Summary.Info,
		},
	}
	for i, f := range r.Findings {
		out.Findings[i] = jsonFinding{
			Rule: f.Rule, Severity: f.Severity, At: f.At, Message: f.Message,
			Expected: f.Expected, Actual: f.Actual, Demand: f.Demand,
		}
		if f.Record != "" {
			out.Findings[i].Record = &f.Record
		}
		if f.Journey != "" {
			out.Findings[i].Journey = &f.Journey
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
