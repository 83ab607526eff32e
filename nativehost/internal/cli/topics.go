package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"userlike-inspector/nativehost/internal/files"
	"userlike-inspector/nativehost/internal/inspect"
	"userlike-inspector/nativehost/internal/paths"
	"userlike-inspector/nativehost/internal/tui"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// planKey explains a key of a plan in a sentence, and has a plan that uses it.
type planKey struct{ key, says, example string }

// planKeys are all keys of a plan, in the order in which one writes them.
var planKeys = []planKey{
	{"name", "What reports call the plan.", `name: Checkout chat`},
	{"extends", "Adds to another plan: events, allow, consent, severity, accept, forward and personal_data come together, all else is replaced.", `extends: ./base.yaml`},
	{"sites", "The pages it is about, * is any text; every page without it.", `sites: ["https://shop.example/*"]`},
	{"events", "Which events come, each with what is expected of it.", `events: {chat_started: {count: 1}}`},
	{"count", `How often in each visit: N, ">=N" or "<=N"; 0 forbids it.`, `events: {error_message: {count: 0}}`},
	{"before", "It comes before each of these, where both come. That alone does not demand that it comes: count does.", `events: {disclaimer_ok: {count: 1, before: [chat_started]}}`},
	{"after", "Each of these has come before it, each time.", `events: {chat_started: {after: [chat_requested]}}`},
	{"within", "The time that it has from the newest of the events in after, or else from the visit's first event.", `events: {chat_started: {after: [chat_requested], within: 30s}}`},
	{"per", "chat: count, after and within hold for each chat_id, not for the visit.", `events: {contact_first_message: {count: 1, per: chat}}`},
	{"when", "Only visits with this event are judged by the entry.", `events: {chat_started: {count: ">=1", when: {seen: chat_requested}}}`},
	{"because", "Why, which is printed where it does not hold.", `events: {chat_started: {count: 1, because: sales count chats by it}}`},
	{"global_ctx", "A JSON Schema (2020-12) for argument 1 of this event.", `events: {chat_started: {global_ctx: {properties: {widget_lang: {const: de}}}}}`},
	{"session_ctx", "A JSON Schema for argument 2 of this event.", `events: {chat_started: {session_ctx: {required: [operator_id]}}}`},
	{"custom_data", "A JSON Schema for custom_data, here or in a file: {$ref: ./custom_data.schema.json}.", `custom_data: {properties: {total: {type: number}}}`},
	{"allow", "Events and fields that are not documented and yet right here.", `allow: {events: [my_event], fields: [/2/loyalty_tier]}`},
	{"consent", "What has to wait for the contact's consent: events, and fields by their JSON Pointer.", `consent: {event: disclaimer_ok, guards: [chat_started, /2/client_email, /2/custom_data/items/*/mail]}`},
	{"severity", "Makes a rule an error, a warning or an info, or turns it off.", `severity: {undocumented-field: error, shape-drift: off}`},
	{"accept", "Findings that are known and fail nothing until a day; rule and until are required.", `accept: [{rule: undocumented-field, at: /2/loyalty_tier, event: chat_started, until: 2027-03-01, because: fixed in March}]`},
	{"forward", "Where the site's own function hands calls on: queues of the page such as dataLayer, and hosts, with the beginning of a path if you like. A host stands for its subdomains and any port, too. Every documented event is expected there, or those of events.", `forward: [{to: dataLayer}, {to: google-analytics.com/g/collect, events: [chat_started], within: 5s, carry: [/2/chat_id]}]`},
	{"to", "The place: a queue's name, or a host and path.", `forward: [{to: stats.shop.example}]`},
	{"events in forward", "The events that arrive there: a list, or a map from each to the name that it has there.", `forward: [{to: api.segment.io, events: {chat_started: Live Chat Conversation Started}}]`},
	{"within in forward", "The time that it may take from the call on; 5s without it.", `forward: [{to: dataLayer, within: 1s}]`},
	{"carry", "Fields that have to be in what arrives, where the call has them.", `forward: [{to: dataLayer, carry: [/2/chat_id, /2/custom_data/order]}]`},
	{"personal_data", "Who may have names and e-mail addresses: queues and hosts, named as in forward. Everyone else who gets them is an error; requests to the page's own site are not judged.", `personal_data: {allow: [dataLayer, stats.partner.example]}`},
	{"samples", "The custom_data that a simulation sends, where the site's function relies on its own.", `samples: {custom_data: {basket: {total: 12.5}}}`},
}

// planTopic explains plans.
func planTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString(`A plan is a file in YAML or JSON that says what is expected of a site. Judge by it with
--plan FILE of check, inspect or show, or with P in the terminal UI; infer --plan
suggests one. ` + paths.Product + ` schema plan prints its schema, by which
editors complete and check it while you write.

`)
	for _, k := range planKeys {
		wrap(&b, k.key+": "+k.says)
		fmt.Fprintf(&b, "  %s\n", k.example)
	}
	return &cobra.Command{Use: "plan", Short: "What a plan can say", Long: strings.TrimRight(b.String(), "\n")}
}

// journeyTopic explains what events are judged in.
func journeyTopic() *cobra.Command {
	return &cobra.Command{Use: "journey", Short: "What a journey is, and how it is judged", Long: `A journey is one contact's visit: all calls of one browser profile, site and session_id.
The site is the domain that was registered, so www.shop.example and pay.shop.example are one.
Calls without a session_id belong to the journey of their document, else of the contact.

Events are judged by their order and by the time that passed. Two events less than a second
apart may come in either order. There is no finding about what cannot be known: what
came before the recording began, what may have come in a gap, in a pause or while the
computer slept, and calls that cannot be seen.

A plan's count, before, after and within hold in each journey on the plan's sites; see
help plan.`}
}

// rulesTopic lists the rules.
func rulesTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("The rules by which calls, pages and journeys are judged. help RULE explains one, with\nan example that triggers it and one that does not; events --rules explains all.\n\n")
	for _, r := range inspect.Rules() {
		wrap(&b, fmt.Sprintf("%s (%s): %s", r.Name, r.Severity, r.Meaning))
	}
	return &cobra.Command{Use: "rules", Short: "The rules, each in a line", Long: strings.TrimRight(b.String(), "\n")}
}

// keysTopic lists the keys of the terminal.
func keysTopic() *cobra.Command {
	return &cobra.Command{Use: "keys", Short: "The keys of the terminal UI", Long: "What keys do in the terminal UI. The key ? shows it there, too.\n\n" + strings.TrimRight(tui.KeyHelp(), "\n")}
}

// schemaNames are the schemas that can be printed, by their short names.
var schemaNames = map[string]string{
	"plan": schema.Plan, "record": schema.Record, "event": schema.Event, "global_ctx": schema.GlobalCtx, "session_ctx": schema.SessionCtx,
}

func (a *app) schemaCommand() *cobra.Command {
	names := slices.Sorted(maps.Keys(schemaNames))
	var output string
	cmd := &cobra.Command{
		Use:   "schema {" + strings.Join(names, "|") + "}",
		Short: "Print a JSON Schema: of plans, for editors, or of what is recorded",
		Long: `Print a JSON Schema (2020-12). Editors complete and check a plan by that of plans:

  ` + paths.Product + ` schema plan --output plan.schema.json

and as the plan's first line

  # yaml-language-server: $schema=./plan.schema.json`,
		Args:      takes(1, 1),
		ValidArgs: names,
		RunE: func(_ *cobra.Command, args []string) error {
			name, ok := schemaNames[args[0]]
			if !ok {
				return fmt.Errorf("there is no schema %s; use %s", words.Typed(args[0]), words.List(names, "or"))
			}
			write := func(w io.Writer) error {
				_, err := w.Write(schema.Text(name))
				return err
			}
			if output == "" {
				return write(a.stdout)
			}
			if err := files.Write(output, files.Private, write); err != nil {
				return fmt.Errorf("writing the schema: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the `FILE` to write to (default stdout)")
	return cmd
}
