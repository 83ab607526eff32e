package schema_test

import (
	"errors"
	"strings"
	"testing"

	"userlike-inspector/schema"
)

// TestKeywordsRefused: a keyword that was probably misspelt is refused, with its place.
func TestKeywordsRefused(t *testing.T) {
	for _, c := range [][3]string{ // a schema, the place, the message
		{`{"propertes":{"a":{"type":"string"}}}`, "/propertes", "did you mean properties?"},
		{`{"type":"object","require":["a"]}`, "/require", "did you mean required?"},
		{`{"requires":["a"]}`, "/requires", "did you mean required?"},
		{`{"properties":{"a":{"minimun":1}}}`, "/properties/a/minimun", "did you mean minimum?"},
		{`{"min_length":1,"type":"string"}`, "/min_length", "did you mean minLength?"},
		{`{"additionalproperties":false}`, "/additionalproperties", "did you mean additionalProperties?"},
		{`{"additional_properties":false}`, "/additional_properties", "did you mean additionalProperties?"},
		{`{"tpye":"string"}`, "/tpye", "did you mean type?"},
		{`{"ref":"#"}`, "/ref", "did you mean $ref?"},
		{`{"types":["string","null"]}`, "/types", "did you mean type?"},
		{`{"enums":["a","b"]}`, "/enums", "did you mean enum?"},
		{`{"anyof":[{"type":"string"}]}`, "/anyof", "did you mean anyOf?"},
		{`{"allOf":[{"patern":"^a"}]}`, "/allOf/0/patern", "did you mean pattern?"},
		{`{"patternProperties":{"^a":{"item":{"type":"string"}}}}`, "/patternProperties/^a/item", "did you mean items?"},
		{
			`{"patternProperties":{"^a":true},"additionalProperties":{"item":{"type":"string"}}}`,
			"/additionalProperties/item",
			"did you mean items?",
		},
		{`{"$ref":"#/$defs/a","$defs":{"a":{"maxlength":3}}}`, "/$defs/a/maxlength", "did you mean maxLength?"},
		{`{"order":{"type":"object"}}`, "/order", "{properties: {order: …}}"},
		{`{"order":{}}`, "/order", "{properties: {order: …}}"},
		{`{"order":{"total":{"type":"number"}}}`, "/order", "{properties: {order: …}}"},
		{`{"order":"string"}`, "/order", "{properties: {order: …}}"},
		{`{"type":"object","order":{"required":["total"]}}`, "/order", "{properties: {order: …}}"},
		{`{"properties":{"a":true},"order":{"type":"object"}}`, "/order", "{properties: {order: …}}"},
		{`{"properties":{"cart":{"items_in_it":{"type":"integer"}}}}`, "/properties/cart/items_in_it", "{properties: {items_in_it: …}}"},
	} {
		_, err := compileOwn(c[0])
		var faults schema.Faults
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].At != c[1] || !strings.Contains(faults[0].Message, c[2]) {
			t.Errorf("%s: %v", c[0], err)
		}
	}
}

// TestRemarks: what may be an annotation is accepted.
func TestRemarks(t *testing.T) {
	for _, text := range []string{
		`{"x-owner":{"type":"string"},"X-propertes":{}}`, `{"nullable":true}`, `{"example":{"type":"string"}}`, `{"type":"object","example":["a"]}`,
		`{"type":"string","note":"the note","label":"x","order":3,"unit":"EUR","help":{"text":"a"}}`,
		`{"type":"object","discriminator":{"propertyName":"kind","mapping":{"a":"#/a"}}}`,
		`{"id":"https://shop.example/a","type":"string","markdownDescription":"**a**","enumNames":["a"],"tsType":"A"}`,
		`{"type":"object","properties":{"order":{"type":"object"},"propertes":{},"require":{"type":"boolean"}}}`,
		`{"type":"string","ui":{"widget":"select","type":"dropdown"}}`,
		`{"$ref":"#/components/schemas/Order","components":{"schemas":{"Order":{"type":"object"},"Other":{"type":"object"}}}}`,
		`{"const":{"propertes":{}},"default":{"require":["a"]},"enum":[{"order":{"type":"string"}}]}`,
		`{}`, `true`,
	} {
		if _, err := compileOwn(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestEveryKeywordIsKnown: no keyword of any draft counts as a spelling mistake.
func TestEveryKeywordIsKnown(t *testing.T) {
	for _, text := range []string{
		`{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"type":"string"}},` +
			`"dependencies":{"a":["b"]},"additionalItems":false,"items":[{}],"contains":{},"propertyNames":{},"if":{},` +
			`"then":{},"else":{},"readOnly":true,"writeOnly":false,"contentEncoding":"base64","contentMediaType":"text/plain"}`,
		`{"$schema":"https://json-schema.org/draft/2020-12/schema","$anchor":"a","$dynamicAnchor":"b","$comment":"c",` +
			`"dependentSchemas":{},"dependentRequired":{},"unevaluatedItems":false,"unevaluatedProperties":false,` +
			`"minContains":1,"maxContains":2,"contentSchema":{},"deprecated":true,"prefixItems":[{}],"not":{"const":1}}`,
		`{"$schema":"http://json-schema.org/draft-04/schema#","minimum":1,"exclusiveMinimum":true,"id":"#a"}`,
	} {
		if _, err := compileOwn(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
