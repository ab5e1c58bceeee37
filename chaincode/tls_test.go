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
		{"certificate that is not there", missing, key, "", false, true},
		{"key that is not there", cert, missing, "", false, true},
		{"client authority that is not there", cert, key, missing, false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tls, err := readTLS(c.cert, c.key, c.ca)
			if (err != nil) != c.refused {
				t.Fatalf("err = %v", err)
			}
			if err == nil && (tls.Disabled != c.disabled || (c.ca != "") != (tls.ClientCACerts != nil)) {
				t.Errorf("%+v", tls)
			}
		})
	}
}
