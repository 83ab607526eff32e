package journey_test

// identitySituations are about who speaks: sessions, widgets, contacts and sites.
var identitySituations = []situation{
	{
		name: "a new session with every call",
		script: "0 opened\n" +
			" 1 #s1 button_displayed\n" +
			" 2 #s2 chat_requested\n" +
			" 3 #s3 chat_window_minimized\n" +
			" 4 #s4 error_message\n" +
			" 30 closed",
		want: []string{"warning identity-changed d/3 /2/session_id", "warning error-shown d/5"},
	},
	{
		name: "a session renewed",
		plan: "events: {disclaimer_ok: {count: \">=1\"}, chat_started: {count: \"<=1\"}}",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 3 chat_connected\n" +
			" 4 disclaimer_ok\n" +
			" 5 chat_started\n" +
			" 6 contact_first_message\n" +
			" 7000 #t message_client_terminating\n" +
			" 7001 #t chat_window_minimized\n" +
			" 7100 closed",
		want: []string{"warning identity-changed d/8 /2/session_id"},
	},
	{
		name: "an answer in the renewed session",
		script: "0 opened\n" +
			" 1 slot_check\n" +
			" 2 #t slot_available\n" +
			" 60 closed",
		want: []string{"warning identity-changed d/3 /2/session_id"},
	},
	{
		name: "no answer long before the session is renewed",
		script: "0 opened\n" +
			" 1 slot_check\n" +
			" 30 #t button_displayed\n" +
			" 60 closed",
		want: []string{"warning missing-event d/2", "warning identity-changed d/3 /2/session_id"},
	},
	{
		name: "two widgets by turns",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 2 button_displayed global_ctx {"widget_id":3}` + "\n" +
			" 3 chat_requested\n" +
			` 4 chat_requested global_ctx {"widget_id":3}` + "\n" +
			" 5 chat_connected\n" +
			" 30 closed",
	},
	{
		name: "another widget only looks",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 2 button_displayed global_ctx {"widget_id":3}` + "\n" +
			" 3 chat_requested\n" +
			" 30 closed",
	},
	{
		name: "a widget takes another's place",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 3 chat_requested global_ctx {"widget_id":3}` + "\n" +
			` 4 chat_connected global_ctx {"widget_id":3}` + "\n" +
			" 30 closed",
		want: []string{"warning identity-changed d/3 /1/widget_id"},
	},
	{
		name: "widgets whose sessions differ",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			` 2 #t button_displayed global_ctx {"widget_id":3}` + "\n" +
			" 3 chat_requested\n" +
			" 30 closed",
	},
	{
		name: "a second tab of the same contact",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_window_maximized\n" +
			" 5 @d2 ^2 opened\n" +
			" 6 @d2 ^2 #t chat_window_minimized\n" +
			" 30 @d2 ^2 closed\n" +
			" 31 closed",
	},
	{
		name: "a second tab in the same session",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_window_maximized\n" +
			" 5 @d2 ^2 opened\n" +
			" 6 @d2 ^2 chat_window_minimized\n" +
			" 30 @d2 ^2 closed\n" +
			" 31 closed",
	},
	{
		name: "another visit, when the first is over",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 chat_window_maximized\n" +
			" 5 closed\n" +
			" 6 @d2 opened\n" +
			" 7 @d2 #t button_displayed\n" +
			" 9 @d2 #t chat_window_minimized\n" +
			" 30 @d2 closed",
		want: []string{"warning out-of-order d2/3"},
	},
	{
		name: "subdomains",
		script: "0 !https://www.shop.example/ opened\n" +
			" 1 !https://www.shop.example/ chat_window_maximized\n" +
			" 2 !https://www.shop.example/ closed\n" +
			" 3 @d2 !https://pay.shop.example/ opened\n" +
			" 4 @d2 !https://pay.shop.example/ chat_window_minimized\n" +
			" 30 @d2 !https://pay.shop.example/ closed",
	},
	{
		name: "sites that share a suffix",
		script: "0 !https://a.co.uk/ opened\n" +
			" 1 !https://a.co.uk/ chat_window_maximized\n" +
			" 2 !https://a.co.uk/ closed\n" +
			" 3 @d2 !https://b.co.uk/ opened\n" +
			" 4 @d2 !https://b.co.uk/ chat_window_minimized\n" +
			" 30 @d2 !https://b.co.uk/ closed",
		want: []string{"warning out-of-order d2/2"},
	},
}
