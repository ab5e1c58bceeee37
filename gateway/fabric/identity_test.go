package fabric_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/zegel/zegel/gateway/fabric"
)

func TestAnIdentityFromAnMSPFolder(t *testing.T) {
	certificate, key := newPair(t)
	_, foreign := newPair(t)
	for name, row := range map[string]struct {
		files map[string][]byte
		ok    bool
	}{
		"complete":            {map[string][]byte{"signcerts/cert.pem": certificate, "keystore/priv_sk": key}, true},
		"no key":              {map[string][]byte{"signcerts/cert.pem": certificate}, false},
		"no certificate":      {map[string][]byte{"keystore/priv_sk": key}, false},
		"two keys":            {map[string][]byte{"signcerts/cert.pem": certificate, "keystore/a": key, "keystore/b": foreign}, false},
		"somebody else's key": {map[string][]byte{"signcerts/cert.pem": certificate, "keystore/priv_sk": foreign}, false},
		"not a certificate":   {map[string][]byte{"signcerts/cert.pem": key, "keystore/priv_sk": key}, false},
		"not a key":           {map[string][]byte{"signcerts/cert.pem": certificate, "keystore/priv_sk": []byte("key")}, false},
	} {
		dir := t.TempDir()
		for path, content := range row.files {
			must(os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o700))
			must(os.WriteFile(filepath.Join(dir, path), content, 0o600))
		}
		if id, err := fabric.LoadIdentity("KorenaarMSP", dir); (err == nil) != row.ok || (row.ok && id.MSP != "KorenaarMSP") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
