package inspect_test

import (
	"slices"
	"strings"
)

// callCases are the calls that the rules are tested with: what must trigger
// them, and what must not. Their messages are in testdata/calls.golden.
func callCases() []callCase {
	return slices.Concat(nameCases(), presenceCases(), typeCases(), valueCases(), serializableCases(), partialCases(), manyCases())
}

func event(name string) string { return `["` + name + `",` + ctx + `,{}]` }

func nameCases() []callCase {
	return []callCase{
		{"a documented event", event("chat_started"), "", nil},
		{"a misspelt event", event("chat_strated"), "", []string{`undocumented-event /0 | chat_started | chat_strated`}},
		{"an event in other case", event("ChatStarted"), "", []string{`undocumented-event /0 | chat_started | ChatStarted`}},
		{"an event of an older edition", event("chat_window_minimzed"), "", []string{`undocumented-event /0 | chat_window_minimized | chat_window_minimzed`}},
		{"an event of another integration", event("chat_quit"), "", []string{`undocumented-event /0 | one of the 35 documented events | chat_quit`}},
		{"an event like no other", event("page_view"), "", []string{`undocumented-event /0 | one of the 35 documented events | page_view`}},
		{"an empty event", event(""), "", []string{`undocumented-event /0 | one of the 35 documented events | an empty string`}},
		{"an event with hostile characters", event(`chat\u001b[31m\u202e`), "", []string{`undocumented-event /0 | one of the 35 documented events | chat\x1b[31m\u202e`}},
		{"an event of five thousand letters", event(strings.Repeat("x", 5000)), "", []string{`undocumented-event /0 | one of the 35 documented events | ` + strings.Repeat("x", 59) + `…`}},
		{"an undocumented field", args(ctx, `{"loyalty_tier":"gold"}`), "", []string{`undocumented-field /2/loyalty_tier | a documented field | loyalty_tier`}},
		{"a field of the other context", args(ctx, `{"widget_id":34}`), "", []string{`undocumented-field /2/widget_id | global_ctx.widget_id | widget_id`}},
		{"a misspelt field", args(ctx, `{"operatorId":7}`), "", []string{`undocumented-field /2/operatorId | session_ctx.operator_id | operatorId`}},
		{"a field whose name needs escapes", args(ctx, `{"a/b~c d":null}`), "", []string{`undocumented-field /2/a~1b~0c d | a documented field | a/b~c d`}},
		{"an undocumented function", args(ctx, `{}`), `[{"at":"/2/onClose","is":"function"}]`, []string{`undocumented-field /2/onClose | a documented field | onClose`}},
		{"an undocumented getter", args(ctx, `{}`), `[{"at":"/2/lazy","is":"getter"}]`, []string{`undocumented-field /2/lazy | a documented field | lazy`}},
		{"an undocumented field that is undefined", args(ctx, `{}`), `[{"at":"/2/loyalty_tier","is":"undefined"}]`, nil},
		{"anything within custom_data", args(ctx, `{"custom_data":{"loyalty_tier":"gold","cart":[{"price":1.5}],"none":null}}`), "", nil},
	}
}

func presenceCases() []callCase {
	return []callCase{
		{"no arguments", `[]`, "", []string{"missing-argument /0 | string | absent", "missing-argument /1 | object | absent", "missing-argument /2 | object | absent"}},
		{"only the name", `["chat_started"]`, "", []string{"missing-argument /1 | object | absent", "missing-argument /2 | object | absent"}},
		{"no session context", `["chat_started",` + ctx + `]`, "", []string{"missing-argument /2 | object | absent"}},
		{"a fourth argument", `["chat_started",` + ctx + `,{},5]`, "", []string{"extra-argument /3 | absent | number"}},
		{"a fourth and a fifth argument", `["chat_started",` + ctx + `,{},null,"x"]`, `[{"at":"/3","is":"undefined"}]`, []string{"extra-argument /3 | absent | undefined", "extra-argument /4 | absent | string"}},
		{"an empty global context", args(`{}`, `{}`), "", []string{"missing-field /1/client_uuid | string | absent", "missing-field /1/operator_group_id | integer | absent", "missing-field /1/widget_id | integer | absent", "missing-field /1/widget_lang | string | absent"}},
		{"a field that is absent", args(with(`"widget_id":34,`, ``), `{}`), "", []string{"missing-field /1/widget_id | integer | absent"}},
		{"a field that is undefined", args(with(`"widget_id":34,`, ``), `{}`), `[{"at":"/1/widget_id","is":"undefined"}]`, []string{"missing-field /1/widget_id | integer | undefined"}},
		{"a field under another name", args(with(`widget_id`, `widgetId`), `{}`), "", []string{"missing-field /1/widget_id | integer | absent", `undocumented-field /1/widgetId | global_ctx.widget_id | widgetId`}},
		{"a field in the other context", args(with(`"widget_id":34,`, ``), `{"widget_id":34}`), "", []string{"missing-field /1/widget_id | integer | absent", `undocumented-field /2/widget_id | global_ctx.widget_id | widget_id`}},
		{"a Map as context", args(`{}`, `{}`), `[{"at":"/1","is":"map"}]`, []string{"missing-field /1/client_uuid | string | absent", "missing-field /1/operator_group_id | integer | absent", "missing-field /1/widget_id | integer | absent", "missing-field /1/widget_lang | string | absent"}},
		{"no session fields", args(ctx, `{}`), "", nil},
		{"session fields that are undefined", args(ctx, `{}`), `[{"at":"/2/session_id","is":"undefined"},{"at":"/2/chat_id","is":"undefined"},{"at":"/2/client_name","is":"undefined"},{"at":"/2/client_email","is":"undefined"},{"at":"/2/operator_id","is":"undefined"},{"at":"/2/operator_name","is":"undefined"},{"at":"/2/custom_data","is":"undefined"}]`, nil},
		{"all fields", args(ctx, `{"session_id":"s","chat_id":"c","client_name":"Ada","client_email":"ada@example.org","operator_id":7,"operator_name":"Bo","custom_data":{}}`), "", nil},
	}
}

func typeCases() []callCase {
	id := func(value string) string { return args(with(`:12`, `:`+value), `{}`) }
	idIs := func(note string) string { return `[{"at":"/1/operator_group_id","is":` + note + `}]` }
	const wrong = "wrong-type /1/operator_group_id | integer | "
	return []callCase{
		{"a numeric string for an integer", id(`"12"`), "", []string{wrong + "string"}},
		{"another string for an integer", id(`"twelve"`), "", []string{wrong + "string"}},
		{"null for an integer", id(`null`), "", []string{wrong + "null"}},
		{"a boolean for an integer", id(`true`), "", []string{wrong + "boolean"}},
		{"an array for an integer", id(`[12]`), "", []string{wrong + "array"}},
		{"an object for an integer", id(`{}`), "", []string{wrong + "object"}},
		{"a fraction for an integer", id(`12.5`), "", []string{wrong + "number"}},
		{"an integer with a zero fraction", id(`12.0`), "", nil},
		{"an integer with an exponent", id(`1.2e1`), "", nil},
		{"an integer beyond every double", id(`1e999999999`), "", nil},
		{"a negative zero", id(`0`), idIs(`"-0"`), nil},
		{"NaN for an integer", id(`null`), idIs(`"nan"`), []string{wrong + "NaN"}},
		{"Infinity for an integer", id(`null`), idIs(`"infinity"`), []string{wrong + "Infinity"}},
		{"a bigint for an integer", id(`null`), idIs(`"bigint","text":"12"`), []string{wrong + "bigint"}},
		{"a function for an integer", args(with(`"operator_group_id":12,`, ``), `{}`), idIs(`"function"`), []string{wrong + "function"}},
		{"a symbol for an integer", args(with(`"operator_group_id":12,`, ``), `{}`), idIs(`"symbol"`), []string{wrong + "symbol"}},
		{"a Map for an integer", id(`{}`), idIs(`"map"`), []string{wrong + "Map"}},
		{"an instance for an integer", id(`{"value":12}`), idIs(`"instance","text":"Id"`), []string{wrong + "object"}},
		{"a boxed number for an integer", id(`12`), idIs(`"instance","text":"Number"`), nil},
		{"a getter for an integer", args(with(`"operator_group_id":12,`, ``), `{}`), idIs(`"getter"`), nil},
		{"a number for a string", args(with(`"5f0c"`, `5`), `{}`), "", []string{"wrong-type /1/client_uuid | string | number"}},
		{"a Date for a string", args(with(`"5f0c"`, `"2026-11-22T10:13:04.123Z"`), `{}`), `[{"at":"/1/client_uuid","is":"date"}]`, []string{"wrong-type /1/client_uuid | string | Date"}},
		{"null for a session field", args(ctx, `{"session_id":null}`), "", []string{"wrong-type /2/session_id | string | null"}},
		{"a function for a session field", args(ctx, `{}`), `[{"at":"/2/session_id","is":"function"}]`, []string{"wrong-type /2/session_id | string | function"}},
		{"a getter for a session field", args(ctx, `{}`), `[{"at":"/2/session_id","is":"getter"}]`, nil},
		{"JSON text for custom_data", args(ctx, `{"custom_data":"{\"a\":1}"}`), "", []string{"wrong-type /2/custom_data | object | string"}},
		{"an array for custom_data", args(ctx, `{"custom_data":[1]}`), "", []string{"wrong-type /2/custom_data | object | array"}},
		{"undefined for a context", args(`null`, `{}`), `[{"at":"/1","is":"undefined"}]`, []string{"wrong-type /1 | object | undefined"}},
		{"null for a context", args(ctx, `null`), "", []string{"wrong-type /2 | object | null"}},
		{"an array for a context", args(ctx, `[]`), "", []string{"wrong-type /2 | object | array"}},
		{"a Date for a context", args(ctx, `"2026-11-22T10:13:04.123Z"`), `[{"at":"/2","is":"date"}]`, []string{"wrong-type /2 | object | Date"}},
		{"a function for a context", args(ctx, `null`), `[{"at":"/2","is":"function","text":"ctx"}]`, []string{"wrong-type /2 | object | function"}},
		{"an instance for a context", args(ctx, `{"chat_id":"c"}`), `[{"at":"/1","is":"instance","text":"Global"},{"at":"/2","is":"instance","text":"Session"}]`, nil},
		{"a number for the name", `[12,` + ctx + `,{}]`, "", []string{"wrong-type /0 | string | number"}},
		{"undefined for the name", `[null,` + ctx + `,{}]`, `[{"at":"/0","is":"undefined"}]`, []string{"wrong-type /0 | string | undefined"}},
		{"an object for the name", `[{"event_name":"chat_started"},` + ctx + `,{}]`, "", []string{"wrong-type /0 | string | object"}},
	}
}

func valueCases() []callCase {
	lang := func(code string) string { return args(with(`"de"`, `"`+code+`"`), `{}`) }
	const wrong = "invalid-value /1/widget_lang | an ISO 639-1 code | "
	return []callCase{
		{"a language", lang("pt"), "", nil},
		{"a language by its name", lang("english"), "", []string{wrong + `english`}},
		{"a language with a region", lang("de-AT"), "", []string{wrong + `de-AT`}},
		{"a language in capitals", lang("DE"), "", []string{wrong + `DE`}},
		{"a code of no language", lang("xx"), "", []string{wrong + `xx`}},
		{"an empty language", lang(""), "", []string{wrong + `an empty string`}},
		{"an address", args(ctx, `{"client_email":"jörg+shop@müller.example"}`), "", nil},
		{"no address", args(ctx, `{"client_email":"ada at example.org"}`), "", []string{`invalid-value /2/client_email | an e-mail address | ada at example.org`}},
		{"an address with a name", args(ctx, `{"client_email":"Ada <ada@example.org>"}`), "", []string{`invalid-value /2/client_email | an e-mail address | Ada <ada@example.org>`}},
		{"an empty address", args(ctx, `{"client_email":""}`), "", []string{`invalid-value /2/client_email | an e-mail address | an empty string`}},
		{"an empty client_uuid", args(with(`"5f0c"`, `""`), `{}`), "", []string{"invalid-value /1/client_uuid | a non-empty string | an empty string"}},
		{"empty session ids", args(ctx, `{"session_id":"","chat_id":""}`), "", []string{"invalid-value /2/chat_id | a non-empty string | an empty string", "invalid-value /2/session_id | a non-empty string | an empty string"}},
		{"empty names", args(ctx, `{"client_name":"","operator_name":""}`), "", nil},
	}
}

func serializableCases() []callCase {
	data := func(data string) string { return args(ctx, `{"custom_data":`+data+`}`) }
	const bad = "not-serializable /2/custom_data"
	const value = " | a JSON value | "
	return []callCase{
		{"a function in custom_data", data(`{}`), `[{"at":"/2/custom_data/onClose","is":"function"}]`, []string{bad + "/onClose" + value + "function"}},
		{"a symbol in custom_data", data(`{}`), `[{"at":"/2/custom_data/key","is":"symbol","text":"Symbol(a)"}]`, []string{bad + "/key" + value + "symbol"}},
		{"undefined in custom_data", data(`{}`), `[{"at":"/2/custom_data/coupon","is":"undefined"}]`, []string{bad + "/coupon" + value + "undefined"}},
		{"undefined in an array", data(`{"cart":[1,null]}`), `[{"at":"/2/custom_data/cart/1","is":"undefined"}]`, []string{bad + "/cart/1" + value + "undefined"}},
		{"a hole in an array", data(`{"cart":[1,null]}`), `[{"at":"/2/custom_data/cart/1","is":"hole"}]`, []string{bad + "/cart/1" + value + "hole"}},
		{"numbers that JSON lacks", data(`{"a":null,"b":null,"c":null}`), `[{"at":"/2/custom_data/a","is":"nan"},{"at":"/2/custom_data/b","is":"infinity"},{"at":"/2/custom_data/c","is":"-infinity"}]`, []string{bad + "/a" + value + "NaN", bad + "/b" + value + "Infinity", bad + "/c" + value + "-Infinity"}},
		{"a bigint in custom_data", data(`{"total":null}`), `[{"at":"/2/custom_data/total","is":"bigint","text":"12"}]`, []string{bad + "/total" + value + "bigint"}},
		{"a Date in custom_data", data(`{"at":"2026-11-22T10:13:04.123Z"}`), `[{"at":"/2/custom_data/at","is":"date"}]`, []string{bad + "/at" + value + "Date"}},
		{"an invalid Date in custom_data", data(`{"at":null}`), `[{"at":"/2/custom_data/at","is":"date","text":"Invalid Date"}]`, []string{bad + "/at" + value + "Date"}},
		{"objects that JSON empties", data(`{"e":{},"m":{},"n":{},"r":{},"s":{}}`), `[{"at":"/2/custom_data/s","is":"set"},{"at":"/2/custom_data/r","is":"regexp"},{"at":"/2/custom_data/n","is":"node","text":"HTMLDivElement"},{"at":"/2/custom_data/m","is":"map"},{"at":"/2/custom_data/e","is":"error"}]`, []string{bad + "/e" + value + "Error", bad + "/m" + value + "Map", bad + "/n" + value + "Node", bad + "/r" + value + "RegExp", bad + "/s" + value + "Set"}},
		{"a cycle in custom_data", data(`{"self":null}`), `[{"at":"/2/custom_data/self","is":"cycle"}]`, []string{bad + "/self" + value + "cycle"}},
		{"a deep place with an odd name", data(`{"cart":[{"a/b c":{}}]}`), `[{"at":"/2/custom_data/cart/0/a~1b c/f","is":"function"}]`, []string{bad + "/cart/0/a~1b c/f" + value + "function"}},
		{"notes that JSON survives", data(`{"a":0,"b":{"x":1},"d":"x","e":"\ufffd"}`), `[{"at":"/2/custom_data/a","is":"-0"},{"at":"/2/custom_data/b","is":"instance","text":"Cart"},{"at":"/2/custom_data/c","is":"getter"},{"at":"/2/custom_data/d","is":"truncated","text":"70000"},{"at":"/2/custom_data/e","is":"lone-surrogate"}]`, nil},
		{"a Map as custom_data", data(`{}`), `[{"at":"/2/custom_data","is":"map"}]`, []string{bad + value + "Map"}},
		{"a bigint as custom_data", data(`null`), `[{"at":"/2/custom_data","is":"bigint","text":"12"}]`, []string{bad + value + "bigint", "wrong-type /2/custom_data | object | bigint"}},
		{"an instance as custom_data", data(`{"a":1}`), `[{"at":"/2/custom_data","is":"instance","text":"Cart"}]`, nil},
		{"a Date elsewhere", args(ctx, `{"loyalty":"2026-11-22T10:13:04.123Z"}`), `[{"at":"/2/loyalty","is":"date"}]`, []string{`undocumented-field /2/loyalty | a documented field | loyalty`}},
		{"a function beside custom_data", args(ctx, `{"custom_data":{}}`), `[{"at":"/2/custom_data2/f","is":"function"},{"at":"2/custom_data/f","is":"function"},{"at":"/2/custom_data/~","is":"function"}]`, nil},
	}
}

// partialCases are calls of which the record holds only a part.
func partialCases() []callCase {
	long := strings.Repeat("x", 300)
	return []callCase{
		{"a cut address", args(ctx, `{"client_email":"`+long+`"}`), `[{"at":"/2/client_email","is":"truncated","text":"70000"}]`, nil},
		{"a cut address with half a character", args(ctx, `{"client_email":"`+long+`\ufffd"}`), `[{"at":"/2/client_email","is":"truncated","text":"70000"},{"at":"/2/client_email","is":"lone-surrogate"}]`, nil},
		{"a cut instance", args(`{"client_uuid":"u"}`, `{}`), `[{"at":"/1","is":"truncated","text":"30000"},{"at":"/1","is":"instance","text":"Global"}]`, nil},
		{"a cut language", args(with(`"de"`, `"d"`), `{}`), `[{"at":"/1/widget_lang","is":"truncated","text":"70000"}]`, nil},
		{"a cut string for an integer", args(with(`:12`, `:"12"`), `{}`), `[{"at":"/1/operator_group_id","is":"truncated","text":"70000"}]`, []string{"wrong-type /1/operator_group_id | integer | string"}},
		{"a value that was cut whole", args(with(`:12`, `:null`), `{}`), `[{"at":"/1/operator_group_id","is":"truncated"}]`, nil},
		{"a cut name that may be documented", event("chat_st"), `[{"at":"/0","is":"truncated","text":"70000"}]`, nil},
		{"a cut name that cannot be documented", event(long), `[{"at":"/0","is":"truncated","text":"70000"}]`, []string{`undocumented-event /0 | one of the 35 documented events | ` + long[:59] + `…`}},
		{"a cut context", args(`{"client_uuid":"u","colour":"red"}`, `{}`), `[{"at":"/1","is":"truncated"}]`, []string{`undocumented-field /1/colour | a documented field | colour`}},
		{"cut arguments", `["chat_started"]`, `[{"at":"","is":"truncated"}]`, nil},
		{"a context that cannot be read", args(`{}`, `{}`), `[{"at":"/1","is":"instance","text":"unreadable"}]`, nil},
		{"a context that is null because it cannot be read", args(`null`, `{}`), `[{"at":"/1","is":"instance","text":"Proxy unreadable"}]`, nil},
		{"an unreadable integer", args(with(`:12`, `:{}`), `{}`), `[{"at":"/1/operator_group_id","is":"instance","text":"unreadable"}]`, []string{"wrong-type /1/operator_group_id | integer | object"}},
		{"a cycle for custom_data", args(ctx, `{"custom_data":null}`), `[{"at":"/2/custom_data","is":"cycle"}]`, []string{"not-serializable /2/custom_data | a JSON value | cycle"}},
	}
}

// manyCases have several faults: none hides another, errors come first.
func manyCases() []callCase {
	return []callCase{
		{"everything wrong at once", `["chat_strated",{"client_uuid":"","operator_group_id":"12","widget_lang":"english"},{"client_email":"x","custom_data":{},"tier":1},0]`, `[{"at":"/2/custom_data/f","is":"function"}]`, []string{
			`undocumented-event /0 | chat_started | chat_strated`,
			"wrong-type /1/operator_group_id | integer | string",
			"missing-field /1/widget_id | integer | absent",
			"not-serializable /2/custom_data/f | a JSON value | function",
			"invalid-value /1/client_uuid | a non-empty string | an empty string",
			`invalid-value /1/widget_lang | an ISO 639-1 code | english`,
			`invalid-value /2/client_email | an e-mail address | x`,
			`undocumented-field /2/tier | a documented field | tier`,
			"extra-argument /3 | absent | number",
		}},
		{"the same note twice", args(ctx, `{"custom_data":{}}`), `[{"at":"/2/custom_data/f","is":"function"},{"at":"/2/custom_data/f","is":"function"}]`, []string{"not-serializable /2/custom_data/f | a JSON value | function"}},
		{"two types and a missing context", `["chat_started",{"client_uuid":1,"operator_group_id":1,"widget_id":1,"widget_lang":1}]`, "", []string{"wrong-type /1/client_uuid | string | number", "wrong-type /1/widget_lang | string | number", "missing-argument /2 | object | absent"}},
	}
}
