// Package world replaces the internet in tests. It serves sites from this machine, on
// https, at the addresses that they have in reality. So whatever depends on real host
// names (the client's scripts, cookies, the sites of a plan) is tested with real names.
//
// Browsers use the proxy that is set in their environment. The proxy connects hosts that
// have a handler to one TLS server, which makes a certificate for each name. It refuses all
// other hosts, so nothing leaves the machine. Browsers do not trust these certificates, so
// inspect needs --insecure.
package world

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// World is the running proxy with its TLS server.
type World struct {
	sites  map[string]http.Handler
	issuer issuer
	server *httptest.Server
	proxy  *httptest.Server
}

// New serves sites, which are handlers by host name, until the test ends.
func New(t testing.TB, sites map[string]http.Handler) *World {
	t.Helper()
	w := &World{sites: sites}
	if err := w.issuer.init(); err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	w.server.TLS = &tls.Config{GetCertificate: w.issuer.certificate}
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	w.proxy = httptest.NewServer(http.HandlerFunc(w.connect))
	t.Cleanup(w.proxy.Close)
	return w
}

// Env are environment variables that tell Chromium and Firefox to use the proxy. A
// desktop's own proxy settings would come first
// (https://chromium.googlesource.com/chromium/src/+/HEAD/docs/linux/proxy_config.md).
func (w *World) Env() []string {
	return []string{"http_proxy=" + w.proxy.URL, "https_proxy=" + w.proxy.URL, "no_proxy=127.0.0.1,localhost"}
}

func (w *World) serve(rw http.ResponseWriter, r *http.Request) {
	site, ok := w.sites[r.Host]
	if !ok {
		http.NotFound(rw, r)
		return
	}
	site.ServeHTTP(rw, r)
}

// connect answers a browser's CONNECT request: it passes all bytes between the browser and
// the TLS server, if the host has a handler.
func (w *World) connect(rw http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if _, known := w.sites[host]; r.Method != http.MethodConnect || err != nil || !known {
		http.Error(rw, "there is no such site in this test's world", http.StatusBadGateway)
		return
	}
	to, err := net.Dial("tcp", w.server.Listener.Addr().String())
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	defer to.Close()
	from, buffered, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return // the browser has gone
	}
	defer from.Close()
	fmt.Fprint(from, "HTTP/1.1 200 OK\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() { io.Copy(to, buffered); to.Close() })
	both.Go(func() { io.Copy(from, to); from.Close() })
	both.Wait()
}

// issuer is a certificate authority. For simplicity, all certificates share its key.
type issuer struct {
	key  crypto.Signer
	cert *x509.Certificate
}

func (i *issuer) init() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	i.key, i.cert = key, &x509.Certificate{Subject: pkix.Name{CommonName: "An authority for tests"}, PublicKey: key.Public()}
	return nil
}

func (i *issuer) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, err
	}
	leaf, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: hello.ServerName},
		DNSNames:     []string{hello.ServerName},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}, i.cert, i.key.Public(), i.key)
	return &tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: i.key}, err
}
