package journey_test

// addressSituations are about pages whose address changes: an address is a call's own.
var addressSituations = []situation{
	{
		name: "an error on a page that moves on",
		plan: `sites: ["https://d.example/cart*"]` + "\n" +
			"events: {error_message: {count: 0}}",
		script: "0 !https://d.example/cart opened\n" +
			" 1 !https://d.example/cart error_message\n" +
			" 9 !https://d.example/thanks closed",
		want: []string{"error unexpected-event d/2", "warning error-shown d/2"},
	},
	{
		name: "an address before consent on a page that moves on",
		plan: `sites: ["https://d.example/cart*"]` + "\n" +
			"consent: {guards: [/2/client_email]}",
		script: "0 !https://d.example/cart opened\n" +
			` 1 !https://d.example/cart button_displayed {"client_email":"a@b.example"}` + "\n" +
			" 9 !https://d.example/thanks disclaimer_ok\n" +
			" 30 !https://d.example/thanks closed",
		want: []string{"error before-consent d/2 /2/client_email"},
	},
	{
		name: "a demand met before the page moves on",
		plan: `sites: ["https://d.example/cart*"]` + "\n" +
			"events: {chat_requested: {count: 1}}",
		script: "0 !https://d.example/cart opened\n" +
			" 1 !https://d.example/cart button_displayed\n" +
			" 2 !https://d.example/cart chat_requested\n" +
			" 9 !https://d.example/thanks closed",
	},
	{
		name: "a demand met before a pause cuts the address",
		plan: `sites: ["https://d.example/cart*"]` + "\n" +
			"events: {chat_requested: {count: 1}}",
		script: "0 !https://d.example/cart opened\n" +
			" 1 !https://d.example/cart button_displayed\n" +
			" 2 !https://d.example/cart chat_requested\n" +
			" 9 !https://d.example closed",
	},
	{
		name: "calls elsewhere in the visit",
		plan: `sites: ["https://d.example/cart*"]` + "\n" +
			`events: {error_message: {count: 0}, chat_requested: {count: "<=1"}}` + "\n" +
			"consent: {guards: [/2/client_email]}",
		script: "0 !https://d.example/help opened\n" +
			` 1 !https://d.example/help button_displayed {"client_email":"a@b.example"}` + "\n" +
			" 2 !https://d.example/help error_message\n" +
			" 3 !https://d.example/help chat_requested\n" +
			" 4 !https://d.example/help closed\n" +
			" 5 @d2 !https://d.example/cart opened\n" +
			" 6 @d2 !https://d.example/cart chat_requested\n" +
			" 30 @d2 !https://d.example/cart closed",
		want: []string{"warning error-shown d/3"},
	},
	{
		name: "what comes before it came elsewhere",
		plan: `sites: ["https://d.example/cart*"]` + "\n" +
			"events: {chat_requested: {after: [disclaimer_ok]}}",
		script: "0 !https://d.example/help opened\n" +
			" 1 !https://d.example/help button_displayed\n" +
			" 2 !https://d.example/help disclaimer_ok\n" +
			" 5 !https://d.example/cart chat_requested\n" +
			" 9 !https://d.example/cart closed",
	},
}
