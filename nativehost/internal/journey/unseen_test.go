package journey_test

// unseenSituations are about what nobody could see: pauses, losses and pages that were left.
var unseenSituations = []situation{
	{
		name: "a function that cannot be watched",
		plan: "events: {chat_started: {count: 1}}",
		script: "0 opened\n" +
			" 1 appeared\n" +
			" 1 slot_check\n" +
			" 2 not-writable made constant\n" +
			" 60 closed",
		want: []string{"warning capture-gap d/4"},
	},
	{
		name: "calls in the run that defines the function",
		plan: "events: {chat_requested: {count: 1}}",
		script: "0 opened\n" +
			" 1 appeared assigned; the script that defines it calls it too, and calls in the same run of it cannot be seen\n" +
			" 5 chat_window_minimized\n" +
			" 60 closed",
		want: []string{"warning capture-gap d/2"},
	},
	{
		name: "a pause in an earlier page",
		plan: "events: {chat_requested: {count: 1}}",
		script: "0 opened\n" +
			" 20 paused\n" +
			" 20.1 closed\n" +
			" 21 @d2 opened\n" +
			" 90 @d2 chat_window_minimized\n" +
			" 120 @d2 closed",
		want: []string{"error capture-gap d/2"},
	},
	{
		name: "a pause in another tab of the same contact",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 @d2 ^2 opened\n" +
			" 3 @d2 ^2 button_displayed\n" +
			" 30 chat_window_minimized\n" +
			" 60 @d2 ^2 paused\n" +
			" 70 closed\n" +
			" 71 @d2 ^2 closed",
		want: []string{"error capture-gap d2/3"},
	},
	{
		name: "a pause of another contact",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 2 @d2 ^2 opened\n" +
			" 3 @d2 ^2 ~e #t button_displayed\n" +
			" 30 chat_window_minimized\n" +
			" 60 @d2 ^2 paused\n" +
			" 70 closed\n" +
			" 71 @d2 ^2 closed",
		want: []string{"warning out-of-order d/3", "error capture-gap d2/3"},
	},
	{
		name: "a pause that was told late",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 30 @d2 ^2 opened\n" +
			" 40 @d2 ^2 chat_window_minimized\n" +
			" 90 paused\n" +
			" 100 closed\n" +
			" 101 @d2 ^2 closed",
		want: []string{"error capture-gap d/3"},
	},
	{
		name: "a loss behind what lacks something",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 5 chat_window_minimized\n" +
			" 30 chat_requested\n" +
			" 60 gap\n" +
			" 90 closed",
		want: []string{"warning out-of-order d/3", "error capture-gap d/5"},
	},
	{
		name: "a number that is missing",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 3 chat_requested\n" +
			" 5 chat_connected\n" +
			" 6 lost\n" +
			" 7 contact_first_message\n" +
			" 30 closed",
	},
	{
		name: "a number that is missing later",
		script: "0 opened\n" +
			" 1 button_displayed\n" +
			" 3 chat_window_minimized\n" +
			" 5 chat_requested\n" +
			" 6 lost\n" +
			" 7 slot_check\n" +
			" 8 slot_available\n" +
			" 30 closed",
		want: []string{"warning out-of-order d/3"},
	},
	{"first records that are missing", "", "0 lost\n 0 lost\n 1 chat_window_minimized\n 30 chat_requested\n 60 closed", nil},
	{"left too soon", "", "0 opened\n 1 button_displayed\n 3 pre_survey_submit\n 3.3 closed", nil},
	{"left soon enough", "", "0 opened\n 1 button_displayed\n 3 pre_survey_submit\n 4.3 closed", []string{"warning out-of-order d/3"}},
}
