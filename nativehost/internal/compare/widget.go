package compare

import (
	"maps"
	"slices"

	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/words"
	"userlike-inspector/schema"
)

// widgetFields identify the widget of a call. Recordings of different widgets differ for
// that reason, so it is reported first.
var widgetFields = []string{"/1/widget_id", "/1/operator_group_id", "/1/widget_lang"}

// identify notes the widget of a call.
func (r *Recording) identify(rec *record.Record) {
	decoded, err := schema.Decode(rec.Args)
	if err != nil {
		return
	}
	for _, at := range widgetFields {
		tokens, _ := schema.Tokens(at)
		v, there := schema.Lookup(decoded, tokens)
		if !there {
			continue
		}
		if r.ids[at] == nil {
			r.ids[at] = map[string]bool{}
		}
		if len(r.ids[at]) < maxSaid {
			r.ids[at][shown(v)] = true
		}
	}
}

// shown is a field's value in a word.
func shown(v any) string {
	switch v := v.(type) {
	case string:
		return words.Shown(v)
	case interface{ String() string }: // a number
		return words.Short(v.String())
	}
	return "a " + typeOf(v)
}

// compareWidgets compares widget, group and language of both recordings.
func (c *comparison) compareWidgets() {
	for _, at := range widgetFields {
		before, after := slices.Sorted(maps.Keys(c.before.ids[at])), slices.Sorted(maps.Keys(c.after.ids[at]))
		if len(before) > 0 && len(after) > 0 && !slices.Equal(before, after) {
			c.add(Changed, "widget", c.path(at), "was %s, is %s", words.List(before, "and"), words.List(after, "and"))
		}
	}
}
