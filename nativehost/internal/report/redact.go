package report

import (
	"reflect"
	"slices"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
)

// withheld is what a report for others may say of a record.
type withheld struct {
	url      string
	redacted bool
	findings []record.Finding // in the redacted record, those not yet used
}

// Withhold makes r describe a record by its redacted copy, whose findings were made from
// the copy. Which findings there are does not change: a pseudonym may break a demand that
// the original value meets.
func (r *Report) Withhold(redacted *record.Record) {
	w := &withheld{url: redact.WithoutQuery(redacted.URL), redacted: len(redacted.Redacted) > 0}
	if w.redacted {
		w.findings = slices.Clone(redacted.Findings)
	}
	if !w.redacted && w.url == redacted.URL {
		return
	}
	if r.withheld == nil {
		r.withheld = map[string]*withheld{}
	}
	r.withheld[redacted.ID] = w
}

// Hide makes r replace each text from a recording by the result of the function text. It
// must be called before Found.
func (r *Report) Hide(text func(string) string) { r.hide = text }

func (r *Report) hideTexts() {
	if r.hide == nil {
		return
	}
	for _, part := range []any{&r.Findings, &r.Journeys, &r.Consents, &r.Coverage, &r.Places, &r.Sites, &r.Browsers} {
		hideIn(reflect.ValueOf(part).Elem(), r.hide)
	}
}

// hideIn replaces all texts in a value except names of rules. It copies slices, as others
// may use them too.
func hideIn(v reflect.Value, text func(string) string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			v.SetString(text(v.String()))
		}
	case reflect.Slice:
		if v.IsNil() || !v.CanSet() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			hideIn(own.Index(i), text)
		}
		v.Set(own)
	case reflect.Pointer:
		if v.IsNil() || !v.CanSet() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		hideIn(own.Elem(), text)
		v.Set(own)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "Rule" {
				hideIn(v.Field(i), text)
			}
		}
	}
}

// withhold replaces the messages of findings by those that quote only pseudonyms.
func (r *Report) withhold() {
	var all []*journey.Finding
	for i := range r.Findings {
		all = append(all, &r.Findings[i])
	}
	for i := range r.Accepted {
		all = append(all, &r.Accepted[i].Finding)
	}
	for _, f := range all {
		w := r.withheld[f.Record]
		if w == nil {
			continue
		}
		f.URL = w.url
		if w.redacted && inspect.QuotesValues(f.Rule) {
			w.findings = redact.Reword(&f.Finding, w.findings, "--show-personal-data shows it")
		}
	}
}
