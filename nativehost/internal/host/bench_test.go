package host_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"userlike-inspector/nativehost/internal/host"
	"userlike-inspector/nativehost/internal/record"
	"userlike-inspector/nativehost/internal/wire"
)

// traffic is n calls of a visit and as many requests, every tenth of them caused by a call,
// as the extension sends them: a second's worth of 2000 at a time.
func traffic(n int) [][]byte {
	begin := time.Date(2026, 11, 22, 10, 13, 4, 0, time.UTC)
	var all [][]byte
	body := base64.StdEncoding.EncodeToString([]byte("v=2&tid=G-ABC1234567&cid=111.222&" +
		"dl=https%3A%2F%2Fshop.example%2Fcart%3Fa%3Db&dt=Cart&sr=1920x1080&_et=12&" +
		strings.Repeat("ep.some_parameter=some%20value&", 12)))
	for from := 0; from < n; from += 100 {
		var calls, requests []string
		for i := from; i < min(from+100, n); i++ {
			at := begin.Add(time.Duration(i) * 500 * time.Microsecond).Format("2006-01-02T15:04:05.000Z")
			calls = append(calls, fmt.Sprintf(`{"v":1,"kind":"call","id":"d/%[1]d","seq":%[1]d,"time":%[2]q,"tab":3,"frame":0,"document":"d",`+
				`"url":"https://shop.example/cart","top_url":"https://shop.example/cart","title":"Cart",`+
				`"args":["message_client_terminating",`+
				`{"client_uuid":"0f8e1c22-7d3a-4b52-9c1e-55aa10fe7d01","operator_group_id":12,"widget_id":4711,"widget_lang":"de"},`+
				`{"session_id":"s-93ab77d0c4","chat_id":"c-5512fe90aa","client_name":"Ada Lovelace",`+
				`"client_email":"ada@example.org","operator_id":7,"operator_name":"Max","custom_data":{"order":"K-%[1]d",`+
				`"page":"checkout"}}],"handler":{"state":"assigned"}}`, i+1, at))
			event := "page_view"
			if i%10 == 0 {
				event = "message_client_terminating"
			}
			requests = append(requests, fmt.Sprintf(`{"id":"c-%d","time":%q,"via":"request","to":"https://collect.example/g?en=%s&n=%d","tab":3,"frame":0,`+
				`"document":"d","url":"https://shop.example/cart","type":"ping","method":"POST","body":{"bytes":%q}}`, i, at, event, i, body))
		}
		all = append(all, []byte(records(calls...)), []byte(candidates(requests...)))
	}
	return all
}

// BenchmarkFollow measures a call and a request that it may have caused: judged, matched and
// written, without a disk. For comparison, "decoding" only decodes the same messages.
func BenchmarkFollow(b *testing.B) {
	b.Run("host", func(b *testing.B) {
		messages := traffic(b.N)
		in := frames(hello)
		for _, m := range messages {
			in = append(in, frames(string(m))...)
		}
		store := &memory{}
		o := options(bytes.NewReader(in), io.Discard, store)
		o.Judge = func(*record.Record) []record.Finding { return nil }
		o.Quota = host.Quota{Document: 1 << 40, Day: 1 << 40}
		begin := time.Date(2026, 11, 22, 10, 13, 4, 0, time.UTC)
		o.Now = func() time.Time { return begin }
		b.ReportAllocs()
		b.ResetTimer()
		if err := host.Serve(b.Context(), o); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(hitsOf(store)))/float64(b.N), "hits/op")
	})
	b.Run("decoding", func(b *testing.B) {
		messages := traffic(b.N)
		b.ReportAllocs()
		b.ResetTimer()
		for _, message := range messages {
			m, err := wire.Decode(message)
			if err != nil {
				b.Fatal(err)
			}
			for _, raw := range m.Records {
				if _, err := record.Decode(raw); err != nil {
					b.Fatal(err)
				}
			}
			for _, raw := range m.Candidates {
				if err := json.Unmarshal(raw, &wire.Candidate{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
