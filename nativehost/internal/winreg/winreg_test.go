package winreg_test

import (
	"testing"

	"userlike-inspector/nativehost/internal/winreg"
)

func TestPath(t *testing.T) {
	env := func(name string) string { return map[string]string{"LocalAppData": `C:\Users\Eva\AppData\Local`}[name] }
	for text, want := range map[string]string{
		`%LocalAppData%\a.json`:       `C:\Users\Eva\AppData\Local\a.json`,
		`%Nowhere%\a.json`:            `%Nowhere%\a.json`,
		`%Nowhere%LocalAppData%\a`:    `%NowhereC:\Users\Eva\AppData\Local\a`,
		`100%`:                        `100%`,
		`100%%LocalAppData%`:          `100%C:\Users\Eva\AppData\Local`,
		``:                            ``,
		`D:\%LocalAppData%;%Nowhere%`: `D:\C:\Users\Eva\AppData\Local;%Nowhere%`,
	} {
		if got := (winreg.Value{Text: text, Expand: true}).Path(env); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := (winreg.Value{Text: text}).Path(env); got != text {
			t.Errorf("%q, which is not to be expanded: %q", text, got)
		}
	}
}

func TestSamePath(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{`C:\Users\Eva\a.json`, `c:\users\eva\A.JSON`, true},
		{`C:\Users\Eva\a.json`, `C:/Users/Eva/x/../a.json`, true},
		{`C:\Users\Eva\a.json`, `C:\Users\Eva\b.json`, false},
		{`C:\a`, ``, false},
	} {
		if got := winreg.SamePath(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q: %v", tt.a, tt.b, got)
		}
	}
}
