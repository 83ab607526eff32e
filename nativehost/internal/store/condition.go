package store

import (
	"strconv"
	"strings"
)

// Column is a text of the narrow rows that a condition can be about.
type Column string

// The columns of texts, as Row's fields of these names.
const (
	ID      Column = "id"
	Kind    Column = "kind"
	Site    Column = "site"
	Session Column = "session"
	Event   Column = "event"
)

// A Condition selects records. For one row it is true, false or, as in SQL, unknown:
// then the row has only the beginning of a text, or nothing of what the condition
// asks about, and Query.Match has to decide by the whole record.
type Condition struct {
	sql     string
	args    []any
	certain bool // it is never unknown, and an index can answer it
}

// Unknown is a condition that no row can answer, so that Query.Match always decides.
func Unknown() Condition { return Condition{sql: "NULL"} }

// Like holds where the column's text consists of the parts in their order, with
// anything between them; the case of a to z is ignored. Two empty parts are any text
// but an empty one.
func Like(column Column, parts ...string) Condition {
	name := string(column)
	if len(parts) > 1 && strings.Join(parts, "") == "" {
		return Condition{sql: "(" + name + " <> '')"}
	}
	c := Condition{sql: "(" + name + ` LIKE ? ESCAPE '\')`, args: []any{like(parts)}}
	switch column {
	case Site, Session, Event: // may have been cut
		c.sql = "(CASE WHEN substr(" + name + ", -1) = '" + ellipsis + "' THEN NULL ELSE " + c.sql + " END)"
	case ID: // LIKE stops at a NUL
		c.sql = "(CASE WHEN instr(id, char(0)) THEN NULL ELSE " + c.sql + " END)"
	}
	return c
}

// HasRule holds where the name of one of the findings' rules consists of the parts, as
// in Like. No rule has an empty name.
func HasRule(parts ...string) Condition {
	// There is a space before and after each name, so that LIKE can find where
	// names end and decide a pattern with one part. With several parts, what
	// matches between them could contain a space, and so more than one name.
	var whole []string
	for i, part := range parts {
		if i == 0 && part != "" {
			part = " " + part
		}
		if i == len(parts)-1 && part != "" {
			part += " "
		}
		if part != "" {
			whole = append(whole, part)
		}
	}
	switch {
	case len(parts) == 1 && len(whole) == 0:
		return Any()
	case len(whole) == 0:
		return Condition{sql: "(rules <> '')"}
	}
	c := Condition{sql: `((' ' || rules || ' ') LIKE ? ESCAPE '\')`, args: []any{"%" + like(whole) + "%"}}
	if len(whole) > 1 || strings.Contains(strings.Join(parts, ""), " ") {
		c.sql = "(CASE WHEN " + c.sql + " THEN NULL ELSE 0 END)"
	}
	c.sql = "(CASE WHEN instr(rules, '" + ellipsis + "') THEN NULL ELSE " + c.sql + " END)"
	return c
}

// Contains holds where the record's line of JSON contains the parts in their order,
// with anything between them; the case of a to z is ignored.
func Contains(parts ...string) Condition {
	return Condition{sql: `(SELECT json LIKE ? ESCAPE '\' FROM payloads WHERE payloads.row = events.row)`, args: []any{"%" + like(parts) + "%"}}
}

// InTab, WorstIn and TimeIn hold where the tab, the rank of the worst finding (0
// without any) and the time in milliseconds since 1970 are from least to most.
func InTab(least, most int64) Condition   { return between("coalesce(tab, -1)", least, most) }
func WorstIn(least, most int64) Condition { return between("severity", least, most) }
func TimeIn(least, most int64) Condition  { return between("time", least, most) }

// HasID holds for the records with these ids.
func HasID(ids ...string) Condition {
	c := Condition{sql: "(id IN (" + strings.TrimPrefix(strings.Repeat(",?", len(ids)), ",") + "))", certain: true}
	for _, id := range ids {
		c.args = append(c.args, id)
	}
	return c
}

// IDBegins holds for the records whose id begins with prefix, whose last character
// must be ASCII.
func IDBegins(prefix string) Condition {
	last := len(prefix) - 1
	return Condition{sql: "(id >= ? AND id < ?)", args: []any{prefix, prefix[:last] + string(prefix[last]+1)}, certain: true}
}

// In holds for the records in these rows.
func In(rows []int64) Condition {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = strconv.FormatInt(row, 10)
	}
	return Condition{sql: "(row IN (" + strings.Join(list, ",") + "))", certain: true}
}

// UnknownIn is the condition c, except that it is unknown for the records in these rows.
func UnknownIn(rows []int64, c Condition) Condition {
	return Condition{sql: "(CASE WHEN " + In(rows).sql + " THEN NULL ELSE " + c.sql + " END)", args: c.args}
}

func between(value string, least, most int64) Condition {
	return Condition{sql: "(" + value + " BETWEEN ? AND ?)", args: []any{least, most}}
}

// Not is the opposite of a condition. What is unknown stays unknown.
func Not(c Condition) Condition { return Condition{sql: "(NOT " + c.sql + ")", args: c.args} }

// Any holds where one of the conditions does. Without conditions it never holds.
func Any(conditions ...Condition) Condition { return join(" OR ", "FALSE", conditions) }

// All holds where every one of the conditions does. Without conditions it always holds.
func All(conditions ...Condition) Condition { return join(" AND ", "TRUE", conditions) }

func join(operator, none string, conditions []Condition) Condition {
	if len(conditions) == 0 {
		return Condition{sql: none}
	}
	var all Condition
	parts := make([]string, len(conditions))
	for i, c := range conditions {
		parts[i] = c.sql
		all.args = append(all.args, c.args...)
	}
	all.sql = "(" + strings.Join(parts, operator) + ")"
	return all
}

var escapeLike = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// like is LIKE's pattern for a text of these parts, escaped by a backslash.
func like(parts []string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = escapeLike.Replace(p)
	}
	return strings.Join(escaped, "%")
}
