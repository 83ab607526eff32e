package redact_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/observed"
	"userlike-inspector/nativehost/internal/plan"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/redact"
)

func redactor(t testing.TB, key string) *redact.Redactor {
	t.Helper()
	inspector, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	return redact.New([]byte(key), inspector.Judge)
}

func call(args string) *record.Record {
	return &record.Record{V: record.Version, Kind: record.Call, ID: "d/1", Seq: 1, Time: record.At(time.UnixMilli(1795342384123)), Args: json.RawMessage(args)}
}

const visit = `["chat_started",{"client_uuid":"u-1","operator_group_id":"12","widget_id":2,"widget_lang":"de"},` +
	`{"session_id":"s-1","client_name":"Ada Lovelace","client_email":"ada@mail.example","operator_name":"Grace","z":"first of all",` +
	`"custom_data":{"name":"Ada Lovelace","price":-42.50,"big":1e21,"zero":0,"half":0.5,"vip":true,"none":null,` +
	`"empty":"","list":["Köln","12345"],"it's":{"<a>":"x&y"}}},"surplus"]`

func TestKeepsTypesAndShapes(t *testing.T) {
	r := call(visit)
	out, err := redactor(t, "key").Record(r)
	if err != nil {
		t.Fatal(err)
	}
	if string(r.Args) != visit {
		t.Error("the record itself was changed")
	}
	want := regexp.MustCompile(`^\["chat_started",\{"client_uuid":"u-1","operator_group_id":"12","widget_id":2,"widget_lang":"de"\},` +
		`\{"session_id":"s-1","client_name":"([A-Z][a-z]{2} [A-Z][a-z]{7})","client_email":"[a-z]{3}@[a-z]{4}\.[a-z]{7}",` +
		`"operator_name":"Grace","z":"[a-z]{5} [a-z]{2} [a-z]{3}",` +
		`"custom_data":\{"name":"([A-Z][a-z]{2} [A-Z][a-z]{7})","price":-[1-9]\d\.\d\d,"big":[1-9]e21,"zero":0,` +
		`"half":0\.\d,"vip":true,"none":null,"empty":"",` +
		`"list":\["[A-Z][à-ö][a-z]{2}","\d{5}"\],"it's":\{"<a>":"[a-z]&[a-z]"\}\}\},"[a-z]{7}"\]$`).FindStringSubmatch(string(out.Args))
	if want == nil {
		t.Fatalf("got %s", out.Args)
	}
	if want[1] != want[2] {
		t.Errorf("one name has the pseudonyms %q and %q", want[1], want[2])
	}
	for _, personal := range []string{"Ada", "Lovelace", "ada@", "@mail", "first", "42.50", "Köln", "12345", "surplus"} {
		if strings.Contains(string(out.Args), personal) {
			t.Errorf("%q is still there: %s", personal, out.Args)
		}
	}
	places := []string{"/args/2/client_email", "/args/2/client_name", "/args/2/custom_data", "/args/2/z", "/args/3"}
	if !reflect.DeepEqual(out.Redacted, places) {
		t.Errorf("redacted %q, not %q", out.Redacted, places)
	}
}

func TestPseudonymsAreStableAndTheKeysOwn(t *testing.T) {
	args := func(key string) string {
		out, err := redactor(t, key).Record(call(visit))
		if err != nil {
			t.Fatal(err)
		}
		return string(out.Args)
	}
	if first := args("a"); first != args("a") {
		t.Error("the same key gives different pseudonyms")
	}
	if args("a") == args("b") {
		t.Error("different keys give the same pseudonyms")
	}
}

func TestJudgesAnew(t *testing.T) {
	r := call(`["chat_started",{"client_uuid":"u","operator_group_id":"12","widget_id":2,"widget_lang":"de"},{"client_email":"not an address"}]`)
	inspector, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	r.Findings = inspector.Judge(r)
	out, err := redactor(t, "key").Record(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Findings) != 2 || len(r.Findings) != 2 {
		t.Fatalf("findings %+v, before %+v", out.Findings, r.Findings)
	}
	for i, f := range out.Findings {
		if f.Rule != r.Findings[i].Rule || f.At != r.Findings[i].At {
			t.Errorf("%+v instead of %+v", f, r.Findings[i])
		}
	}
	line, err := record.Encode(out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(line), "not an address") {
		t.Errorf("the value is still in %s", line)
	}
}

func TestElsewhere(t *testing.T) {
	r := call(`["chat_started",{},{"client_name":"Ada Lovelace","client_email":"ada@mail.example",` +
		`"custom_data":{"page":"shop","code":7,"id":12345678901234567890}}]`)
	r.URL = "https://shop.example/shop/ada@mail.example/?who=Ada+Lovelace&mail=ada%40mail.example&in=shop#Ada%20Lovelace"
	r.TopURL = "https://shop.example/"
	r.Title = "Hello Ada Lovelace"
	r.Handled = &record.HandlerAtCall{State: "assigned", Threw: "TypeError: no Ada Lovelace"}
	r.Notes = []record.Note{
		{At: "/2/custom_data/id", Is: "bigint", Text: "12345678901234567890"},
		{At: "/2/custom_data/who", Is: "symbol", Text: "ada lovelace"},
		{At: "/2/custom_data/map", Is: "instance", Text: "Basket"},
		{At: "/2/client_name", Is: "truncated", Text: "70000"},
		{At: "/1/widget_id", Is: "bigint", Text: "12"},
	}
	out, err := redactor(t, "key").Record(r)
	if err != nil {
		t.Fatal(err)
	}
	out.Findings = nil
	line, err := record.Encode(out)
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?i)lovelace|ada@|ada%40|1234`).Match(line) {
		t.Errorf("personal values in %s", line)
	}
	for _, kept := range []string{`"url":"https://shop.example/shop/`, `"top_url":"https://shop.example/"`, `"title":"Hello `,
		`"TypeError: no `, `"text":"Basket"`, `"text":"70000"`, `"text":"12"`,
		`"redacted":["/args/2/client_email","/args/2/client_name","/args/2/custom_data","/handler/threw","/title","/url"]`} {
		if !strings.Contains(string(line), kept) {
			t.Errorf("%s is not in %s", kept, line)
		}
	}
}

func TestLeavesTheRestAlone(t *testing.T) {
	for _, r := range []*record.Record{
		call(`["chat_started",{"client_uuid":"u"},{"chat_id":"c","custom_data":{"ok":true,"none":{}}}]`),
		{V: record.Version, Kind: record.Mark, ID: "m/1", Seq: 1, Text: "Ada"},
	} {
		if out, err := redactor(t, "key").Record(r); err != nil || out != r {
			t.Errorf("%+v became %+v, %v", r, out, err)
		}
	}
}

// FuzzRecord: whatever the arguments, the redacted ones can be read and have the same shape,
// and each letter and digit of a personal text was replaced.
func FuzzRecord(f *testing.F) {
	f.Add(visit)
	f.Add(`[{"a":[1,-0.0,1E+5,"\ud800"]},"ä",[[]]]`)
	f.Add(`["e",{},{"custom_data":{"a":1,"a":"ǅ²"}}]`)
	x := redactor(f, "key")
	f.Fuzz(func(t *testing.T, args string) {
		line, err := record.Encode(call(args))
		if err != nil {
			return
		}
		r, err := record.Decode(line)
		if err != nil {
			return
		}
		out, err := x.Record(r)
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		if _, err := record.Encode(out); err != nil {
			t.Fatalf("%s became %s: %v", args, out.Args, err)
		}
		var before, after any
		if json.Unmarshal(r.Args, &before) == nil && json.Unmarshal(out.Args, &after) == nil {
			same(t, before, after)
		}
	})
}

func same(t *testing.T, before, after any) {
	t.Helper()
	switch b := before.(type) {
	case map[string]any:
		a, ok := after.(map[string]any)
		if !ok || len(a) != len(b) {
			t.Fatalf("%v became %v", before, after)
		}
		for k := range b {
			same(t, b[k], a[k])
		}
	case []any:
		a, ok := after.([]any)
		if !ok || len(a) != len(b) {
			t.Fatalf("%v became %v", before, after)
		}
		for i := range b {
			same(t, b[i], a[i])
		}
	default:
		if reflect.TypeOf(before) != reflect.TypeOf(after) {
			t.Fatalf("%v became %v", before, after)
		}
	}
}

// Different values have different pseudonyms, none has its own, and case is kept.
func TestPseudonymsDiffer(t *testing.T) {
	x := redactor(t, "key")
	for _, format := range []string{"%d", "%03d", "a%d", "-%d", "%d.5", "%c", "x%c"} {
		seen := map[string]string{}
		for n := range 26 {
			arg := n
			if strings.Contains(format, "%c") {
				arg += 'a'
			} else if n > 9 && format != "%03d" {
				break
			}
			value := fmt.Sprintf(format, arg)
			got := x.Pseudonym(value)
			if other, there := seen[got]; there {
				t.Errorf("%q and %q are both %q", other, value, got)
			}
			if seen[got] = value; got == value && strings.Trim(value, "-0") != "" {
				t.Errorf("%q is its own", value)
			}
			if upper := x.Pseudonym(strings.ToUpper(value)); !strings.EqualFold(upper, got) || upper != strings.ToUpper(got) {
				t.Errorf("%q is %q, in capitals %q", value, got, upper)
			}
		}
	}
}

// Findings on a redacted record do not quote pseudonyms as if they had been sent, and do not
// depend on what a pseudonym cannot keep.
func TestPseudonymsAreNoEvidence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.yaml")
	const text = `
custom_data:
  properties:
    total: {type: number}
    tier: {enum: [gold, silver]}
    code: {pattern: "^A"}
    vip: {const: true}
    name: {maxLength: 3}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	inspector, err := inspect.New()
	if err != nil {
		t.Fatal(err)
	}
	inspector = inspector.With(p)
	r := call(`["chat_started",{"client_uuid":"u","operator_group_id":1,"widget_id":2,"widget_lang":"de"},{"client_email":"no address",` +
		`"custom_data":{"total":"99,90","tier":"gold","code":"A12","vip":false,"name":"Lovelace"}}]`)
	out, err := redact.New([]byte("key"), inspector.Judge).Record(r)
	if err != nil {
		t.Fatal(err)
	}
	var said, rules []string
	for _, f := range out.Findings {
		said = append(said, f.Message+" "+f.Actual+"\n")
		rules = append(rules, f.Rule+" "+f.At)
	}
	slices.Sort(rules)
	want := []string{"custom-data /2/custom_data/name", "custom-data /2/custom_data/total", "custom-data /2/custom_data/vip", "invalid-value /2/client_email"}
	if !slices.Equal(rules, want) {
		t.Errorf("found %q, not %q", rules, want)
	}
	all := strings.Join(said, "")
	for _, part := range []string{"sent a string of 5 characters (hidden)", "sent a string of 10 characters (hidden)", "the boolean false"} {
		if !strings.Contains(all, part) {
			t.Errorf("%q is not said: %s", part, all)
		}
	}
	var args []any
	if err := json.Unmarshal(out.Args, &args); err != nil {
		t.Fatal(err)
	}
	for _, v := range args[2].(map[string]any)["custom_data"].(map[string]any) {
		if s, ok := v.(string); ok && strings.Contains(all, s) {
			t.Errorf("the pseudonym %q is quoted: %s", s, all)
		}
	}
}

// TestHits: values of personal fields in a hit are replaced, however short and in whatever
// form, by the same pseudonyms as in the call. Places, names and findings stay.
func TestHits(t *testing.T) {
	sha := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.ToLower(s)))) }
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	c := call(`["chat_started",{},{"client_name":"Ada","client_email":"ada@mail.example","operator_name":"Grace","custom_data":{"n":42,"source":"google"}}]`)
	h := &record.Record{
		V: record.Version, Kind: record.Hit, ID: "d/hit-1", Time: c.Time, URL: "https://shop.example/",
		Handed: &record.Handed{
			Via: record.Request, To: "https://www.google-analytics.com/c/ada%40mail.example", Because: record.ByContent, Calls: []string{"d/1"},
			Carries: []record.Carried{
				{What: "/0", At: "/query/en"}, {What: "/2/client_name", At: "/query/who"},
				{What: "/2/client_name", At: "/query/greeting"}, {What: "/2/client_name", At: "/query/h", As: record.SHA256},
				{
					What: "/2/client_email",
					At:   "/body/em",
					As:   record.SHA256,
				}, {What: "/2/client_email", At: "/body/b", As: record.Base64}, {What: "/2/operator_name", At: "/body/op"},
			},
			Data: json.RawMessage(`{"query":{"en":"chat_started","who":"Ada","greeting":"Hello Ada!","h":"` + sha("Ada") +
				`","id":"G-17","m":"other@mail.example"},` +
				`"body":{"em":"` + sha("ada@mail.example") + `","b":"` + b64("ada@mail.example") + `","op":"Grace","n":"42"}}`),
		},
	}
	x := redactor(t, "key")
	x.Learn(c)
	x.Learn(h)
	call, err := x.Record(c)
	if err != nil {
		t.Fatal(err)
	}
	hit, err := x.Record(h)
	if err != nil {
		t.Fatal(err)
	}
	var args []any
	var data struct{ Query, Body map[string]string }
	if json.Unmarshal(call.Args, &args) != nil || json.Unmarshal(hit.Handed.Data, &data) != nil {
		t.Fatalf("%s\n%s", call.Args, hit.Handed.Data)
	}
	context := args[2].(map[string]any)
	name, mail := context["client_name"].(string), context["client_email"].(string)
	for _, s := range []struct{ got, want string }{
		{data.Query["en"], "chat_started"}, {data.Query["who"], name}, {data.Query["greeting"], "Hello " + name + "!"},
		{data.Query["h"], sha(name)}, {data.Query["id"], "G-17"},
		{data.Body["em"], sha(mail)}, {data.Body["b"], b64(mail)}, {data.Body["op"], "Grace"}, {data.Body["n"], "42"},
	} {
		if s.got != s.want {
			t.Errorf("%q, want %q", s.got, s.want)
		}
	}
	if name == "Ada" || data.Query["m"] == "other@mail.example" {
		t.Errorf("%q and %q are still there", name, data.Query["m"])
	}
	if to := hit.Handed.To; !strings.HasPrefix(to, "https://www.google-analytics.com/c/") || strings.Contains(to, "ada") {
		t.Errorf("it went to %s", to)
	}
	if want := []string{
		"/hit/data/body/b",
		"/hit/data/body/em",
		"/hit/data/query/greeting",
		"/hit/data/query/h",
		"/hit/data/query/m",
		"/hit/data/query/who",
		"/hit/to",
	}; !slices.Equal(hit.Redacted, want) {
		t.Errorf("redacted %q", hit.Redacted)
	}
	if len(hit.Findings) != 6 || hit.Findings[0].Rule != "personal-data-forwarded" {
		t.Errorf("%+v", hit.Findings)
	}
	if string(h.Handed.Data) == string(hit.Handed.Data) || h.Handed.Carries[0].At != "/query/en" {
		t.Error("the record itself was changed")
	}
}

// TestHitsInPaths: a personal value in the path of a hit's address is replaced too, however
// short it is.
func TestHitsInPaths(t *testing.T) {
	sha := fmt.Sprintf("%x", sha256.Sum256([]byte("ada")))
	c := call(`["chat_started",{},{"client_name":"Ada","client_email":"ada@mail.example"}]`)
	for name, h := range map[string]struct {
		path, shown string
		what        record.Carried
		gone        string
	}{
		"an address": {
			path:  "/c/ada%40mail.example/x",
			shown: "/c/ada@mail.example/x",
			what:  record.Carried{What: "/2/client_email", At: "/path"},
			gone:  "mail.example",
		},
		"a short name":     {"/c/Ada/x", "/c/Ada/x", record.Carried{What: "/2/client_name", At: "/path"}, "Ada"},
		"one with escapes": {"/c/%41da/x", "/c/Ada/x", record.Carried{What: "/2/client_name", At: "/path"}, "da/x"},
		"the hash of one": {
			path:  "/c/" + sha + "/x",
			shown: "/c/" + sha + "/x",
			what:  record.Carried{What: "/2/client_name", At: "/path", As: record.SHA256},
			gone:  sha,
		},
		"one in base64":     {"/c/QWRh/x", "/c/QWRh/x", record.Carried{What: "/2/client_name", At: "/path", As: record.Base64}, "QWRh"},
		"one in odd escape": {"/c/%zzAda", "/c/%zzAda", record.Carried{What: "/2/client_name", At: "/path"}, "Ada"},
	} {
		data, err := json.Marshal(map[string]string{"path": h.shown})
		if err != nil {
			t.Fatal(err)
		}
		r := &record.Record{
			V: record.Version, Kind: record.Hit, ID: "d/hit-1", Time: c.Time, URL: "https://shop.example/",
			Handed: &record.Handed{
				Via: record.Request, To: "https://t.example" + h.path, Because: record.ByContent, Calls: []string{"d/1"},
				Carries: []record.Carried{h.what}, Data: data,
			},
		}
		x := redactor(t, "key")
		x.Learn(c)
		got, err := x.Record(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(got.Handed.To, h.gone) || strings.Contains(string(got.Handed.Data), h.gone) ||
			!strings.HasPrefix(got.Handed.To, "https://t.example/") {
			t.Errorf("%s: %s %s", name, got.Handed.To, got.Handed.Data)
		}
		if !slices.Equal(got.Redacted, []string{"/hit/data/path", "/hit/to"}) {
			t.Errorf("%s: redacted %q", name, got.Redacted)
		}
	}
}

// inHit redacts a call and a hit of it with such data, and returns the call's context and the
// hit's data.
func inHit(t *testing.T, args, data string, carries ...record.Carried) (context map[string]any, shown map[string]map[string]string) {
	t.Helper()
	c := call(args)
	h := &record.Record{
		V: record.Version, Kind: record.Hit, ID: "d/hit-1", Time: c.Time, URL: "https://shop.example/",
		Handed: &record.Handed{
			Via: record.Request, To: "https://t.example/c", Because: record.ByContent, Calls: []string{"d/1"}, Carries: carries, Data: json.RawMessage(data),
		},
	}
	x := redactor(t, "key")
	x.Learn(c)
	x.Learn(h)
	redacted, err := x.Record(c)
	if err != nil {
		t.Fatal(err)
	}
	hit, err := x.Record(h)
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	if json.Unmarshal(redacted.Args, &all) != nil || json.Unmarshal(hit.Handed.Data, &shown) != nil {
		t.Fatalf("%s\n%s", redacted.Args, hit.Handed.Data)
	}
	return all[2].(map[string]any), shown
}

// An address whose plus sign has become a space is replaced as a whole.
func TestPlusSigns(t *testing.T) {
	context, shown := inHit(t, `["chat_started",{},{"client_email":"ada+chat@mail.example"}]`, `{"query":{"em":"ada chat@mail.example"}}`,
		record.Carried{What: "/2/client_email", At: "/query/em"})
	if got, want := shown["query"]["em"], strings.Replace(context["client_email"].(string), "+", " ", 1); got != want || strings.HasPrefix(got, "ada") {
		t.Errorf("%q, want %q", got, want)
	}
}

// Base64 that the browsers' btoa has made of a text with an umlaut is in Latin-1, and stays so.
func TestLatin1(t *testing.T) {
	context, shown := inHit(t, `["chat_started",{},{"client_email":"jörg@mail.example"}]`,
		`{"query":{"d":"`+base64.StdEncoding.EncodeToString([]byte("{\"op\":\"M\xfcller\",\"em\":\"j\xf6rg@mail.example\"}"))+`"}}`)
	var want []byte
	for _, r := range `{"op":"Müller","em":"` + context["client_email"].(string) + `"}` {
		want = append(want, byte(r))
	}
	if got, err := base64.StdEncoding.DecodeString(shown["query"]["d"]); string(got) != string(want) {
		t.Errorf("%q, want %q (%v)", got, want, err)
	}
}

// A short name is replaced beside longer values too, in whatever form the text has them.
func TestShortBesideLong(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for what, c := range map[string]struct {
		name, text string // the text has %s for the name and for the address
		as         record.Form
		coded      func(string) string
	}{
		"plain":       {"Ada", `{"n":"%s","m":"%s"}`, "", func(s string) string { return s }},
		"two words":   {"J D", `n=%s&m=%s`, "", func(s string) string { return s }},
		"base64":      {"Ada", `{"n":"%s","m":"%s"}`, record.Base64, b64},
		"each by one": {"Ada", `%s,%s`, record.Base64, func(s string) string { name, mail, _ := strings.Cut(s, ","); return b64(name) + "," + b64(mail) }},
	} {
		coded := func(name, mail string) string { return c.coded(fmt.Sprintf(c.text, name, mail)) }
		data, err := json.Marshal(map[string]any{"query": map[string]string{"d": coded(c.name, "ada@d.example")}})
		if err != nil {
			t.Fatal(err)
		}
		context, shown := inHit(t, `["chat_started",{},{"client_name":"`+c.name+`","client_email":"ada@d.example"}]`, string(data),
			record.Carried{What: "/2/client_name", At: "/query/d", As: c.as}, record.Carried{What: "/2/client_email", At: "/query/d", As: c.as})
		name, mail := context["client_name"].(string), context["client_email"].(string)
		if got, want := shown["query"]["d"], coded(name, mail); got != want || name == c.name {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
}

// TestAddressOfThePage: where custom_data has the page's own address or host, as it often does,
// pages stay on their sites, and what follows the host is hidden everywhere.
func TestAddressOfThePage(t *testing.T) {
	page := func(address string) *record.Record {
		return &record.Record{V: record.Version, Kind: record.Page, ID: "d/1", Event: record.Opened, URL: address, TopURL: address}
	}
	at := func(address, value string) *record.Record {
		r := call(`["chat_started",{},{"custom_data":{"here":"` + value + `"}}]`)
		r.URL, r.TopURL = address, address
		return r
	}
	all := []*record.Record{
		page("https://www.shop.example/cart/ada"),
		at("https://www.shop.example/cart/ada", "https://www.shop.example/cart/ada"),
		at("https://www.shop.example/", "www.shop.example"),
		at("https://www.shop.example/", "pay.shop.example:8443/thanks/ada"), // a site only later
		at("https://www.shop.example/", "https://ada-lovelace.example/me"),  // none of the sites
		page("https://pay.shop.example:8443/thanks/ada"),
	}
	x := redactor(t, "key")
	for _, r := range all {
		x.Learn(r)
	}
	for _, r := range all {
		hidden, err := x.Record(r)
		if err != nil {
			t.Fatal(err)
		}
		before, after := observed.SiteOf(r), observed.SiteOf(hidden)
		if before != after || strings.Contains(hidden.URL, "ada") {
			t.Errorf("%s has become %s", r.URL, hidden.URL)
		}
		for _, personal := range []string{"shop.example", "lovelace", "/ada"} {
			if strings.Contains(string(hidden.Args), personal) {
				t.Errorf("%s is left in %s", personal, hidden.Args)
			}
		}
	}
}

// Hashes are replaced in each way in which systems write them, and nothing around them.
func TestEachHash(t *testing.T) {
	for _, hash := range record.Hashes("ada@example.org") {
		_, shown := inHit(t, `["chat_started",{},{"client_email":"ADA@example.org"}]`, `{"query":{"em":"tv.1~em.`+hash.Text+`","other":"`+hash.Text+`"}}`,
			record.Carried{What: "/2/client_email", At: "/query/em", As: hash.Form})
		for at, text := range shown["query"] {
			if strings.Contains(text, hash.Text) {
				t.Errorf("the hash is left in %s: %s", at, text)
			}
		}
		if !strings.HasPrefix(shown["query"]["em"], "tv.1~em.") {
			t.Errorf("more was replaced than the hash: %s", shown["query"]["em"])
		}
	}
}
