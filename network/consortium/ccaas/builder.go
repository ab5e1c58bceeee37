package ccaas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// connectionFile is the name under which a peer looks for the address of a chaincode service.
const connectionFile = "connection.json"

// maxFile bounds what is read from a package that somebody asks a peer to install, in bytes.
const maxFile = 1 << 20

// Run is the external builder that a peer calls: `detect SOURCE METADATA`, then
// `build SOURCE METADATA OUTPUT`, then `release OUTPUT RELEASE`. config is the value of BuilderConfig.
// An error from detect means that the package is for another builder.
func Run(config string, args ...string) error {
	step := ""
	if len(args) > 0 {
		step = args[0]
	}
	switch {
	case step == "detect" && len(args) == 3:
		_, err := readMetadata(args[2])
		return err
	case step == "build" && len(args) == 4:
		return build(args[1], args[2], args[3], config)
	case step == "release" && len(args) == 3:
		return release(args[1], args[2])
	}
	return fmt.Errorf("want detect, build or release with its folders, got %q", args)
}

func readMetadata(dir string) (metadata, error) {
	var m metadata
	if err := readJSON(filepath.Join(dir, "metadata.json"), &m); err != nil {
		return metadata{}, err
	}
	if !strings.EqualFold(m.Type, "ccaas") {
		return metadata{}, fmt.Errorf("a package of type %q is not a chaincode service", m.Type)
	}
	return m, nil
}

// build fills in the templates of connection.json.
func build(source, meta, output, config string) error {
	if _, err := readMetadata(meta); err != nil {
		return err
	}
	var c connection
	if err := readJSON(filepath.Join(source, connectionFile), &c); err != nil {
		return err
	}
	values := map[string]string{}
	if config != "" {
		if err := json.Unmarshal([]byte(config), &values); err != nil {
			return fmt.Errorf("%s is not a JSON object of strings", BuilderConfig)
		}
	}
	for _, field := range []*string{&c.Address, &c.DialTimeout, &c.RootCert, &c.ClientKey, &c.ClientCert} {
		if err := fill(field, values); err != nil {
			return err
		}
	}
	if c.Address == "" {
		return errors.New("connection.json has no address")
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write connection.json: %w", err)
	}
	return os.WriteFile(filepath.Join(output, connectionFile), text, 0o600)
}

func fill(field *string, values map[string]string) error {
	t, err := template.New("connection.json").Option("missingkey=error").Parse(*field)
	if err != nil {
		return fmt.Errorf("connection.json: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, values); err != nil {
		return fmt.Errorf("connection.json: %w", err)
	}
	*field = b.String()
	return nil
}

// release puts connection.json where the peer looks for it.
func release(output, target string) error {
	var c connection
	if err := readJSON(filepath.Join(output, connectionFile), &c); err != nil {
		return err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write connection.json: %w", err)
	}
	dir := filepath.Join(target, "chaincode", "server")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	return os.WriteFile(filepath.Join(dir, connectionFile), text, 0o600)
}

func readJSON(name string, into any) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(name), err)
	}
	if info.Size() > maxFile {
		return fmt.Errorf("read %s: larger than 1 MiB", filepath.Base(name))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(name), err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(name), err)
	}
	return nil
}
