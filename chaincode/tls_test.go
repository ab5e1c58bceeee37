package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTLSComesFromFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, key, ca, missing := file("cert"), file("key"), file("ca"), filepath.Join(dir, "missing")
	cases := []struct {
		name, cert, key, ca string
		disabled, refused   bool
	}{
		{"nothing named", "", "", "", true, false},
		{"certificate and key", cert, key, "", false, false},
		{"all three", cert, key, ca, false, false},
		{"certificate alone", cert, "", "", false, true},
		{"key alone", "", key, "", false, true},
		{"client authority alone", "", "", ca, false, true},
		{"file that is not there", missing, key, "", false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(tlsCertificate, c.cert)
			t.Setenv(tlsKey, c.key)
			t.Setenv(tlsClientCA, c.ca)
			tls, err := tlsFromFiles()
			if (err != nil) != c.refused {
				t.Fatalf("err = %v", err)
			}
			if err == nil && (tls.Disabled != c.disabled || (c.ca != "") != (tls.ClientCACerts != nil)) {
				t.Errorf("%+v", tls)
			}
		})
	}
}

func TestTheServiceNeedsItsName(t *testing.T) {
	t.Setenv("CHAINCODE_SERVER_ADDRESS", "127.0.0.1:0")
	t.Setenv("CHAINCODE_ID", "")
	t.Setenv("CORE_CHAINCODE_ID_NAME", "")
	if err := run(); err == nil {
		t.Error("a service without a name was started")
	}
}
