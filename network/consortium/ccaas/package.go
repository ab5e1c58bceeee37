package ccaas

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Package is an install package. Equal labels give equal bytes, so organisations that each make
// their own still approve one package ID.
type Package struct {
	Label string
	Bytes []byte
}

// connection is connection.json, in the order in which Fabric documents it.
type connection struct {
	Address     string `json:"address"`
	DialTimeout string `json:"dial_timeout"`
	TLSRequired bool   `json:"tls_required"`
	ClientAuth  bool   `json:"client_auth_required,omitempty"`
	RootCert    string `json:"root_cert,omitempty"`
	ClientKey   string `json:"client_key,omitempty"`
	ClientCert  string `json:"client_cert,omitempty"`
}

// metadata is metadata.json.
type metadata struct {
	Type  string `json:"type"`
	Label string `json:"label"`
}

// New packages a chaincode under a label such as "loyalty_1.0.0". Everything that differs between peers is a
// template that each fills in from its own Settings: slot, a word such as "blue", names the one of
// the addresses that is meant. Peer and service each show the other a certificate.
func New(label, slot string) (Package, error) {
	code, err := archive(connectionFile, connection{
		Address: placeholder(slot), DialTimeout: "10s", TLSRequired: true, ClientAuth: true,
		RootCert: placeholder(keyRootCert), ClientKey: placeholder(keyClientKey), ClientCert: placeholder(keyClientCert),
	})
	if err != nil {
		return Package{}, err
	}
	meta, err := json.Marshal(metadata{Type: "ccaas", Label: label})
	if err != nil {
		return Package{}, fmt.Errorf("write metadata.json: %w", err)
	}
	whole, err := tarball(entry{"metadata.json", meta}, entry{"code.tar.gz", code})
	return Package{Label: label, Bytes: whole}, err
}

// ID is the name that peers give the package: its label and the SHA-256 of its bytes.
func (p Package) ID() string {
	sum := sha256.Sum256(p.Bytes)
	return p.Label + ":" + hex.EncodeToString(sum[:])
}

func archive(name string, content any) ([]byte, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return tarball(entry{name, text})
}

type entry struct {
	name    string
	content []byte
}

// tarball leaves out everything that differs between machines: owner, time and mode.
func tarball(entries ...entry) ([]byte, error) {
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	writer := tar.NewWriter(zipped)
	for _, e := range entries {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.content)), Mode: 0o644,
			ModTime: time.Unix(0, 0).UTC(), Format: tar.FormatUSTAR,
		}
		if err := writer.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("pack %s: %w", e.name, err)
		}
		if _, err := writer.Write(e.content); err != nil {
			return nil, fmt.Errorf("pack %s: %w", e.name, err)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("close the archive: %w", err)
	}
	if err := zipped.Close(); err != nil {
		return nil, fmt.Errorf("close the compressed archive: %w", err)
	}
	return b.Bytes(), nil
}
