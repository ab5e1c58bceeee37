package ccaas

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// BuilderConfig is the environment variable from which an external builder, Fabric's own or Run, takes
// what it fills into the templates: a JSON object of strings.
const BuilderConfig = "CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG"

// The names of what is filled in beside the addresses.
const (
	keyRootCert   = "root_cert"
	keyClientCert = "client_cert"
	keyClientKey  = "client_key"
)

func placeholder(key string) string { return "{{." + key + "}}" }

// Settings are what one peer fills into the package that it shares with all others.
type Settings struct {
	// Addresses are those of its chaincode services, by slot.
	Addresses map[string]string
	// RootCert is the PEM certificate of the authority whose services the peer believes.
	RootCert []byte
	// ClientCert and ClientKey, both PEM, are what the peer shows to its services.
	ClientCert, ClientKey []byte
}

// JSON is the value of BuilderConfig. It holds a private key.
func (s Settings) JSON() ([]byte, error) {
	values := maps.Clone(s.Addresses)
	if values == nil {
		values = map[string]string{}
	}
	for key, text := range map[string][]byte{keyRootCert: s.RootCert, keyClientCert: s.ClientCert, keyClientKey: s.ClientKey} {
		values[key] = string(text)
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("write the settings of a peer: %w", err)
	}
	return text, nil
}

// Steps are the programs that make an external builder, each a file of that name in its bin.
func Steps() []string { return []string{"detect", "build", "release"} }

// Script is one step of an external builder: it takes the settings from a file, which holds a key and so has no business in
// the peer's environment, and runs command.
func Script(settings string, command ...string) []byte {
	quoted := make([]string, len(command))
	for i, part := range command {
		quoted[i] = quote(part)
	}
	return fmt.Appendf(nil, "#!/bin/sh\nset -e\n%s=\"$(cat %s)\"\nexport %s\nexec %s \"$@\"\n",
		BuilderConfig, quote(settings), BuilderConfig, strings.Join(quoted, " "))
}

// quote makes one word of a shell's line.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
