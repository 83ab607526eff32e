package journey_test

import (
	"slices"
	"testing"

	"userlike-inspector/nativehost/internal/journey"
)

// personalSituations are about who got personal data.
var personalSituations = []situation{
	{
		name: "to another site",
		script: asked +
			`1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
		want: []string{"warning personal-data-forwarded d/hit-1 /query/em"},
	},
	{
		name: "hashed",
		script: asked +
			`1.1 hit https://stats.example/c d/2 {"query":{"em":"x"}} has /2/client_email /query/em=sha256 has /2/operator_name /query/em=md5` + left,
		want: []string{"warning personal-data-forwarded d/hit-1 /query/em", "warning personal-data-forwarded d/hit-1 /query/em"},
	},
	{"what names nobody", "", asked + `2.1 hit https://stats.example/c d/3 {"query":{"id":"c-17"}} has /2/chat_id /query/id` + left, nil},
	{
		name: "to the same site",
		script: asked +
			`1.1 hit https://stats.d.example:8443/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
	},
	{
		name: "to Userlike",
		script: asked +
			`1.1 hit https://api.userlike.com/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
	},
	{
		name: "to Userlike's storage",
		script: asked +
			`1.1 hit https://userlike-cdn-widgets.s3-eu-west-1.amazonaws.com/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
	},
	{
		name: "to somebody named alike",
		script: asked +
			`1.1 hit https://notuserlike.com/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
		want: []string{"warning personal-data-forwarded d/hit-1 /query/em"},
	},
	{"to a queue", "", asked + `1 hit dataLayer d/2 [{"em":"ada@d.example"}] has /2/client_email /0/em` + left, nil},
	{
		name: "between ports of this computer",
		script: "0 !http://localhost:8000/ opened\n" +
			` 1 !http://localhost:8000/ button_displayed {"client_email":"ada@d.example"}` + "\n" +
			`1.1 !http://localhost:8000/ hit http://localhost:9000/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n" +
			" 30 !http://localhost:8000/ closed",
		want: []string{"warning personal-data-forwarded d/hit-1 /query/em"},
	},
	{
		name: "between addresses",
		script: "0 !http://10.0.0.1/ opened\n" +
			` 1 !http://10.0.0.1/ button_displayed {"client_email":"ada@d.example"}` + "\n" +
			`1.1 !http://10.0.0.1/ hit http://10.0.0.2/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n" +
			" 30 !http://10.0.0.1/ closed",
		want: []string{"warning personal-data-forwarded d/hit-1 /query/em"},
	},
	{
		name: "to the same address",
		script: "0 !http://10.0.0.1/ opened\n" +
			` 1 !http://10.0.0.1/ button_displayed {"client_email":"ada@d.example"}` + "\n" +
			`1.1 !http://10.0.0.1/ hit http://10.0.0.1/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n" +
			" 30 !http://10.0.0.1/ closed",
	},
	{
		name: "allowed by the plan",
		plan: "personal_data: {allow: [stats.example]}",
		script: asked +
			`1.1 hit https://eu.stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
	},
	{
		name: "not allowed by the plan",
		plan: "personal_data: {allow: [stats.example]}",
		script: asked +
			`1.1 hit https://other.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
		want: []string{"error personal-data-forwarded d/hit-1 /query/em"},
	},
	{
		name: "sent from a page of the plan that has gone elsewhere meanwhile",
		plan: "sites: ['https://d.example/cart*']\npersonal_data: {allow: [dataLayer]}",
		script: "0 !https://d.example/cart opened\n" +
			` 1 !https://d.example/cart button_displayed {"client_email":"ada@d.example"}` + "\n" +
			`1.1 !https://d.example/thanks hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n" +
			" 30 !https://d.example/thanks closed",
		want: []string{"error personal-data-forwarded d/hit-1 /query/em"},
	},
	{
		name: "sent from elsewhere before the page came to the plan's site",
		plan: "sites: ['https://d.example/cart*']\npersonal_data: {allow: [dataLayer]}",
		script: "0 !https://d.example/ opened\n" +
			` 1 !https://d.example/ button_displayed {"client_email":"ada@d.example"}` + "\n" +
			`1.1 !https://d.example/cart hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + "\n" +
			" 30 !https://d.example/cart closed",
		want: []string{"warning personal-data-forwarded d/hit-1 /query/em"},
	},
	{
		name: "in a batch with a call that has none",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 2 chat_requested {"client_email":"ada@d.example"}` + "\n" +
			`3 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},{"en":"chat_requested","em":"ada@d.example"}]}` +
			" has /0 /body/0/en has /0 /body/1/en has /2/client_email /body/1/em\n" +
			" 10 disclaimer_ok" + left,
		want: []string{"warning before-consent d/3 /2/client_email", "warning before-consent d/hit-1 /body/1/em", "warning personal-data-forwarded d/hit-1 /body/1/em"},
	},
	{
		name:   "a queue that the plan does not allow",
		plan:   "personal_data: {allow: [stats.example]}",
		script: asked + `1 hit dataLayer d/2 [{"em":"ada@d.example"}] has /2/client_email /0/em` + left,
		want:   []string{"error personal-data-forwarded d/hit-1 /0/em"},
	},
	{
		name:   "a queue that the plan allows",
		plan:   "personal_data: {allow: [dataLayer]}",
		script: asked + `1 hit dataLayer d/2 [{"em":"ada@d.example"}] has /2/client_email /0/em` + left,
	},
	{
		name: "the plan does not want to know",
		plan: "severity: {personal-data-forwarded: off}",
		script: asked +
			`1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em` + left,
	},
}

// TestHitsAreOfWhatIsJudged: a finding on a hit belongs to its call's journey and event.
func TestHitsAreOfWhatIsJudged(t *testing.T) {
	found := judge(inspector(t), recording(t, asked+`1.1 hit https://stats.example/c d/2 {"query":{"em":"ada@d.example"}} has /2/client_email /query/em`+left))
	i := slices.IndexFunc(found, func(f journey.Finding) bool { return f.Rule == "personal-data-forwarded" })
	if i < 0 || found[i].Event != "button_displayed" || found[i].Journey != "s@d.example" || found[i].Actual != "plain" {
		t.Errorf("%+v", found)
	}
}
