package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"userlike-inspector/schema"
)

// visit makes the arguments of a visit's calls: 35 events, some known contact,
// an order with a basket.
func visit() [][]byte {
	var texts [][]byte
	for i, e := range schema.Catalogue().Events {
		session := fmt.Sprintf(`{"session_id":"0b9e5a3e-6d58-4d0c-8f6e-9f0f7b2f4c55","chat_id":"chat-%d"`, i)
		if i%2 == 0 {
			session += `,"client_name":"Ada","client_email":"ada@shop.example","operator_id":7,"operator_name":"Mara"`
		}
		texts = append(texts, fmt.Appendf(nil, `[%q,{"client_uuid":"5f0c2d2e-8f0e-4c57-9d25-0d5a6a4c7f11","operator_group_id":8412,"widget_id":1337,`+
			`"widget_lang":"de"},%s,"custom_data":{"basket":{"items":[{"sku":"cactus-%d","price":12.5,"quantity":%d},`+
			`{"sku":"pot","price":8,"quantity":1}],"total":%d.5,"currency":"EUR"},"page":"/checkout","note":"f\u00fcr Ada"}}]`,
			e.Name, session, i, i, 20+i))
	}
	return texts
}

// BenchmarkCheck compares four ways of handling the same calls, beginning with their bytes:
// only decoding, the validator, the memory of what it accepted, and Ajv.
func BenchmarkCheck(b *testing.B) {
	s, err := schema.Compile(schema.Event)
	if err != nil {
		b.Fatal(err)
	}
	texts := visit()
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	each := func(name string, check func(text []byte) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size / len(texts)))
			for i := 0; b.Loop(); i++ {
				if err := check(texts[i%len(texts)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	each("decoding", func(text []byte) error {
		_, err := schema.Decode(text)
		return err
	})
	each("validator", func(text []byte) error {
		v, err := schema.Decode(text)
		if err == nil && s.Check(v) != nil {
			err = fmt.Errorf("%s is not valid", text)
		}
		return err
	})
	m := s.Memory()
	each("memory", func(text []byte) error {
		_, found, _, err := m.Check(text)
		if found != nil {
			err = fmt.Errorf("%s is not valid", text)
		}
		return err
	})
	ajv := measureAjv(b, texts)
	b.Run("ajv", func(b *testing.B) { b.ReportMetric(ajv, "ns/op") })
}

// measureAjv lets Node.js parse and check the texts, so often that its start and the
// compiler's warm-up do not count, and returns the ns for each.
func measureAjv(b *testing.B, texts [][]byte) float64 {
	if _, err := os.Stat("../.ci/node_modules/ajv"); err != nil {
		b.Fatalf("Ajv is not installed, run npm ci --prefix .ci: %v", err)
	}
	var list []string
	for _, text := range texts {
		list = append(list, string(text))
	}
	in, err := json.Marshal(list)
	if err != nil {
		b.Fatal(err)
	}
	const calls = 500_000
	cmd := exec.CommandContext(b.Context(), "node", "../.ci/ajv.mjs", strconv.Itoa(calls))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	took, err := strconv.Atoi(string(bytes.TrimSpace(out)))
	if err != nil {
		b.Fatal(err)
	}
	return float64(took) / calls
}
