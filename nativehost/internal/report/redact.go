package report

import (
	"reflect"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/journey"
	"userlike-inspector/nativehost/internal/record"
)

// withheld is how a record may be told of.
type withheld struct {
	url      string
	redacted bool
	findings []record.Finding // in the redacted record, those not yet used
}

// Withhold has r tell of a record as of its redacted self, which carries what is
// found in it then. What is found stays as it was: a demand for a certain value
// is not broken by its pseudonym.
func (r *Report) Withhold(redacted *record.Record) {
	w := &withheld{url: withoutQuery(redacted.URL), redacted: len(redacted.Redacted) > 0}
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

// Hide has r put what text makes of it in the place of each text that comes from a
// recording. It is called before Found.
func (r *Report) Hide(text func(string) string) { r.hide = text }

func (r *Report) hideTexts() {
	if r.hide == nil {
		return
	}
	for _, part := range []any{&r.Findings, &r.Journeys, &r.Consents, &r.Coverage, &r.Places, &r.Sites, &r.Browsers} {
		hideIn(reflect.ValueOf(part).Elem(), r.hide)
	}
}

// hideIn goes through all texts of a value but names of rules. Slices are copied: they
// may be somebody else's.
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

// withoutQuery cuts an address where sites put what they know of their visitors.
func withoutQuery(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		return address[:i+1] + "…"
	}
	return address
}

// withhold puts the words about pseudonyms in the place of those about values.
func (r *Report) withhold() {
	valueless := map[string]bool{}
	for _, rule := range inspect.Rules() {
		// These speak of events, times, types, ids and places.
		valueless[rule.Name] = rule.On == "journey" || rule.On == "store" || slices.Contains(placed, rule.Name)
	}
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
		if w.redacted && !valueless[f.Rule] {
			w.reword(f)
		}
	}
}

// reword says of a finding what may be said of it.
func (w *withheld) reword(f *journey.Finding) {
	i := slices.IndexFunc(w.findings, func(own record.Finding) bool { return own.Rule == f.Rule && own.At == f.At })
	if i < 0 {
		f.Message = "What is wrong here cannot be said without the contact's data, which is left out; --show-personal-data shows it."
		f.Expected, f.Actual = "", ""
		return
	}
	f.Message, f.Expected, f.Actual = w.findings[i].Message, w.findings[i].Expected, w.findings[i].Actual
	w.findings = slices.Delete(w.findings, i, i+1)
}
