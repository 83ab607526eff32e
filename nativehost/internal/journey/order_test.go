package journey_test

// orderCases are plans that say what comes before what, and within which time.
var orderCases = []planCase{
	{"after", "events: {chat_started: {after: [chat_requested]}}", requested + started, nil},
	{"not after", "events: {chat_requested: {after: [button_displayed, slot_check]}}", requested, []string{"error out-of-order d/2"}},
	{"after, at about the same time", "events: {chat_requested: {after: [disclaimer_ok]}}", requested + "2.9 disclaimer_ok", nil},
	{
		name:   "after, but later",
		plan:   "events: {chat_requested: {after: [disclaimer_ok]}}",
		script: requested + "3 disclaimer_ok",
		want:   []string{"error out-of-order d/2"},
	},
	{"before", "events: {button_displayed: {before: [chat_requested]}}", requested, nil},
	{
		name:   "before, but later",
		plan:   "events: {disclaimer_ok: {before: [chat_requested]}}",
		script: requested + "3 disclaimer_ok",
		want:   []string{"error out-of-order d/2"},
	},
	{"before, but never", "events: {disclaimer_ok: {before: [chat_requested]}}", requested, nil},
	{"before, at about the same time", "events: {disclaimer_ok: {before: [chat_requested]}}", requested + "2.9 disclaimer_ok", nil},
	{
		name: "before, in the middle",
		plan: "events: {disclaimer_ok: {before: [chat_requested]}}",
		script: "0 late\n" +
			requested +
			"3 disclaimer_ok",
		want: []string{"info mid-journey d/2"},
	},
	{
		name:   "catalogue and plan",
		plan:   "events: {pre_survey_submit: {after: [disclaimer_ok]}}",
		script: requested + "3 pre_survey_submit",
		want:   []string{"error out-of-order d/3", "warning out-of-order d/3"},
	},

	{"within", "events: {chat_started: {after: [chat_requested], within: 10s}}", requested + started + "60 closed", nil},
	{
		name:   "within, but later",
		plan:   "events: {chat_started: {after: [chat_requested], within: 2s}}",
		script: requested + started,
		want:   []string{"error missing-event d/4"},
	},
	{
		name:   "within, but never",
		plan:   "events: {chat_started: {after: [chat_requested], within: 30s}}",
		script: requested + "60 closed",
		want:   []string{"error missing-event d/2"},
	},
	{"within, and the page was left", "events: {chat_started: {after: [chat_requested], within: 30s}}", requested + "20 closed", nil},
	{
		name:   "within, and the page was left, but it must come",
		plan:   "events: {chat_started: {count: \">=1\", after: [chat_requested], within: 30s}}",
		script: requested + "20 closed",
		want:   []string{"error missing-event"},
	},
	{
		name:   "within, but never, and it must come",
		plan:   "events: {chat_started: {count: \">=1\", after: [chat_requested], within: 30s}}",
		script: requested + "60 closed",
		want:   []string{"error missing-event d/2"},
	},
	{
		name: "within, from the newest",
		plan: "events: {chat_started: {after: [chat_requested], within: 10s}}",
		script: "1 button_displayed\n" +
			" 2 chat_requested\n" +
			" 20 chat_requested\n" +
			" 21 chat_connected\n" +
			" 25 chat_started\n" +
			" 90 closed",
	},
	{
		name: "within, and once more",
		plan: "events: {message_client_terminating: {after: [message_operator_terminating], within: 10s}}",
		script: requested +
			started +
			"6 message_operator_terminating\n" +
			" 10 message_client_terminating\n" +
			" 40 message_client_terminating\n" +
			" 50 message_operator_terminating\n" +
			" 90 closed",
		want: []string{"error missing-event d/8"},
	},
	{
		name: "within, and once more too late",
		plan: "events: {message_client_terminating: {after: [message_operator_terminating], within: 10s}}",
		script: requested +
			started +
			"6 message_operator_terminating\n" +
			" 10 message_client_terminating\n" +
			" 50 message_operator_terminating\n" +
			" 90 message_client_terminating",
		want: []string{"error missing-event d/8"},
	},
	{"within, from the first event", "events: {chat_requested: {within: 1s}}", requested, nil},
	{
		name:   "within, from the first event, too late",
		plan:   "events: {chat_started: {within: 3s}}",
		script: requested + started,
		want:   []string{"error missing-event d/4"},
	},
	{
		name:   "within, from the first event, never",
		plan:   "events: {disclaimer_ok: {within: 3s}}",
		script: requested + started,
		want:   []string{"error missing-event d/1"},
	},
	{
		name:   "within, from the first event, and the page was left",
		plan:   "events: {disclaimer_ok: {within: 30s}}",
		script: requested + "3 closed",
		want:   []string{"error missing-event"},
	},
	{
		name:   "within, from the first event, after a loss",
		plan:   "events: {disclaimer_ok: {within: 30s}}",
		script: requested + "3 gap",
		want:   []string{"error capture-gap d/3"},
	},
	{"within, but just too late", "events: {chat_requested: {within: 999ms}}", requested, []string{"error missing-event d/2"}},
	{"within, in the middle", "events: {disclaimer_ok: {within: 3s}}", "0 late\n" + requested + started, []string{"info mid-journey d/2"}},
	{"within, with nothing armed", "events: {disclaimer_ok: {after: [slot_check], within: 3s}}", requested + started, nil},
}
