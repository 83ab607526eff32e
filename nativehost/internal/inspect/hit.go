package inspect

import (
	"fmt"
	"slices"

	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/systems"
	"userlike-inspector/nativehost/internal/words"
)

// PersonalFields are the JSON Pointers of the fields that name a person. Hits are judged
// by who gets these fields.
func PersonalFields() []string {
	return []string{"/2/client_name", "/2/client_email", "/2/operator_name"}
}

// IsPersonal tells whether what a hit carries names a person.
func IsPersonal(c record.Carried) bool { return slices.Contains(PersonalFields(), c.What) }

// LeavesSite tells whether a hit is a request to a site that is neither the page's nor
// Userlike's. In a frame, the tab's site counts as the page's, too. It is false when the
// page's site is not known.
func LeavesSite(r *record.Record) bool {
	if r.Handed == nil || r.Handed.Via != record.Request || systems.IsUserlike(r.Handed.To) {
		return false
	}
	to, own := observed.SiteOfAddress(r.Handed.To), observed.SiteOf(r)
	return to != "" && own != "" && to != own && to != observed.SiteOfAddress(r.TopURL)
}

// judgeHit judges who has received personal data in a hit.
func (in *Inspector) judgeHit(v *verdicts, r *record.Record) {
	planned := in.plan.OnSite(r.Address()) && in.plan.PersonalData != nil
	leaves := LeavesSite(r)
	switch {
	case planned && in.plan.PersonalData.Allows(r.Handed.Via, r.Handed.To):
		return
	case !leaves && !(planned && r.Handed.Via == record.Queue):
		return
	}
	told := map[record.Carried]bool{}
	for _, c := range r.Handed.Carries {
		if IsPersonal(c) && !told[c] {
			told[c] = true
			v.add(PersonalForwarded, func() record.Finding { return in.personalForwarded(r, c, planned) })
		}
	}
}

func (in *Inspector) personalForwarded(r *record.Record, c record.Carried, planned bool) record.Finding {
	field, form := in.path(nil, c.What), "plain"
	if c.As != "" {
		form = string(c.As)
	}
	to := words.Place(r.Handed.To)
	f := record.Finding{
		At:       c.At,
		Expected: "no " + field + " at " + to,
		Actual:   form,
	}
	how := map[record.Form]string{"": "in plain text", record.Base64: "in base64, which anybody can read"}[c.As]
	if how == "" {
		how = "as its " + form + " hash, by which whoever knows it recognises it"
	}
	if planned {
		f.Severity, f.Demand = record.Error, in.plan.PersonalData.Source
		f.Message = fmt.Sprintf("%s went to %s, which by the plan may not have personal data: it is there at %s, %s. Take it out of what the site's function hands on, or allow the place in the plan.", field, to, words.Short(c.At), how)
		return f
	}
	f.Severity, f.Demand = record.Warning, "personal data stays on the page's own site"
	f.Message = fmt.Sprintf("%s went to %s, which is another site than %s: it is there at %s, %s. Check whether that is meant, and whether the person it names has agreed to it.", field, to, words.Short(observed.SiteOf(r)), words.Short(c.At), how)
	return f
}
