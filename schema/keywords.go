package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// JSON Schema treats unknown keywords as annotations. So a misspelt keyword has no effect,
// and nobody notices. This file refuses unknown keywords that were probably not meant as
// annotations.

// kind is the kind of value that a keyword has.
type kind int

const (
	isSchema   kind = 1 << iota // an object or a truth value
	isSchemas                   // a list of schemas
	isMembers                   // an object of schemas or of something else
	isText                      // a string
	isTexts                     // a list of strings
	isNumber                    // a number
	isTruth                     // true or false
	isList                      // a list of anything
	isAnything                  // any value
	isRemark                    // an annotation without effect, so a spelling mistake does no harm
)

// keywords are those of JSON Schema from draft 4 on, and the annotations of OpenAPI.
var keywords = map[string]kind{
	"$ref": isText, "$dynamicRef": isText, "$recursiveRef": isText, "$defs": isMembers, "definitions": isMembers,
	"allOf": isSchemas, "anyOf": isSchemas, "oneOf": isSchemas, "not": isSchema, "if": isSchema, "then": isSchema, "else": isSchema,
	"dependentSchemas": isMembers, "dependencies": isMembers, "prefixItems": isSchemas, "items": isSchema | isSchemas, "additionalItems": isSchema, "contains": isSchema,
	"properties": isMembers, "patternProperties": isMembers, "additionalProperties": isSchema, "propertyNames": isSchema,
	"unevaluatedItems": isSchema, "unevaluatedProperties": isSchema,
	"type": isText | isTexts, "const": isAnything, "enum": isList, "multipleOf": isNumber, "maximum": isNumber, "exclusiveMaximum": isNumber | isTruth,
	"minimum": isNumber, "exclusiveMinimum": isNumber | isTruth, "maxLength": isNumber, "minLength": isNumber, "pattern": isText,
	"maxItems": isNumber, "minItems": isNumber, "uniqueItems": isTruth, "maxContains": isNumber, "minContains": isNumber,
	"maxProperties": isNumber, "minProperties": isNumber, "required": isTexts, "dependentRequired": isMembers, "format": isText,
	"contentEncoding": isText, "contentMediaType": isText, "contentSchema": isSchema,

	"$schema": isRemark, "$id": isRemark, "id": isRemark, "$anchor": isRemark, "$dynamicAnchor": isRemark, "$recursiveAnchor": isRemark,
	"$vocabulary": isRemark, "$comment": isRemark, "title": isRemark, "description": isRemark, "default": isRemark,
	"deprecated": isRemark, "readOnly": isRemark, "writeOnly": isRemark, "examples": isRemark,
	"nullable": isRemark, "example": isRemark, "discriminator": isRemark, "xml": isRemark, "externalDocs": isRemark,
}

// takes tells whether a keyword can have a value.
func (k kind) takes(v any) bool {
	if k&isAnything != 0 {
		return true
	}
	switch v := v.(type) {
	case map[string]any:
		return k&(isSchema|isMembers) != 0
	case bool:
		return k&(isSchema|isTruth) != 0
	case string:
		return k&isText != 0
	case json.Number:
		return k&isNumber != 0
	case []any:
		texts := !slices.ContainsFunc(v, func(e any) bool { _, ok := e.(string); return !ok })
		objects := !slices.ContainsFunc(v, func(e any) bool { _, ok := e.(map[string]any); return !ok })
		return k&isList != 0 || texts && k&isTexts != 0 || objects && k&isSchemas != 0
	}
	return false
}

// unknownKeywords finds unknown keywords that were probably not meant as annotations, in all
// parts of the schema that are used.
func (s *Schema) unknownKeywords() (faults Faults) {
	locations := map[string]bool{}
	reached(reflect.ValueOf(s.compiled), locations)
	within := map[string]bool{} // the places that contain schemas
	for location := range locations {
		url, tokens := splitLocation(location)
		for i := range tokens {
			within[url+"#"+Pointer(tokens[:i+1]...)] = true
		}
	}
	for location := range locations {
		url, tokens := splitLocation(location)
		node, _ := Lookup(s.docs[url], tokens)
		rule, _ := node.(map[string]any)
		for name, v := range rule {
			at := Pointer(append(slices.Clone(tokens), name)...)
			if within[url+"#"+at] {
				continue // something refers to a schema within it
			}
			if message := unknownKeyword(name, v, rule); message != "" {
				faults = append(faults, Fault{URL: url, At: at, Named: true, Message: message})
			}
		}
	}
	return faults.sorted()
}

// reached notes the locations of all schemas that a compiled value consists of.
func reached(v reflect.Value, locations map[string]bool) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			reached(v.Elem(), locations)
		}
	case reflect.Pointer:
		switch {
		case v.IsNil():
		case v.Type() == reflect.TypeFor[*patterned]():
			reached(v.Elem(), locations)
		case v.Type() == reflect.TypeFor[*jsonschema.Schema]():
			if location := v.Elem().FieldByName("Location").String(); !locations[location] {
				locations[location] = true
				reached(v.Elem(), locations)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			reached(v.Field(i), locations)
		}
	case reflect.Slice:
		for i := range v.Len() {
			reached(v.Index(i), locations)
		}
	case reflect.Map:
		for _, value := range v.Seq2() {
			reached(value, locations)
		}
	}
}

// unknownKeyword says what is wrong with the name of a schema's member, "" for nothing.
func unknownKeyword(name string, v any, rule map[string]any) string {
	if _, ok := keywords[name]; ok || strings.HasPrefix(strings.ToLower(name), "x-") {
		return ""
	}
	if near := nearKeyword(name, v); near != "" {
		return fmt.Sprintf("%q is no keyword of JSON Schema; did you mean %s? A remark of your own begins with x-", name, near)
	}
	_, listed := rule["properties"]
	object, isObject := v.(map[string]any)
	if isObject && (demands(object) || len(object) == 0 && !listed) || saysNothing(rule) {
		return fmt.Sprintf("%q is no keyword of JSON Schema, so it demands nothing; the members of an object are named below properties: {properties: {%s: …}}", name, name)
	}
	return ""
}

// nearKeyword is the keyword that was probably meant, "" for none.
func nearKeyword(name string, v any) string {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
	best, least := "", 0
	for _, k := range slices.Sorted(maps.Keys(keywords)) {
		kind := keywords[k]
		if kind == isRemark || !kind.takes(v) || len(name) > 2*len(k) {
			continue
		}
		d := min(levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(k)), levenshtein.ComputeDistance(plain, strings.ToLower(k)))
		if d == 2 && sameLetters(plain, strings.ToLower(k)) {
			d = 1 // two letters are swapped
		}
		if d <= max(len(k)/3, 1) && d < len(k)-1 && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// sameLetters tells whether two words have the same letters in another order.
func sameLetters(a, b string) bool {
	letters := func(s string) string { r := []rune(s); slices.Sort(r); return string(r) }
	return letters(a) == letters(b)
}

// demands tells whether an object is or contains a schema that has any effect.
func demands(object map[string]any) bool {
	for name, v := range object {
		if kind, ok := keywords[name]; ok && kind != isRemark && kind.takes(v) && (name != "type" || isType(v)) {
			return true
		}
		if inside, ok := v.(map[string]any); ok && demands(inside) {
			return true
		}
	}
	return false
}

// isType tells whether a value is the name of a type, or a list of such.
func isType(v any) bool {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	return !slices.ContainsFunc(list, func(t any) bool {
		return !slices.Contains([]any{"string", "number", "integer", "boolean", "null", "array", "object"}, t)
	})
}

// saysNothing tells whether a schema has no known keyword.
func saysNothing(rule map[string]any) bool {
	for name := range rule {
		if _, ok := keywords[name]; ok || strings.HasPrefix(strings.ToLower(name), "x-") {
			return false
		}
	}
	return len(rule) > 0
}
