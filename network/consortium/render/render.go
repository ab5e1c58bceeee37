package render

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"
)

//go:embed templates
var templates embed.FS

// execute fills in one template. A missing key is an error: half a configuration file starts half
// a network.
func execute(name string, data any) ([]byte, error) {
	t, err := template.New(name).Option("missingkey=error").ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return b.Bytes(), nil
}
