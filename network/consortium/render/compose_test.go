package render_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zegel/zegel/network/consortium/ccaas"
	"github.com/zegel/zegel/network/consortium/render"
)

// TestComposeFindsNothingWrong asks docker-compose itself, which needs no engine for that.
func TestComposeFindsNothingWrong(t *testing.T) {
	command := []string{"docker-compose"}
	if _, err := exec.LookPath(command[0]); err != nil {
		command = []string{"docker", "compose"}
		if exec.Command(command[0], command[1], "version").Run() != nil {
			t.Skip("neither docker-compose nor docker compose is here")
		}
	}
	c := exec.Command(command[0], append(command[1:], "-f", filepath.Join(repository, "docker-compose.yaml"), "config", "-q")...)
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestNoContainerSeesMoreKeysThanItsOwn reads the mounts: an authority's key may reach the two
// one-shot services alone.
func TestNoContainerSeesMoreKeysThanItsOwn(t *testing.T) {
	text, err := render.Compose(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for line := range strings.Lines(string(text)) {
		mount, found := strings.CutPrefix(strings.TrimSpace(line), "- ${ZEGEL_DATA:-./.zegel/network}")
		if !found {
			continue
		}
		source, _, _ := strings.Cut(mount, ":")
		parts := strings.Split(source, "/")
		switch {
		case source == "":
			whole++
		case parts[1] == "organisations" && (len(parts) < 4 || strings.HasSuffix(parts[3], "ca")):
			t.Errorf("mounted: %s", source)
		case !strings.HasSuffix(mount, ":ro"):
			t.Errorf("writable: %s", mount)
		}
	}
	if whole != 2 {
		t.Errorf("%d services see all keys, want material and setup", whole)
	}
}

// TestEveryChaincodeServiceHasAKeyOfItsOwn ties the mounts to what is minted and to the package.
func TestEveryChaincodeServiceHasAKeyOfItsOwn(t *testing.T) {
	c := sample(t)
	text, err := render.Compose(c)
	if err != nil {
		t.Fatal(err)
	}
	pack, err := ccaas.New(c.Chaincode.Label(), c.Chaincode.Slot())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{ccaas.EnvPackage + ": " + pack.ID(), ccaas.EnvCertificate + ": /tls/server.crt", ccaas.EnvKey + ": /tls/server.key", ccaas.EnvClientRoot + ": /tls/ca.crt"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docker-compose.yaml has no %s", want)
		}
	}
	for _, o := range c.WithPeers() {
		service := o.Peers[0].Chaincode(c.Chaincode)
		folder := filepath.ToSlash(o.Folder("organisations").MemberTLS(service.Member()))
		if !strings.Contains(string(text), "/"+folder+":/tls:ro") {
			t.Errorf("%s does not see %s", service.Host, folder)
		}
		if host := render.Container().Place.Host(service.Host); host != service.Member().FullName(o.Domain) {
			t.Errorf("the peer dials %s, the certificate says %s", host, service.Member().FullName(o.Domain))
		}
	}
}
