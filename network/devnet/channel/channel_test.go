package channel_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/policy"
)

func authority(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

func plan(t testing.TB) channel.Plan {
	t.Helper()
	p := channel.Plan{Channel: "trade", Created: time.Now(), Nonce: []byte("nonce"), ACLs: map[string]string{"peer/Propose": "Readers"},
		Orderer: channel.Orderer{MSPID: "AMSP", Address: "localhost:7050", MaxMessageCount: 7, BatchTimeout: 3 * time.Second, PreferredMaxBytes: 8, AbsoluteMaxBytes: 9}}
	for _, name := range []string{"CMSP", "AMSP", "BMSP"} {
		p.Organisations = append(p.Organisations, channel.Organisation{MSPID: name, CA: authority(t), TLSCA: authority(t), NodeOUs: true,
			ReadOnly: name == "CMSP", AnchorPeers: []string{"localhost:7051"}})
	}
	return p
}

func genesis(t testing.TB) *common.Block {
	t.Helper()
	block, err := channel.Genesis(plan(t))
	if err != nil {
		t.Fatal(err)
	}
	return block
}

func TestConfigurationSurvivesTheBlock(t *testing.T) {
	c, err := channel.FromBlock(genesis(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.ID() != "trade" || !slices.Equal(c.Organisations(), []string{"AMSP", "BMSP", "CMSP"}) || c.BatchTimeout() != 3*time.Second ||
		c.BatchSize().GetMaxMessageCount() != 7 || c.BatchSize().GetPreferredMaxBytes() != 8 || c.BatchSize().GetAbsoluteMaxBytes() != 9 {
		t.Errorf("channel %+v", c)
	}
	if err := c.CheckAccess("peer/Propose", policy.Signed{}); err == nil || !strings.Contains(err.Error(), "check policy [/Channel/Application/Readers]") {
		t.Errorf("an abbreviated policy: %v", err)
	}
	if err := c.Evaluate("/Channel/Application/Nothing"); err == nil || err.Error() != "no such policy: 'Application/Nothing'" {
		t.Errorf("an unknown policy: %v", err)
	}
	ways := channel.Combinations(c.Policy(channel.ApplicationEndorsers))
	if len(ways) != 3 {
		t.Errorf("a majority of three is %v", ways)
	}
}

func TestPlansThatCannotWork(t *testing.T) {
	for name, change := range map[string]func(*channel.Plan){
		"an orderer of nobody":          func(p *channel.Plan) { p.Orderer.MSPID = "XMSP" },
		"an orderer without a port":     func(p *channel.Plan) { p.Orderer.Address = "localhost" },
		"an anchor peer without a port": func(p *channel.Plan) { p.Organisations[0].AnchorPeers = []string{"localhost"} },
		"a name no policy can have":     func(p *channel.Plan) { p.Organisations[0].MSPID = "A MSP" },
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(t)
			change(&p)
			if _, err := channel.Genesis(p); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func FuzzFromBlock(f *testing.F) {
	encoded, err := proto.Marshal(genesis(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Fuzz(func(t *testing.T, encoded []byte) {
		block := &common.Block{}
		if proto.Unmarshal(encoded, block) != nil {
			return
		}
		if c, err := channel.FromBlock(block); err == nil && c.BatchSize() == nil {
			t.Error("a channel without a batch size")
		}
	})
}
