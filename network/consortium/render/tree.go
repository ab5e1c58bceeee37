package render

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/zegel/zegel/network/consortium"
)

// File is one generated file of the repository, by its path from the root.
type File struct {
	Path    string
	Content []byte
}

// Tree is all that users read and that is kept in the repository: docker-compose.yaml, configtx.yaml
// and a connection profile for each organisation, as programs on this machine need it.
func Tree(c consortium.Consortium) ([]File, error) {
	compose, err := Compose(c)
	if err != nil {
		return nil, err
	}
	material := path.Join(DefaultData, "organisations")
	configtx, err := Configtx(c, consortium.Compose, path.Join("..", material))
	if err != nil {
		return nil, err
	}
	files := []File{{"docker-compose.yaml", compose}, {"network/configtx.yaml", configtx}}
	for _, o := range c.Organisations {
		profile, err := c.Profile(o.Name, consortium.Native, consortium.Roots{Path: path.Join("..", material)})
		if err != nil {
			return nil, err
		}
		text, err := profile.YAML()
		if err != nil {
			return nil, err
		}
		name := path.Join("connection-profiles", strings.ToLower(o.Name)+".yaml")
		files = append(files, File{name, append(profileHeader(o), text...)})
	}
	return files, nil
}

func profileHeader(o consortium.Organisation) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# How programs on this machine reach the consortium as %s. A common connection profile: read by\n", o.Name)
	b.WriteString("# `zegel serve`, Caliper and other standard clients. Paths are relative to this folder. Generated\n")
	b.WriteString("# from network/consortium.yaml by `zegel network generate`; a test says when it is stale.\n")
	return b.Bytes()
}
