package identity

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maxFile bounds what is read as a certificate or key, in bytes: a wrong path should give an error,
// not fill the memory.
const maxFile = 1 << 20

// Open reads an organisation's roots back. It fails when either is absent.
func (f Folder) Open() (*Organisation, error) {
	if err := checkNames(f.MSPID, f.Domain); err != nil {
		return nil, err
	}
	signing, err := openAuthority(filepath.Join(f.Path, "ca"), "ca."+f.Domain)
	if err != nil {
		return nil, err
	}
	tls, err := openAuthority(filepath.Join(f.Path, "tlsca"), "tlsca."+f.Domain)
	if err != nil {
		return nil, err
	}
	return &Organisation{MSPID: f.MSPID, Domain: f.Domain, signing: signing, tls: tls}, nil
}

func openAuthority(dir, name string) (*authority, error) {
	pair, err := readPair(filepath.Join(dir, name+"-cert.pem"), filepath.Join(dir, fileKey))
	if err != nil {
		return nil, err
	}
	certificate, key, err := pair.Parse()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	if !certificate.IsCA {
		return nil, fmt.Errorf("%s: the certificate is not an authority's", dir)
	}
	return &authority{certificate: certificate, key: key, pair: pair}, nil
}

// Credential reads what m holds.
func (f Folder) Credential(m Member) (Credential, error) {
	if err := m.validate(); err != nil {
		return Credential{}, err
	}
	c, err := Credential{MSPID: f.MSPID, Name: m.FullName(f.Domain)}, error(nil)
	if m.signs() {
		c, err = ReadMSP(f.MSPID, f.MemberMSP(m))
	}
	if err != nil || !m.hasTLS() {
		return c, err
	}
	if c.TLS, err = readPair(f.TLSFiles(m)); err != nil {
		return Credential{}, err
	}
	if _, _, err = c.TLS.Parse(); err != nil {
		return Credential{}, fmt.Errorf("%s: %w", f.MemberTLS(m), err)
	}
	return c, nil
}

// ReadMSP reads the signing certificate and key of any MSP folder that holds exactly one of each,
// whoever made it: this program, Fabric CA's client or cryptogen.
func ReadMSP(mspID, dir string) (Credential, error) {
	certificate, err := onlyFile(filepath.Join(dir, folderCert))
	if err != nil {
		return Credential{}, err
	}
	key, err := onlyFile(filepath.Join(dir, folderKeys))
	if err != nil {
		return Credential{}, err
	}
	pair, err := readPair(certificate, key)
	if err != nil {
		return Credential{}, err
	}
	parsed, _, err := pair.Parse()
	if err != nil {
		return Credential{}, fmt.Errorf("%s: %w", dir, err)
	}
	return Credential{MSPID: mspID, Name: parsed.Subject.CommonName, Sign: pair}, nil
}

func onlyFile(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", dir, err)
	}
	if len(entries) != 1 || !entries[0].Type().IsRegular() {
		return "", fmt.Errorf("%s: want exactly one file, found %d entries", dir, len(entries))
	}
	return filepath.Join(dir, entries[0].Name()), nil
}

func readPair(certificate, key string) (Pair, error) {
	c, err := readFile(certificate)
	if err != nil {
		return Pair{}, err
	}
	k, err := readFile(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{Certificate: c, Key: k}, nil
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("read %s: %w", name, errors.New("larger than 1 MiB"))
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return content, nil
}
