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
		{
			name: "an event of an older edition",
			args: event("chat_window_minimzed"),
			want: []string{`undocumented-event /0 | chat_window_minimized | chat_window_minimzed`},
		},
		{
			name: "an event of another integration",
			args: event("chat_quit"),
			want: []string{`undocumented-event /0 | one of the 35 documented events | chat_quit`},
		},
		{"an event like no other", event("page_view"), "", []string{`undocumented-event /0 | one of the 35 documented events | page_view`}},
		{"an empty event", event(""), "", []string{`undocumented-event /0 | one of the 35 documented events | an empty string`}},
		{
			name: "an event with hostile characters",
			args: event(`chat\u001b[31m\u202e`),
			want: []string{`undocumented-event /0 | one of the 35 documented events | chat\x1b[31m\u202e`},
		},
		{
			name: "an event of five thousand letters",
			args: event(strings.Repeat("x", 5000)),
			want: []string{`undocumented-event /0 | one of the 35 documented events | ` + strings.Repeat("x", 59) + `…`},
		},
		{
			name: "an undocumented field",
			args: args(ctx, `{"loyalty_tier":"gold"}`),
			want: []string{`undocumented-field /2/loyalty_tier | a documented field | loyalty_tier`},
		},
		{
			name: "a field of the other context",
			args: args(ctx, `{"widget_id":34}`),
			want: []string{`undocumented-field /2/widget_id | global_ctx.widget_id | widget_id`},
		},
		{
			name: "a misspelt field",
			args: args(ctx, `{"operatorId":7}`),
			want: []string{`undocumented-field /2/operatorId | session_ctx.operator_id | operatorId`},
		},
		{
			name: "a field whose name needs escapes",
			args: args(ctx, `{"a/b~c d":null}`),
			want: []string{`undocumented-field /2/a~1b~0c d | a documented field | a/b~c d`},
		},
		{
			name:  "an undocumented function",
			args:  args(ctx, `{}`),
			notes: `[{"at":"/2/onClose","is":"function"}]`,
			want:  []string{`undocumented-field /2/onClose | a documented field | onClose`},
		},
		{
			name:  "an undocumented getter",
			args:  args(ctx, `{}`),
			notes: `[{"at":"/2/lazy","is":"getter"}]`,
			want:  []string{`undocumented-field /2/lazy | a documented field | lazy`},
		},
		{"an undocumented field that is undefined", args(ctx, `{}`), `[{"at":"/2/loyalty_tier","is":"undefined"}]`, nil},
		{"anything within custom_data", args(ctx, `{"custom_data":{"loyalty_tier":"gold","cart":[{"price":1.5}],"none":null}}`), "", nil},
	}
}

func presenceCases() []callCase {
	return []callCase{
		{
			name: "no arguments",
			args: `[]`,
			want: []string{"missing-argument /0 | string | absent", "missing-argument /1 | object | absent", "missing-argument /2 | object | absent"},
		},
		{
			name: "only the name",
			args: `["chat_started"]`,
			want: []string{"missing-argument /1 | object | absent", "missing-argument /2 | object | absent"},
		},
		{"no session context", `["chat_started",` + ctx + `]`, "", []string{"missing-argument /2 | object | absent"}},
		{"a fourth argument", `["chat_started",` + ctx + `,{},5]`, "", []string{"extra-argument /3 | absent | number"}},
		{
			name:  "a fourth and a fifth argument",
			args:  `["chat_started",` + ctx + `,{},null,"x"]`,
			notes: `[{"at":"/3","is":"undefined"}]`,
			want:  []string{"extra-argument /3 | absent | undefined", "extra-argument /4 | absent | string"},
		},
		{
			name: "an empty global context",
			args: args(`{}`, `{}`),
			want: []string{
				"missing-field /1/client_uuid | string | absent",
				"missing-field /1/operator_group_id | integer | absent",
				"missing-field /1/widget_id | integer | absent",
				"missing-field /1/widget_lang | string | absent",
			},
		},
		{"a field that is absent", args(with(`"widget_id":34,`, ``), `{}`), "", []string{"missing-field /1/widget_id | integer | absent"}},
		{
			name:  "a field that is undefined",
			args:  args(with(`"widget_id":34,`, ``), `{}`),
			notes: `[{"at":"/1/widget_id","is":"undefined"}]`,
			want:  []string{"missing-field /1/widget_id | integer | undefined"},
		},
		{
			name: "a field under another name",
			args: args(with(`widget_id`, `widgetId`), `{}`),
			want: []string{"missing-field /1/widget_id | integer | absent", `undocumented-field /1/widgetId | global_ctx.widget_id | widgetId`},
		},
		{
			name: "a field in the other context",
			args: args(with(`"widget_id":34,`, ``), `{"widget_id":34}`),
			want: []string{"missing-field /1/widget_id | integer | absent", `undocumented-field /2/widget_id | global_ctx.widget_id | widget_id`},
		},
		{
			name:  "a Map as context",
			args:  args(`{}`, `{}`),
			notes: `[{"at":"/1","is":"map"}]`,
			want: []string{
				"missing-field /1/client_uuid | string | absent",
				"missing-field /1/operator_group_id | integer | absent",
				"missing-field /1/widget_id | integer | absent",
				"missing-field /1/widget_lang | string | absent",
			},
		},
		{"no session fields", args(ctx, `{}`), "", nil},
		{
			name: "session fields that are undefined",
			args: args(ctx, `{}`),
			notes: `[{"at":"/2/session_id","is":"undefined"},{"at":"/2/chat_id","is":"undefined"},` +
				`{"at":"/2/client_name","is":"undefined"},{"at":"/2/client_email","is":"undefined"},{"at":"/2/operator_id",` +
				`"is":"undefined"},{"at":"/2/operator_name","is":"undefined"},{"at":"/2/custom_data","is":"undefined"}]`,
		},
		{
			name: "all fields",
			args: args(ctx, `{"session_id":"s","chat_id":"c","client_name":"Ada","client_email":"ada@example.org","operator_id":7,`+
				`"operator_name":"Bo","custom_data":{}}`),
		},
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
		{
			name:  "a Date for a string",
			args:  args(with(`"5f0c"`, `"2026-11-22T10:13:04.123Z"`), `{}`),
			notes: `[{"at":"/1/client_uuid","is":"date"}]`,
			want:  []string{"wrong-type /1/client_uuid | string | Date"},
		},
		{"null for a session field", args(ctx, `{"session_id":null}`), "", []string{"wrong-type /2/session_id | string | null"}},
		{
			name:  "a function for a session field",
			args:  args(ctx, `{}`),
			notes: `[{"at":"/2/session_id","is":"function"}]`,
			want:  []string{"wrong-type /2/session_id | string | function"},
		},
		{"a getter for a session field", args(ctx, `{}`), `[{"at":"/2/session_id","is":"getter"}]`, nil},
		{
			name: "JSON text for custom_data",
			args: args(ctx, `{"custom_data":"{\"a\":1}"}`),
			want: []string{"wrong-type /2/custom_data | object | string"},
		},
		{"an array for custom_data", args(ctx, `{"custom_data":[1]}`), "", []string{"wrong-type /2/custom_data | object | array"}},
		{"undefined for a context", args(`null`, `{}`), `[{"at":"/1","is":"undefined"}]`, []string{"wrong-type /1 | object | undefined"}},
		{"null for a context", args(ctx, `null`), "", []string{"wrong-type /2 | object | null"}},
		{"an array for a context", args(ctx, `[]`), "", []string{"wrong-type /2 | object | array"}},
		{
			name:  "a Date for a context",
			args:  args(ctx, `"2026-11-22T10:13:04.123Z"`),
			notes: `[{"at":"/2","is":"date"}]`,
			want:  []string{"wrong-type /2 | object | Date"},
		},
		{
			name:  "a function for a context",
			args:  args(ctx, `null`),
			notes: `[{"at":"/2","is":"function","text":"ctx"}]`,
			want:  []string{"wrong-type /2 | object | function"},
		},
		{
			name:  "an instance for a context",
			args:  args(ctx, `{"chat_id":"c"}`),
			notes: `[{"at":"/1","is":"instance","text":"Global"},{"at":"/2","is":"instance","text":"Session"}]`,
		},
		{"a number for the name", `[12,` + ctx + `,{}]`, "", []string{"wrong-type /0 | string | number"}},
		{
			name:  "undefined for the name",
			args:  `[null,` + ctx + `,{}]`,
			notes: `[{"at":"/0","is":"undefined"}]`,
			want:  []string{"wrong-type /0 | string | undefined"},
		},
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
		{
			name: "no address",
			args: args(ctx, `{"client_email":"ada at example.org"}`),
			want: []string{`invalid-value /2/client_email | an e-mail address | ada at example.org`},
		},
		{
			name: "an address with a name",
			args: args(ctx, `{"client_email":"Ada <ada@example.org>"}`),
			want: []string{`invalid-value /2/client_email | an e-mail address | Ada <ada@example.org>`},
		},
		{
			name: "an empty address",
			args: args(ctx, `{"client_email":""}`),
			want: []string{`invalid-value /2/client_email | an e-mail address | an empty string`},
		},
		{
			name: "an empty client_uuid",
			args: args(with(`"5f0c"`, `""`), `{}`),
			want: []string{"invalid-value /1/client_uuid | a non-empty string | an empty string"},
		},
		{
			name: "empty session ids",
			args: args(ctx, `{"session_id":"","chat_id":""}`),
			want: []string{
				"invalid-value /2/chat_id | a non-empty string | an empty string",
				"invalid-value /2/session_id | a non-empty string | an empty string",
			},
		},
		{"empty names", args(ctx, `{"client_name":"","operator_name":""}`), "", nil},
	}
}

func serializableCases() []callCase {
	data := func(data string) string { return args(ctx, `{"custom_data":`+data+`}`) }
	const bad = "not-serializable /2/custom_data"
	const value = " | a JSON value | "
	return []callCase{
		{
			name:  "a function in custom_data",
			args:  data(`{}`),
			notes: `[{"at":"/2/custom_data/onClose","is":"function"}]`,
			want:  []string{bad + "/onClose" + value + "function"},
		},
		{
			name:  "a symbol in custom_data",
			args:  data(`{}`),
			notes: `[{"at":"/2/custom_data/key","is":"symbol","text":"Symbol(a)"}]`,
			want:  []string{bad + "/key" + value + "symbol"},
		},
		{
			name:  "undefined in custom_data",
			args:  data(`{}`),
			notes: `[{"at":"/2/custom_data/coupon","is":"undefined"}]`,
			want:  []string{bad + "/coupon" + value + "undefined"},
		},
		{
			name:  "undefined in an array",
			args:  data(`{"cart":[1,null]}`),
			notes: `[{"at":"/2/custom_data/cart/1","is":"undefined"}]`,
			want:  []string{bad + "/cart/1" + value + "undefined"},
		},
		{
			name:  "a hole in an array",
			args:  data(`{"cart":[1,null]}`),
			notes: `[{"at":"/2/custom_data/cart/1","is":"hole"}]`,
			want:  []string{bad + "/cart/1" + value + "hole"},
		},
		{
			name: "numbers that JSON lacks",
			args: data(`{"a":null,"b":null,"c":null}`),
			notes: `[{"at":"/2/custom_data/a","is":"nan"},{"at":"/2/custom_data/b","is":"infinity"},` +
				`{"at":"/2/custom_data/c","is":"-infinity"}]`,
			want: []string{bad + "/a" + value + "NaN", bad + "/b" + value + "Infinity", bad + "/c" + value + "-Infinity"},
		},
		{
			name:  "a bigint in custom_data",
			args:  data(`{"total":null}`),
			notes: `[{"at":"/2/custom_data/total","is":"bigint","text":"12"}]`,
			want:  []string{bad + "/total" + value + "bigint"},
		},
		{
			name:  "a Date in custom_data",
			args:  data(`{"at":"2026-11-22T10:13:04.123Z"}`),
			notes: `[{"at":"/2/custom_data/at","is":"date"}]`,
			want:  []string{bad + "/at" + value + "Date"},
		},
		{
			name:  "an invalid Date in custom_data",
			args:  data(`{"at":null}`),
			notes: `[{"at":"/2/custom_data/at","is":"date","text":"Invalid Date"}]`,
			want:  []string{bad + "/at" + value + "Date"},
		},
		{
			name: "objects that JSON empties",
			args: data(`{"e":{},"m":{},"n":{},"r":{},"s":{}}`),
			notes: `[{"at":"/2/custom_data/s","is":"set"},{"at":"/2/custom_data/r","is":"regexp"},` +
				`{"at":"/2/custom_data/n","is":"node","text":"HTMLDivElement"},{"at":"/2/custom_data/m","is":"map"},` +
				`{"at":"/2/custom_data/e","is":"error"}]`,
			want: []string{
				bad + "/e" + value + "Error",
				bad + "/m" + value + "Map",
				bad + "/n" + value + "Node",
				bad + "/r" + value + "RegExp",
				bad + "/s" + value + "Set",
			},
		},
		{
			name:  "a cycle in custom_data",
			args:  data(`{"self":null}`),
			notes: `[{"at":"/2/custom_data/self","is":"cycle"}]`,
			want:  []string{bad + "/self" + value + "cycle"},
		},
		{
			name:  "a deep place with an odd name",
			args:  data(`{"cart":[{"a/b c":{}}]}`),
			notes: `[{"at":"/2/custom_data/cart/0/a~1b c/f","is":"function"}]`,
			want:  []string{bad + "/cart/0/a~1b c/f" + value + "function"},
		},
		{
			name: "notes that JSON survives",
			args: data(`{"a":0,"b":{"x":1},"d":"x","e":"\ufffd"}`),
			notes: `[{"at":"/2/custom_data/a","is":"-0"},{"at":"/2/custom_data/b","is":"instance","text":"Cart"},` +
				`{"at":"/2/custom_data/c","is":"getter"},{"at":"/2/custom_data/d","is":"truncated","text":"70000"},` +
				`{"at":"/2/custom_data/e","is":"lone-surrogate"}]`,
		},
		{"a Map as custom_data", data(`{}`), `[{"at":"/2/custom_data","is":"map"}]`, []string{bad + value + "Map"}},
		{
			name:  "a bigint as custom_data",
			args:  data(`null`),
			notes: `[{"at":"/2/custom_data","is":"bigint","text":"12"}]`,
			want:  []string{bad + value + "bigint", "wrong-type /2/custom_data | object | bigint"},
		},
		{"an instance as custom_data", data(`{"a":1}`), `[{"at":"/2/custom_data","is":"instance","text":"Cart"}]`, nil},
		{
			name:  "a Date elsewhere",
			args:  args(ctx, `{"loyalty":"2026-11-22T10:13:04.123Z"}`),
			notes: `[{"at":"/2/loyalty","is":"date"}]`,
			want:  []string{`undocumented-field /2/loyalty | a documented field | loyalty`},
		},
		{
			name: "a function beside custom_data",
			args: args(ctx, `{"custom_data":{}}`),
			notes: `[{"at":"/2/custom_data2/f","is":"function"},{"at":"2/custom_data/f","is":"function"},` +
				`{"at":"/2/custom_data/~","is":"function"}]`,
		},
	}
}

// partialCases are calls that the record has only a part of.
func partialCases() []callCase {
	long := strings.Repeat("x", 300)
	return []callCase{
		{"a cut address", args(ctx, `{"client_email":"`+long+`"}`), `[{"at":"/2/client_email","is":"truncated","text":"70000"}]`, nil},
		{
			name:  "a cut address with half a character",
			args:  args(ctx, `{"client_email":"`+long+`\ufffd"}`),
			notes: `[{"at":"/2/client_email","is":"truncated","text":"70000"},{"at":"/2/client_email","is":"lone-surrogate"}]`,
		},
		{
			name:  "a cut instance",
			args:  args(`{"client_uuid":"u"}`, `{}`),
			notes: `[{"at":"/1","is":"truncated","text":"30000"},{"at":"/1","is":"instance","text":"Global"}]`,
		},
		{"a cut language", args(with(`"de"`, `"d"`), `{}`), `[{"at":"/1/widget_lang","is":"truncated","text":"70000"}]`, nil},
		{
			name:  "a cut string for an integer",
			args:  args(with(`:12`, `:"12"`), `{}`),
			notes: `[{"at":"/1/operator_group_id","is":"truncated","text":"70000"}]`,
			want:  []string{"wrong-type /1/operator_group_id | integer | string"},
		},
		{"a value that was cut whole", args(with(`:12`, `:null`), `{}`), `[{"at":"/1/operator_group_id","is":"truncated"}]`, nil},
		{"a cut name that may be documented", event("chat_st"), `[{"at":"/0","is":"truncated","text":"70000"}]`, nil},
		{
			name:  "a cut name that cannot be documented",
			args:  event(long),
			notes: `[{"at":"/0","is":"truncated","text":"70000"}]`,
			want:  []string{`undocumented-event /0 | one of the 35 documented events | ` + long[:59] + `…`},
		},
		{
			name:  "a cut context",
			args:  args(`{"client_uuid":"u","colour":"red"}`, `{}`),
			notes: `[{"at":"/1","is":"truncated"}]`,
			want:  []string{`undocumented-field /1/colour | a documented field | colour`},
		},
		{"cut arguments", `["chat_started"]`, `[{"at":"","is":"truncated"}]`, nil},
		{"a context that cannot be read", args(`{}`, `{}`), `[{"at":"/1","is":"instance","text":"unreadable"}]`, nil},
		{
			name:  "a context that is null because it cannot be read",
			args:  args(`null`, `{}`),
			notes: `[{"at":"/1","is":"instance","text":"Proxy unreadable"}]`,
		},
		{
			name:  "an unreadable integer",
			args:  args(with(`:12`, `:{}`), `{}`),
			notes: `[{"at":"/1/operator_group_id","is":"instance","text":"unreadable"}]`,
			want:  []string{"wrong-type /1/operator_group_id | integer | object"},
		},
		{
			name:  "a cycle for custom_data",
			args:  args(ctx, `{"custom_data":null}`),
			notes: `[{"at":"/2/custom_data","is":"cycle"}]`,
			want:  []string{"not-serializable /2/custom_data | a JSON value | cycle"},
		},
	}
}

// manyCases have several faults each. No fault may hide another, and errors come first.
func manyCases() []callCase {
	return []callCase{
		{"everything wrong at once", `["chat_strated",{"client_uuid":"","operator_group_id":"12","widget_lang":"english"},` +
			`{"client_email":"x","custom_data":{},"tier":1},0]`, `[{"at":"/2/custom_data/f","is":"function"}]`, []string{
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
		{
			name:  "the same note twice",
			args:  args(ctx, `{"custom_data":{}}`),
			notes: `[{"at":"/2/custom_data/f","is":"function"},{"at":"/2/custom_data/f","is":"function"}]`,
			want:  []string{"not-serializable /2/custom_data/f | a JSON value | function"},
		},
		{
			name: "two types and a missing context",
			args: `["chat_started",{"client_uuid":1,"operator_group_id":1,"widget_id":1,"widget_lang":1}]`,
			want: []string{
				"wrong-type /1/client_uuid | string | number",
				"wrong-type /1/widget_lang | string | number",
				"missing-argument /2 | object | absent",
			},
		},
	}
}
