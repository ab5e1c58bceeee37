package devnet_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"
)

// binary finds one of Fabric's binaries, or skips the test.
func binary(t *testing.T, name string) string {
	t.Helper()
	if dir := os.Getenv("FABRIC_BIN"); dir != "" {
		if path := filepath.Join(dir, name); isFile(path) {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("Fabric's %q is neither on PATH nor in FABRIC_BIN: nothing is checked against it", name)
	}
	return path
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// cli is the stock peer command line acting as a member.
type cli struct {
	t           *testing.T
	peer        string
	environment []string
	dir         string
	consortium  *consortium
}

// commandLine writes the folder of a local MSP and points the peer binary at an organisation's peer.
func (c *consortium) commandLine(t *testing.T, mspID, role string) *cli {
	t.Helper()
	dir := t.TempDir()
	ca := c.authorities[mspID]
	pair := ca.issue("cli", role)
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	unit := func(name string) string {
		return "  " + strings.ToUpper(name[:1]) + name[1:] + "OUIdentifier:\n    Certificate: cacerts/ca.pem\n    OrganizationalUnitIdentifier: " + name + "\n"
	}
	write("msp/cacerts/ca.pem", ca.pem)
	write("msp/tlscacerts/ca.pem", ca.pem)
	write("msp/signcerts/cert.pem", pair.Certificate)
	write("msp/keystore/key.pem", pair.Key)
	write("msp/config.yaml", []byte("NodeOUs:\n  Enable: true\n"+unit("client")+unit("peer")+unit("admin")+unit("orderer")))
	write("core.yaml", []byte("peer:\n  BCCSP:\n    Default: SW\n    SW:\n      Hash: SHA2\n      Security: 256\n  client:\n    connTimeout: 3s\n"))
	return &cli{t: t, peer: binary(t, "peer"), dir: dir, consortium: c, environment: append(os.Environ(),
		"FABRIC_CFG_PATH="+dir, "CORE_PEER_MSPCONFIGPATH="+filepath.Join(dir, "msp"), "CORE_PEER_LOCALMSPID="+mspID,
		"CORE_PEER_ADDRESS="+c.network.PeersOf(mspID)[0].Address, "CORE_PEER_TLS_ENABLED=true",
		"CORE_PEER_TLS_ROOTCERT_FILE="+filepath.Join(dir, "msp/tlscacerts/ca.pem"), "FABRIC_LOGGING_SPEC=error")}
}

func (c *cli) run(args ...string) (string, error) {
	c.t.Helper()
	command := exec.Command(c.peer, args...)
	command.Dir, command.Env = c.dir, c.environment
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	return out.String() + errs.String(), err
}

func (c *cli) must(args ...string) string {
	c.t.Helper()
	out, err := c.run(args...)
	if err != nil {
		c.t.Fatalf("peer %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// otherCA writes the TLS authority of another organisation.
func (c *cli) otherCA(mspID string) string {
	path := filepath.Join(c.dir, mspID+".pem")
	must(c.t, os.WriteFile(path, c.consortium.authorities[mspID].pem, 0o600))
	return path
}

func TestPeerCommandLine(t *testing.T) {
	binary(t, "peer")
	c := newConsortium(t).start()
	admin := c.commandLine(t, "AMSP", "admin")
	orderer := []string{"-o", c.network.OrdererAddress(), "--tls", "--cafile", admin.otherCA("AMSP")}
	t.Run("chaincode invoke on two organisations", func(t *testing.T) {
		out := admin.must(append([]string{"chaincode", "invoke", "-C", channelName, "-n", "basic", "-c", `{"Args":["put","k","from the command line"]}`,
			"--peerAddresses", c.network.PeersOf("AMSP")[0].Address, "--tlsRootCertFiles", admin.otherCA("AMSP"),
			"--peerAddresses", c.network.PeersOf("BMSP")[0].Address, "--tlsRootCertFiles", admin.otherCA("BMSP"), "--waitForEvent"}, orderer...)...)
		if !strings.Contains(out, "Chaincode invoke successful") && !strings.Contains(out, "status:200") && out != "" {
			t.Errorf("output %q", out)
		}
	})
	t.Run("chaincode query", func(t *testing.T) {
		if out := admin.must("chaincode", "query", "-C", channelName, "-n", "basic", "-c", `{"Args":["get","k"]}`); strings.TrimSpace(out) != "from the command line" {
			t.Errorf("output %q", out)
		}
		out, err := admin.run("chaincode", "query", "-C", channelName, "-n", "basic", "-c", `{"Args":["fail","no"]}`)
		if err == nil || !strings.Contains(out, `endorsement failure during query. response: status:500 message:"no"`) {
			t.Errorf("output %q", out)
		}
	})
	t.Run("channel list and getinfo", func(t *testing.T) {
		if out := admin.must("channel", "list"); !strings.Contains(out, channelName) {
			t.Errorf("output %q", out)
		}
		out := admin.must("channel", "getinfo", "-c", channelName)
		if !strings.Contains(out, `"height":3`) {
			t.Errorf("output %q", out)
		}
	})
	t.Run("lifecycle querycommitted and queryinstalled", func(t *testing.T) {
		if out := admin.must("lifecycle", "chaincode", "querycommitted", "-C", channelName, "-n", "basic"); !strings.Contains(out, "Version: 1.0, Sequence: 1") || !strings.Contains(out, "CMSP: true") {
			t.Errorf("output %q", out)
		}
		if out := admin.must("lifecycle", "chaincode", "querycommitted", "-C", channelName); !strings.Contains(out, "Name: basic") {
			t.Errorf("output %q", out)
		}
		if out := admin.must("lifecycle", "chaincode", "queryinstalled"); !strings.Contains(out, "Label: basic_1.0") {
			t.Errorf("output %q", out)
		}
	})
	t.Run("channel fetch from peer and orderer", func(t *testing.T) {
		for _, from := range [][]string{nil, orderer} {
			for _, position := range []string{"config", "newest", "oldest", "2"} {
				file := filepath.Join(admin.dir, "fetched.block")
				admin.must(append([]string{"channel", "fetch", position, file, "-c", channelName}, from...)...)
				readBlock(t, file)
			}
		}
	})
}

func readBlock(t *testing.T, file string) *common.Block {
	t.Helper()
	encoded, err := os.ReadFile(file)
	must(t, err)
	block := &common.Block{}
	must(t, proto.Unmarshal(encoded, block))
	return block
}

func TestConfigurationBlockDecodes(t *testing.T) {
	configtxlator := binary(t, "configtxlator")
	c := newConsortium(t).start()
	admin := c.commandLine(t, "AMSP", "admin")
	file := filepath.Join(admin.dir, "config.block")
	admin.must("channel", "fetch", "config", file, "-c", channelName)
	out, err := exec.Command(configtxlator, "proto_decode", "--type", "common.Block", "--input", file).Output()
	must(t, err)
	var decoded struct {
		Data struct {
			Data []struct {
				Payload struct {
					Data struct {
						Config struct {
							ChannelGroup struct {
								Groups map[string]struct {
									Groups map[string]struct {
										Values struct {
											MSP struct {
												Value struct{ Config struct{ Name string } }
											}
											Endpoints struct {
												Value struct{ Addresses []string }
											}
										}
										Policies map[string]any
									}
								}
							} `json:"channel_group"`
						}
					}
				}
			}
		}
	}
	must(t, json.Unmarshal(out, &decoded))
	groups := decoded.Data.Data[0].Payload.Data.Config.ChannelGroup.Groups
	auditor := groups["Application"].Groups["AuditorMSP"]
	if auditor.Values.MSP.Value.Config.Name != "AuditorMSP" || auditor.Policies["Writers"] == nil {
		t.Errorf("the auditor's group is %+v", auditor)
	}
	if endpoints := groups["Orderer"].Groups["AMSP"].Values.Endpoints.Value.Addresses; len(endpoints) != 1 || endpoints[0] != c.network.OrdererAddress() {
		t.Errorf("the orderer is at %v", endpoints)
	}
}
