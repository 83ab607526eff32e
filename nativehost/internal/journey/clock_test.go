package journey_test

// clockSituations are about clocks that were put back and time that passed unseen.
var clockSituations = []situation{
	{
		name: "equal calls beside a clock that was put back",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 600 chat_window_maximized\n" +
			" 10 chat_window_maximized\n" +
			" 30 chat_window_maximized\n" +
			" 50 closed",
	},
	{
		name: "an order beside a clock that was put back",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 600 pre_survey_show\n" +
			" 10 pre_survey_submit\n" +
			" 50 closed",
	},
	{
		name: "what never came beside a clock that was put back",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 600 chat_requested\n" +
			" 10 pre_survey_submit\n" +
			" 50 closed",
		want: []string{"warning out-of-order d/4"},
	},
	{
		name: "what came later beside a clock that was put back",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 600 pre_survey_submit\n" +
			" 605 chat_requested\n" +
			" 10 pre_survey_show\n" +
			" 50 closed",
		want: []string{"warning out-of-order d/3"},
	},
	{
		name: "a clock put back between pages",
		script: "600 opened\n" +
			" 601 button_displayed\n" +
			" 602 chat_window_maximized\n" +
			" 603 closed\n" +
			" 5 @d2 opened\n" +
			" 8 @d2 chat_window_minimized\n" +
			" 30 @d2 closed",
	},
	{
		name: "a lid closed for two hours",
		plan: "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}",
		script: "0 opened\n" +
			" 1 conversation_resume\n" +
			" 2 message_operator_terminating\n" +
			" 7200 message_client_terminating\n" +
			" 7230 closed",
	},
	{
		name: "a page left alone for two hours",
		plan: "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}",
		script: "0 opened\n" +
			" 1 conversation_resume\n" +
			" 2 message_operator_terminating\n" +
			" 7200 closed",
		want: []string{"error missing-event d/3"},
	},
	{
		name: "awake for two hours",
		plan: "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}",
		script: "0 opened\n" +
			" 1 conversation_resume\n" +
			" 2 message_operator_terminating\n" +
			" 1500 chat_window_maximized\n" +
			" 3000 chat_window_minimized\n" +
			" 4500 message_client_terminating\n" +
			" 4530 closed",
		want: []string{"error missing-event d/6"},
	},
	{
		name: "a page frozen in the cache",
		plan: "events: {message_client_terminating: {after: [message_operator_terminating], within: 60s}}",
		script: "0 opened\n" +
			" 1 conversation_resume\n" +
			" 2 message_operator_terminating\n" +
			" 5 closed\n" +
			" 600 opened\n" +
			" 610 message_client_terminating\n" +
			" 630 closed",
	},
	{"a page begun anew from the cache", "", "0 lost\n 0 lost\n 0 lost\n 31 opened\n 33 slot_available\n 60 closed", nil},
}
