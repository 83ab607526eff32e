package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/extension"
	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/filter"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
	"userlike-inspector/nativehost/internal/report"
	"userlike-inspector/nativehost/internal/sanitize"
	"userlike-inspector/nativehost/internal/words"
)

// judgement is what check and a headless inspect share: how the report is written and
// what makes it a failure.
type judgement struct {
	planFile string
	plan     *plan.Plan // nil for none
	format   string
	output   string
	failOn   string
	personal bool // --show-personal-data
	live     bool // pages may still be open, so what is due by now counts as missing
}

// format is a way to write a report.
type format struct {
	name string
	// handedOn says that the report is for others to read: personal values are left out
	// unless --show-personal-data asks for them.
	handedOn bool
	write    func(r *report.Report, w io.Writer, failFrom record.Severity) error
}

// formats are all ways to write a report; the first is the default.
var formats = []format{
	{name: "text", write: func(r *report.Report, w io.Writer, _ record.Severity) error { return r.Text(w, coloured(w)) }},
	{name: "json", write: func(r *report.Report, w io.Writer, _ record.Severity) error { return r.JSON(w) }},
	{name: "junit", write: (*report.Report).JUnit},
	{name: "markdown", handedOn: true, write: func(r *report.Report, w io.Writer, _ record.Severity) error { return r.Markdown(w) }},
	{name: "html", handedOn: true, write: func(r *report.Report, w io.Writer, _ record.Severity) error { return r.HTML(w) }},
}

// coloured reports whether text for w gets colours: on a terminal, unless the user has
// asked for none (https://no-color.org).
func coloured(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && escapes(f)
}

// textOrJSON are the formats of commands that have no reports.
var textOrJSON = []string{"text", "json"}

var failOns = []string{"error", "warning", "never"}

func formatNames() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

func (j *judgement) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&j.planFile, "plan", "", "the `FILE` that says what is expected of the site (YAML or JSON)")
	cmd.Flags().StringVar(&j.format, "format", formats[0].name, "how to write the report: "+words.List(formatNames(), "or"))
	cmd.Flags().StringVar(&j.output, "output", "", "the `FILE` to write the report to (default stdout)")
	cmd.Flags().StringVar(&j.failOn, "fail-on", failOns[0], "exit 1 from this severity on: "+words.List(failOns, "or"))
	cmd.Flags().BoolVar(&j.personal, "show-personal-data", false, "with --format markdown or html: keep the contacts' personal values, which these leave out")
	// The flags exist, which is all that can go wrong here.
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOns, cobra.ShellCompDirectiveNoFileComp))
}

// valid checks the flags and reads the plan, before any work is done.
func (j *judgement) valid() (err error) {
	if err := oneOf("format", j.format, formatNames()); err != nil {
		return err
	}
	if j.personal && !j.how().handedOn {
		return fmt.Errorf("--show-personal-data works only with --format markdown or html; %s shows these values anyway", j.format)
	}
	if err := oneOf("fail-on", j.failOn, failOns); err != nil {
		return err
	}
	if j.planFile != "" {
		j.plan, err = plan.Load(j.planFile)
	}
	return err
}

func (j *judgement) how() format { return formats[slices.Index(formatNames(), j.format)] }

// failFrom is the lowest severity that makes a failure, "" for none.
func (j *judgement) failFrom() record.Severity {
	if j.failOn == "never" {
		return ""
	}
	return record.Severity(j.failOn)
}

// conclude writes r. It returns errAnswerIsNo if there are findings of --fail-on's
// severity, and another error if something could not be judged.
func (j *judgement) conclude(r *report.Report, stdout io.Writer) error {
	write := func(w io.Writer) error { return j.how().write(r, w, j.failFrom()) }
	var err error
	if j.output == "" {
		err = write(stdout)
	} else {
		err = files.Write(j.output, files.Private, write)
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if from := j.failFrom(); r.Threw() || from != "" && !r.Inconclusive && r.Worst().Rank() >= from.Rank() {
		return errAnswerIsNo
	}
	if len(r.Unjudged) > 0 {
		return errors.New(sanitize.Line(strings.Join(r.Unjudged, "; ")))
	}
	return nil
}

// judge makes the report on the records that each delivers, by the plan as well. It judges
// all of them anew, because what a call needs may be in a record outside of the selected
// part. The report is about those with since alone, and of these about those that match
// where.
func (a *app) judge(ctx context.Context, j *judgement, where *filter.Filter, each func(func(r *record.Record, since bool) error) error) (*report.Report, error) {
	inspector, err := newInspector()
	if err != nil {
		return nil, err
	}
	inspector = inspector.With(j.plan)
	r := &report.Report{
		Inspected: report.Inspected{Tool: paths.Product, Version: extension.Version, Plan: j.plan},
		Redacted:  j.how().handedOn && !j.personal,
		Made:      a.now(),
	}
	var redactor *redact.Redactor
	if r.Redacted {
		if redactor, err = a.redactorFor(inspector.Judge); err != nil {
			return nil, err
		}
		learn := func(rec *record.Record, _ bool) error { redactor.Learn(rec); return ctx.Err() }
		if err := each(learn); err != nil {
			return nil, err
		}
		r.Hide(redactor.Text)
	}
	recording := journey.NewRecording(inspector)
	planned, judged, seen := false, false, false
	err = each(func(rec *record.Record, since bool) error {
		judged = judged || since
		seen = seen || rec.Kind != record.Mark // marks are the tester's own word
		planned = planned || j.plan.OnSite(rec.Address())
		if !where.All() {
			// where may ask for findings. The stored ones may be missing, or an older version's.
			rec.Findings = inspector.Judge(rec)
		}
		switch {
		case !since:
			recording.Take(rec, journey.Before)
		case !where.Match(rec):
			recording.Take(rec, journey.Beside)
		default:
			recording.Take(rec, journey.Wanted)
			r.Count(rec)
		}
		if redactor != nil {
			redacted, err := redactor.Record(rec)
			if err != nil {
				return err
			}
			r.Withhold(redacted)
		}
		return ctx.Err()
	})
	if j.live {
		recording.Advance(a.now())
	}
	r.Found(recording, a.now())
	if !judged || !seen {
		r.Unjudged = append(r.Unjudged, "there is no record to judge")
	} else if why := r.PlanUnjudged(); why != "" {
		r.Unjudged = append(r.Unjudged, "nothing that the plan demands could be judged: "+why)
	}
	if err == nil && !planned && j.plan.HasSites() {
		fmt.Fprintln(a.stderr, "No page of this recording is on the plan's sites, so nothing was judged by it.")
	}
	return r, err
}
