package inspect

import (
	"fmt"
	"slices"
	"strings"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// invalidValue judges a value that has the right type but is not allowed.
func (in *Inspector) invalidValue(c *call, v schema.Violation) record.Finding {
	var want, next string
	switch {
	case v.Keyword == "minLength":
		want = "a non-empty string"
		next = " Check where it is set: nothing can be told apart by an empty id."
	case v.Keyword == "format":
		want = "an e-mail address"
		next = " Check what the contact was asked for and where the value is set."
	case v.Keyword == "enum" && v.At == "/1/widget_lang":
		want = "an ISO 639-1 code"
		if code, ok := languageCode(c.at(v.At), v.Want); ok {
			next = fmt.Sprintf(" Did you mean %s? These codes are two small letters without a region.", words.Quote(code))
		}
	default:
		want = "as " + v.Source + " demands"
	}
	value, _ := c.at(v.At).(string)
	actual := words.Shown(value)
	if c.isMadeUp(v.At) && value != "" {
		actual = hiddenText(value)
	}
	return record.Finding{
		At:       v.At,
		Message:  fmt.Sprintf("%s must be %s, but %s sent %s.%s", in.path(c, v.At), want, c.subject(), c.describe(v.At), next),
		Expected: want,
		Actual:   actual,
		Demand:   in.demand(v.At),
	}
}

// languageCode finds the allowed code that a value is a variant of: "de" for "DE" and
// "de-AT".
func languageCode(value, codes any) (string, bool) {
	s, _ := value.(string)
	list, _ := codes.([]any)
	head, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"), "-")
	head = strings.ToLower(head)
	return head, slices.Contains(list, any(head))
}
