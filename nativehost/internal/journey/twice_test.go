package journey_test

import (
	"strings"
)

// twiceSituations are about calls that reached a place twice, and those that only seem to.
var twiceSituations = []situation{
	{
		name: "twice in one request each",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" +
			`3 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name:   "three times is told once",
		script: asked + strings.Repeat(`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en`+"\n", 3) + left,
		want:   []string{"warning forwarded-twice d/3"},
	},
	{
		name: "twice in a queue",
		script: asked +
			`2 hit dataLayer d/3 [{"event":"chat_requested"},{"event":"chat_requested"}] has /0 /0/event has /0 /1/event` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name:   "twice under another name",
		script: asked + `2 hit dataLayer d/3 [{"event":"Asked"},{"event":"Asked"}]` + left,
		want:   []string{"warning forwarded-twice d/3"},
	},
	{
		name: "twice in a batch",
		script: asked +
			`2 hit https://stats.example/c d/3 {"body":[{"en":"chat_requested"},` +
			`{"en":"chat_requested"}]} has /0 /body/0/en has /0 /body/1/en` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "the next batch has it again",
		script: asked +
			`2 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},` +
			`{"en":"chat_requested"}]} has /0 /body/0/en has /0 /body/1/en` + "\n" +
			`3 hit https://stats.example/c d/3 {"body":[{"en":"chat_requested"},{"en":"ping"}]} has /0 /body/0/en` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "twice in a list within the body",
		script: asked +
			`2 hit https://api.segment.io/v1/b d/3 {"body":{"batch":[{"event":"chat_requested","messageId":"a"},` +
			`{"event":"chat_requested","messageId":"b"}]}} has /0 /body/batch/0/event has /0 /body/batch/1/event` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "the next list has it again",
		script: asked +
			`2 hit https://api.eu.amplitude.com/2/httpapi d/2,d/3 {"body":{"api_key":"k","events":[{"event_type":"button_displayed"},` +
			`{"event_type":"chat_requested"}]}} has /0 /body/events/0/event_type has /0 /body/events/1/event_type` + "\n" +
			`3 hit https://api.eu.amplitude.com/2/httpapi d/3 {"body":{"api_key":"k","events":[{"event_type":"chat_requested"}]}} has /0 /body/events/0/event_type` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "the next list has it for another property",
		script: asked +
			`2 hit https://api.eu.amplitude.com/2/httpapi d/3 {"body":{"api_key":"k","events":[{"event_type":"chat_requested"}]}} has /0 /body/events/0/event_type` + "\n" +
			`3 hit https://api.eu.amplitude.com/2/httpapi d/3 {"body":{"api_key":"l","events":[{"event_type":"chat_requested"}]}} has /0 /body/events/0/event_type` + left,
	},
	{
		name: "twice in a list of queries",
		script: asked +
			`2 hit https://stats.example/matomo.php d/3 {"body":{"requests":["?idsite=1&rec=1&e_a=chat_requested&_=1",` +
			`"?idsite=1&rec=1&e_a=chat_requested&_=2"]}} has /0 /body/requests/0 has /0 /body/requests/1` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "its name under two parameters that differ",
		script: asked +
			`2 hit https://stats.example/c d/3 {"body":{"name":"Chat","params":[{"key":"action","value":"chat_requested"},` +
			`{"key":"label","value":"a"}]}} has /0 /body/params/0/value` + "\n" +
			`2 hit https://stats.example/c d/3 {"body":{"name":"Chat","params":[{"key":"action","value":"chat_requested"},` +
			`{"key":"label","value":"b"}]}} has /0 /body/params/0/value` + left,
	},
	{
		name: "its name twice among the arguments of a command",
		script: asked +
			`2 hit https://stats.example/c d/3 {"body":["trackEvent","chat_requested","chat_requested"]} has /0 /body/1 has /0 /body/2` + left,
	},
	{
		name: "two equal products beside the name",
		script: asked +
			`2 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","items":[{"chat":"c-17"},{"chat":"c-17"}]}} ` +
			`has /0 /body/event has /2/chat_id /body/items/0/chat has /2/chat_id /body/items/1/chat` + left,
	},
	{
		name: "with its own time and number",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","_s":"1","t":"1795341602100"}} has /0 /query/en` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","_s":"2","t":"1795341602200"}} has /0 /query/en` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "with what Matomo's tracker makes anew",
		script: asked +
			`2.1 hit https://stats.example/matomo.php d/3 {"query":{"idsite":"1","rec":"1","r":"123456","h":"11","m":"0","s":"2","e_a":"chat_requested"}} has /0 /query/e_a` + "\n" +
			`2.9 hit https://stats.example/matomo.php d/3 {"query":{"idsite":"1","rec":"1","r":"654321","h":"11","m":"0","s":"3","e_a":"chat_requested"}} has /0 /query/e_a` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "with what Matomo's tracker makes anew, in a list of queries",
		script: asked +
			`2 hit https://stats.example/matomo.php d/3 {"body":{"requests":["?idsite=1&rec=1&e_a=chat_requested&r=123456",` +
			`"?idsite=1&rec=1&e_a=chat_requested&r=654321"]}} has /0 /body/requests/0 has /0 /body/requests/1` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "with what Google's tag makes anew",
		script: asked +
			`2.1 hit https://region1.google-analytics.com/g/collect d/3 {"query":{"v":"2","tid":"G-1","en":"chat_requested","_s":"1","tfd":"4000","_ss":"1","seg":"0"}} has /0 /query/en` + "\n" +
			`2.2 hit https://region1.google-analytics.com/g/collect d/3 {"query":{"v":"2","tid":"G-1","en":"chat_requested","_s":"2","tfd":"4120","seg":"1"}} has /0 /query/en` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "with what Meta's pixel makes anew",
		script: asked +
			`2.1 hit https://www.facebook.com/tr/ d/3 {"query":{"id":"1534567890123456","ev":"chat_requested","ec":"1"}} has /0 /query/ev` + "\n" +
			`2.2 hit https://www.facebook.com/tr/ d/3 {"query":{"id":"1534567890123456","ev":"chat_requested","ec":"2"}} has /0 /query/ev` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "the same names mean something else to another system",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","r":"a","ec":"b"}} has /0 /query/en` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","r":"c","ec":"d"}} has /0 /query/en` + left,
	},
	{
		name: "the same names in a value of the site's",
		script: asked +
			`2.1 hit https://stats.example/matomo.php d/3 {"query":{"idsite":"1","rec":"1","e_a":"chat_requested","e_n":"{\"s\":\"a\"}"}} has /0 /query/e_a` + "\n" +
			`2.2 hit https://stats.example/matomo.php d/3 {"query":{"idsite":"1","rec":"1","e_a":"chat_requested","e_n":"{\"s\":\"b\"}"}} has /0 /query/e_a` + left,
	},
	{
		name: "with ids of their own",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-1"}} has /0 /body/event` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-2"}} has /0 /body/event` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "sent again after an error",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-1"}} has /0 /body/event` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"body":{"event":"chat_requested","messageId":"ajs-1"}} has /0 /body/event` + left,
	},
	{
		name: "sent again because it failed",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left,
	},
	{
		name: "sent again before it failed",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en` + "\n" +
			`2.11 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} failed 80ms has /0 /query/en` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "later than two seconds",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" +
			`4.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left,
	},
	{
		name: "two properties",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","tid":"G-1"}} has /0 /query/en` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","tid":"G-2"}} has /0 /query/en` + left,
	},
	{
		name: "two properties whose numbers look like times",
		script: asked +
			`2.1 hit https://www.facebook.com/tr/ d/3 {"query":{"id":"1534567890123456","ev":"chat_requested"}} has /0 /query/ev` + "\n" +
			`2.2 hit https://www.facebook.com/tr/ d/3 {"query":{"id":"1712345678901234","ev":"chat_requested"}} has /0 /query/ev` + left,
	},
	{
		name: "two accounts whose numbers look like seconds",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"account":1512345678,"en":"chat_requested"}} has /0 /query/en` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"account":1712345678,"en":"chat_requested"}} has /0 /query/en` + left,
	},
	{
		name: "with its own time in microseconds and as a fraction",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","t":"1795341602100000","s":"1795341602.1"}} has /0 /query/en` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"en":"chat_requested","t":"1795341602200000","s":"1795341602.2"}} has /0 /query/en` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "two hosts",
		script: asked +
			`2.1 hit https://www.google-analytics.com/g/collect d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + "\n" +
			`2.2 hit https://analytics.google.com/g/collect d/3 {"query":{"en":"chat_requested"}} has /0 /query/en` + left,
	},
	{
		name: "a queue and its copy",
		script: asked +
			`2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + "\n" +
			`2 hit _mtm d/3 [{"event":"chat_requested"}] has /0 /0/event` + left,
	},
	{
		name: "two calls of the same event",
		script: asked +
			`2.5 chat_requested {"chat_id":"c-17"}` + "\n" +
			`2 hit dataLayer d/3 [{"event":"chat_requested"}] has /0 /0/event` + "\n" +
			`2.5 hit dataLayer d/4 [{"event":"chat_requested"}] has /0 /0/event` + left,
	},
	{
		name: "two equal calls in one batch",
		script: asked +
			`2.5 chat_requested {"chat_id":"c-17"}` + "\n" +
			`3 hit https://stats.example/c d/3,d/4 {"body":[{"en":"chat_requested"},` +
			`{"en":"chat_requested"}]} has /0 /body/0/en has /0 /body/1/en` + left,
	},
	{
		name: "one call of a batch is sent twice",
		script: asked +
			`2.1 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},{"en":"chat_requested","t":1}]} has /0 /body/0/en has /0 /body/1/en` + "\n" +
			`2.2 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},{"en":"chat_requested","t":2}]} has /0 /body/0/en has /0 /body/1/en` + left,
		want: []string{"warning forwarded-twice d/2"},
	},
	{
		name: "one call of a batch is in it three times",
		script: asked +
			`2.1 hit https://stats.example/c d/2,d/3 {"body":[{"en":"button_displayed"},{"en":"button_displayed"},{"en":"button_displayed"},{"en":"chat_requested"}]}` +
			` has /0 /body/0/en has /0 /body/1/en has /0 /body/2/en has /0 /body/3/en` + left,
		want: []string{"warning forwarded-twice d/2"},
	},
	{
		name: "what is pushed twice is not the call",
		script: asked +
			`2 hit dataLayer d/3 [{"ecommerce":null},{"event":"chat_requested"},{"ecommerce":null}] has /0 /1/event` + left,
	},
	{
		name: "an event that helps is pushed before and after the call",
		script: asked +
			`2 hit dataLayer d/3 [{"event":"reset"},{"event":"chat_requested"},{"event":"reset"}] has /0 /1/event` + left,
	},
	{
		name:   "an event that helps is pushed before and after the call under another name",
		script: asked + `2 hit dataLayer d/3 [{"event":"reset"},{"event":"Asked"},{"event":"reset"}]` + left,
	},
	{
		name: "the call and the events that help, all twice",
		script: asked +
			`2 hit dataLayer d/3 [{"event":"reset"},{"event":"Asked"},{"event":"reset"},{"event":"Asked"}]` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "pings beside the call",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"en":"ping"}} because time` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"en":"ping"}} because time` + left,
	},
	{
		name: "a form of the site's checks an address twice",
		plan: "severity: {personal-data-forwarded: off}",
		script: asked +
			`1.1 hit https://d.example/validate d/2 {"body":{"email":"ada@d.example"}} has /2/client_email /body/email` + "\n" +
			`1.9 hit https://d.example/validate d/2 {"body":{"email":"ada@d.example"}} has /2/client_email /body/email` + left,
	},
	{
		name: "another site gets an address twice",
		plan: "severity: {personal-data-forwarded: off}",
		script: asked +
			`1.1 hit https://crm.example/lead d/2 {"body":{"e":"Lead","email":"ada@d.example"}} has /2/client_email /body/email` + "\n" +
			`1.2 hit https://crm.example/lead d/2 {"body":{"e":"Lead","email":"ada@d.example"}} has /2/client_email /body/email` + left,
		want: []string{"warning forwarded-twice d/2"},
	},
	{
		name: "a tracking system gets an address twice",
		plan: "severity: {personal-data-forwarded: off}",
		script: asked +
			`1.1 hit https://www.facebook.com/tr/ d/2 {"query":{"id":"15","ev":"Lead","ud[em]":"x"}} has /2/client_email /query/ud[em]=sha256` + "\n" +
			`1.2 hit https://www.facebook.com/tr/ d/2 {"query":{"id":"15","ev":"Lead","ud[em]":"x"}} has /2/client_email /query/ud[em]=sha256` + left,
		want: []string{"warning forwarded-twice d/2"},
	},
	{
		name: "sent twice to addresses that differ in each request",
		script: asked +
			`2.1 hit https://d.sc.omtrdc.net/b/ss/shop/1/JS-2.22.0/s111 d/3 {"query":{"pev2":"chat_requested"}} has /0 /query/pev2` + "\n" +
			`2.2 hit https://d.sc.omtrdc.net/b/ss/shop/1/JS-2.22.0/s222 d/3 {"query":{"pev2":"chat_requested"}} has /0 /query/pev2` + left,
		want: []string{"warning forwarded-twice d/3"},
	},
	{
		name: "who the contact is, twice",
		script: asked +
			`2.1 hit https://stats.example/c d/3 {"query":{"uid":"c"}} has /1/client_uuid /query/uid` + "\n" +
			`2.2 hit https://stats.example/c d/3 {"query":{"uid":"c"}} has /1/client_uuid /query/uid` + left,
	},
}
