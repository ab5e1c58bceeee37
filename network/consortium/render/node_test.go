package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/zegel/zegel/network"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/render"
)

// at reads one value of a YAML text by its dotted path.
func at(t *testing.T, text []byte, path string) string {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for key := range strings.SplitSeq(path, ".") {
		folder, ok := value.(map[string]any)
		if !ok {
			return ""
		}
		value = folder[key]
	}
	return fmt.Sprint(value)
}

func TestAPeerListensOnThisMachineAloneAndBatches(t *testing.T) {
	c := sample(t)
	o := c.Organisations[1]
	text, err := render.Peer(c, o, o.Peers[0], render.Native(o, o.Peers[0].Member(), "/z/organisations", "/z/nodes/peer0"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"peer.id":                                    "peer0.duinmarkt.example",
		"peer.listenAddress":                         "127.0.0.1:7200",
		"peer.gossip.externalEndpoint":               "127.0.0.1:7200",
		"peer.localMspId":                            "DuinmarktMSP",
		"peer.mspConfigPath":                         "/z/organisations/duinmarkt.example/peers/peer0.duinmarkt.example/msp",
		"peer.tls.enabled":                           "true",
		"peer.gossip.reconnectInterval":              "2s",
		"vm.endpoint":                                "",
		"chaincode.runtimeParams.useWriteBatch":      "true",
		"chaincode.runtimeParams.useGetMultipleKeys": "true",
		"operations.listenAddress":                   "127.0.0.1:7201",
		"ledger.state.stateDatabase":                 "goleveldb",
	} {
		if got := at(t, text, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestAContainerDiffersFromAProcessInPlacesAlone(t *testing.T) {
	c := sample(t)
	o := c.Organisations[1]
	text, err := render.Peer(c, o, o.Peers[0], render.Container())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"peer.listenAddress":           "0.0.0.0:7200",
		"peer.address":                 "peer0.duinmarkt.example:7200",
		"peer.gossip.externalEndpoint": "peer0.duinmarkt.example:7200",
		"peer.mspConfigPath":           "/node/msp",
		"peer.fileSystemPath":          "/var/hyperledger/production",
		"operations.listenAddress":     "0.0.0.0:7201",
	} {
		if got := at(t, text, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	native, err := render.Peer(c, o, o.Peers[0], render.Native(o, o.Peers[0].Member(), "/z", "/z"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(text, []byte("\n")) != bytes.Count(native, []byte("\n")) {
		t.Error("one has lines that the other has not")
	}
}

func TestTheLongTermReleaseIsNotAskedForWhatItLacks(t *testing.T) {
	c := sample(t)
	o := c.Organisations[0]
	for release, want := range map[string]bool{"3.1.5": true, "2.5.16": false} {
		c.Fabric = release
		text, err := render.Peer(c, o, o.Peers[0], render.Container())
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(at(t, text, "peer.handlers.authFilters"), "TimeWindowCheck"); got != want {
			t.Errorf("%s: time window %v", release, got)
		}
		clearing := c.WithOrderers()[0]
		if text, err = render.Orderer(c, clearing, clearing.Orderers[0], render.Container()); err != nil {
			t.Fatal(err)
		}
		if got := at(t, text, "General.Backoff") != "<nil>"; got != want {
			t.Errorf("%s: back-off %v\n%s", release, got, text)
		}
	}
}

func TestAnOrdererAsksForACertificateToJoinChannels(t *testing.T) {
	c := sample(t)
	o := c.WithOrderers()[0]
	text, err := render.Orderer(c, o, o.Orderers[0], render.Native(o, o.Orderers[0].Member(), "/z/organisations", "/z/nodes/orderer0"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"General.ListenPort":           "7500",
		"General.TLS.Enabled":          "true",
		"Admin.ListenAddress":          "127.0.0.1:7502",
		"Admin.TLS.ClientAuthRequired": "true",
		"General.BootstrapMethod":      "none",
		"Consensus.WALDir":             "/z/nodes/orderer0/data/etcdraft/wal",
	} {
		if got := at(t, text, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestFoldersThatYAMLWouldReadOtherwiseAreRefused(t *testing.T) {
	c := sample(t)
	o := c.Organisations[0]
	for _, folder := range []string{"relative", "/a: b", "/a#b", "/a\nb", "/{{.}}", "/a\"b"} {
		if _, err := render.Peer(c, o, o.Peers[0], render.Site{Place: consortium.Native, MSP: folder, TLS: "/z", Data: "/z", Builder: "/z"}); err == nil {
			t.Errorf("%q was accepted", folder)
		}
	}
}

func TestMoreNodesAreInEveryFile(t *testing.T) {
	text := strings.Replace(string(network.Sample), "orderers: {count: 1", "orderers: {count: 3", 1)
	text = strings.Replace(text, "peers: {count: 1, port: 7200}", "peers: {count: 2, port: 7200}", 1)
	c, err := consortium.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	compose, err := render.Compose(c)
	if err != nil {
		t.Fatal(err)
	}
	configtx, err := render.Configtx(c, consortium.Compose, "keys")
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"orderer2.clearing.example", "peer1.duinmarkt.example", "chaincode1-blue.duinmarkt.example"} {
		if !strings.Contains(string(compose), "\n  "+host+":\n    <<: *restart") {
			t.Errorf("docker-compose.yaml has no %s", host)
		}
	}
	if n := strings.Count(string(configtx), "          - Host: orderer"); n != 3 {
		t.Errorf("configtx.yaml has %d consenters", n)
	}
	for _, file := range [][]byte{compose, configtx} {
		if err := yaml.Unmarshal(file, new(any)); err != nil {
			t.Error(err)
		}
	}
}
