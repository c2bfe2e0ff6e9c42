// Records what Go's encoding/pem, encoding/asn1 and crypto/x509 say to requests for certificates, good and damaged: one JSON object a line, as
// core/x509/testdata/requests.jsonl keeps them. Run it here with `go run . > ../../core/x509/testdata/requests.jsonl`; the keys are new each time.
package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
)

type answer struct {
	Name         string   `json:"name"`
	Request      []byte   `json:"request"`
	Error        string   `json:"error,omitempty"`
	CommonName   string   `json:"commonName,omitempty"`
	Organization []string `json:"organization,omitempty"`
	DNSNames     []string `json:"dnsNames,omitempty"`
	Emails       []string `json:"emailAddresses,omitempty"`
	IPs          []net.IP `json:"ipAddresses,omitempty"`
	URIs         []string `json:"uris,omitempty"`
}

func main() {
	uri, _ := url.Parse("spiffe://cluster.local/ns/a")
	full := x509.CertificateRequest{
		Subject:        pkix.Name{CommonName: "system:node:a", Organization: []string{"system:nodes", "Zürich"}, Country: []string{"CH"}},
		DNSNames:       []string{"a.example", "b.example"},
		EmailAddresses: []string{"a@example.com"},
		IPAddresses:    []net.IP{net.IPv4(10, 0, 0, 1).To4(), net.ParseIP("fd00::1")},
		URIs:           []*url.URL{uri},
	}
	plain := x509.CertificateRequest{Subject: pkix.Name{CommonName: "alice"}}
	rsaKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	pss := plain
	pss.SignatureAlgorithm = x509.SHA384WithRSAPSS

	small := make(map[string][]byte)
	for _, each := range []struct {
		name     string
		template x509.CertificateRequest
		key      crypto.Signer
	}{
		{"RSA", plain, rsaKey}, {"RSA-PSS", pss, rsaKey}, {"P-256", full, p256}, {"P-384", plain, p384}, {"P-521", plain, p521}, {"Ed25519", plain, edKey},
		{"no subject", x509.CertificateRequest{}, edKey},
	} {
		der, err := x509.CreateCertificateRequest(rand.Reader, &each.template, each.key)
		if err != nil {
			panic(err)
		}
		small[each.name] = der
		record(each.name, encoded("CERTIFICATE REQUEST", der))
		// The last byte is of the signature.
		record(each.name+", another signature", encoded("CERTIFICATE REQUEST", changed(der, len(der)-1, der[len(der)-1]^1)))
	}

	// Ed25519's is the smallest: cut off after, and changed at, each of its first bytes.
	der := small["Ed25519"]
	for i := range der {
		if i < 80 || i%8 == 0 {
			record("cut off", encoded("CERTIFICATE REQUEST", der[:i]))
		}
		if i < 90 {
			record("another byte", encoded("CERTIFICATE REQUEST", changed(der, i, 0x80)))
			record("another byte", encoded("CERTIFICATE REQUEST", changed(der, i, 0x04)))
		}
	}
	record("more behind it", encoded("CERTIFICATE REQUEST", append(bytes.Clone(der), 0)))

	good := encoded("CERTIFICATE REQUEST", der)
	certificate := encoded("CERTIFICATE", der)
	for name, text := range map[string][]byte{
		"nothing":              {},
		"no PEM":               []byte("request"),
		"another type":         certificate,
		"another type first":   append(bytes.Clone(certificate), good...),
		"another type behind":  append(bytes.Clone(good), certificate...),
		"NEW":                  encoded("NEW CERTIFICATE REQUEST", der),
		"text before":          append([]byte("Subject: alice\n"), good...),
		"text before the line": append([]byte("x"), good...),
		"lines of Windows":     bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")),
		"spaces behind lines":  bytes.ReplaceAll(good, []byte("\n"), []byte(" \n")),
		"no last line feed":    bytes.TrimRight(good, "\n"),
		"headers":              bytes.Replace(good, []byte("-----\n"), []byte("-----\nProc-Type: 4\n\n"), 1),
		"no end":               good[:len(good)-40],
		"other end":            bytes.Replace(good, []byte("END CERTIFICATE REQUEST"), []byte("END CERTIFICATE"), 1),
		"no base64":            bytes.Replace(good, []byte("M"), []byte("*"), 1),
		"empty":                []byte("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n"),
		"two begins":           append([]byte("-----BEGIN CERTIFICATE REQUEST-----\n"), good...),
		"four bytes":           []byte("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"),
		"text in it":           []byte("-----BEGIN CERTIFICATE REQUEST-----\naGVsbG8gd29ybGQ=\n-----END CERTIFICATE REQUEST-----\n"),
		"end on the same line": bytes.Replace(good, []byte("\n-----END"), []byte("-----END"), 1),
		"on one line":          bytes.ReplaceAll(good, []byte("\n"), []byte("")),
		"more behind the end":  append(bytes.TrimRight(good, "\n"), []byte(" x\n")...),
	} {
		record(name, text)
	}
}

func encoded(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func changed(der []byte, at int, to byte) []byte {
	copied := bytes.Clone(der)
	copied[at] = to
	return copied
}

func record(name string, request []byte) {
	out := answer{Name: name, Request: request}
	if csr, err := read(request); err != nil {
		out.Error = err.Error()
		// Go prints where in memory the number of an expected tag stands.
		if strings.Contains(out.Error, "tag:0x") {
			return
		}
	} else {
		out.CommonName, out.Organization = csr.Subject.CommonName, csr.Subject.Organization
		out.DNSNames, out.Emails, out.IPs = csr.DNSNames, csr.EmailAddresses, csr.IPAddresses
		for _, uri := range csr.URIs {
			out.URIs = append(out.URIs, uri.String())
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.Encode(out)
}

func read(request []byte) (*x509.CertificateRequest, error) {
	block, _ := pem.Decode(request)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return nil, errors.New("PEM block type must be CERTIFICATE REQUEST")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, err
	}
	return csr, csr.CheckSignature()
}
