package record_test

import (
	"testing"

	"userlike-inspector/nativehost/internal/record"
)

func TestLatin1(t *testing.T) {
	for bytes, want := range map[string]string{
		"J\xf6rg M\xfcller":  "Jörg Müller",
		"{\"a\":\"\xa7\"}\n": "{\"a\":\"§\"}\n",
		"":                   "",
		"\xf6\xe4\xfc!":      "", // too few of ASCII's
		"J\xf6rg\x00Ada":     "", // a control character
		"J\xf6rg\x9fAda":     "",
	} {
		got, ok := record.Latin1([]byte(bytes))
		if got != want || ok != (want != "" || bytes == "") {
			t.Errorf("%q is %q, %v", bytes, got, ok)
		}
	}
}
