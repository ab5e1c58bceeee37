package devnet_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zegel/zegel/network/devnet"
)

// The scripts of an external builder for chaincode as a service.
var builderScripts = map[string]string{
	"detect":  "#!/bin/sh\ngrep -q ccaas \"$2/metadata.json\"\n",
	"build":   "#!/bin/sh\ncp \"$1/connection.json\" \"$3/\"\n",
	"release": "#!/bin/sh\nmkdir -p \"$2/chaincode/server\" && cp \"$1/connection.json\" \"$2/chaincode/server/\"\n",
}

func (j *judge) writeBuilder() {
	for name, script := range builderScripts {
		path := filepath.Join(j.dir, "builder", "bin", name)
		must(j.t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(j.t, os.WriteFile(path, []byte(script), 0o700))
	}
}

// archive is a gzipped tar file.
func archive(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zipper := gzip.NewWriter(&out)
	writer := tar.NewWriter(zipper)
	for name, content := range files {
		must(t, writer.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))}))
		_, err := writer.Write(content)
		must(t, err)
	}
	must(t, writer.Close())
	must(t, zipper.Close())
	return out.Bytes()
}

// install installs the basic chaincode on the judge as a service in this process, and approves the definition for its
// organisation. Fabric accepts that only if it encodes the definition as the devnet does.
func (j *judge) install(c *consortium) {
	j.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(j.t, err)
	code := archive(j.t, map[string][]byte{"connection.json": []byte(`{"address":"` + listener.Addr().String() + `","dial_timeout":"10s","tls_required":false}`)})
	file := filepath.Join(j.dir, "basic.tgz")
	must(j.t, os.WriteFile(file, archive(j.t, map[string][]byte{"metadata.json": []byte(`{"type":"ccaas","label":"basic_1.0"}`), "code.tar.gz": code}), 0o600))
	j.must("lifecycle", "chaincode", "install", file)
	id := regexp.MustCompile(`basic_1\.0:[0-9a-f]+`).FindString(j.must("lifecycle", "chaincode", "queryinstalled"))
	server := grpc.NewServer()
	peer.RegisterChaincodeServer(server, &shim.ChaincodeServer{CCID: id, CC: &basic{}})
	go func() { _ = server.Serve(listener) }()
	j.t.Cleanup(server.Stop)
	definition := c.config.Chaincodes[0]
	type endorsement struct {
		SignaturePolicy string `json:"signaturePolicy"`
	}
	var collections []map[string]any
	for _, one := range definition.Collections {
		collection := map[string]any{"name": one.Name, "policy": one.Policy, "requiredPeerCount": one.RequiredPeerCount, "maxPeerCount": one.MaxPeerCount,
			"blockToLive": one.BlockToLive, "memberOnlyRead": one.MemberOnlyRead, "memberOnlyWrite": one.MemberOnlyWrite}
		if one.Endorsement != "" {
			collection["endorsementPolicy"] = endorsement{one.Endorsement}
		}
		collections = append(collections, collection)
	}
	encoded, err := json.Marshal(collections)
	must(j.t, err)
	config := filepath.Join(j.dir, "collections.json")
	must(j.t, os.WriteFile(config, encoded, 0o600))
	j.must("lifecycle", "chaincode", "approveformyorg", "-o", c.network.OrdererAddress(), "--tls", "--cafile", j.otherCA("AMSP"),
		"-C", channelName, "-n", "basic", "-v", "1.0", "--sequence", "1", "--package-id", id,
		"--signature-policy", definition.Endorsement, "--collections-config", config)
}

// endorserAt connects to the endorser service of a peer of C.
func (c *consortium) endorserAt(t *testing.T, address string) peer.EndorserClient {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.authorities["CMSP"].pem)
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, "")))
	must(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return peer.NewEndorserClient(connection)
}

// proposal is a signed proposal, as a client sends it.
func (m *member) proposal(t *testing.T, c *client.Contract, options []client.ProposalOption, name string, args ...string) *peer.SignedProposal {
	t.Helper()
	proposal, err := c.NewProposal(name, append(options, client.WithArguments(args...))...)
	must(t, err)
	encoded, err := proposal.Bytes()
	must(t, err)
	proposed := &gateway.ProposedTransaction{}
	must(t, proto.Unmarshal(encoded, proposed))
	signed := proposed.GetProposal()
	signed.Signature = m.signature(signed.GetProposalBytes())
	return signed
}

func TestStockPeerEndorsesTheSame(t *testing.T) {
	binary(t, "peer")
	c := newConsortium(t, func(config *devnet.Config) { config.Chaincodes[0].Collections[1].MemberOnlyWrite = false }).start()
	j := c.startJudge(t)
	mine := c.commandLine(t, "CMSP", "admin")
	genesis := filepath.Join(j.dir, "genesis.block")
	mine.must("channel", "fetch", "oldest", genesis, "-c", channelName)
	j.join(genesis)
	j.writeBuilder()
	j.block(1)
	j.install(c)
	a := contract(c.as("AMSP"))
	keys := make([]string, 250)
	for i := range keys {
		keys[i] = "row" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
	}
	put(t, a, "batch", keys...)
	put(t, a, "put", "k", "v")
	put(t, a, "put", "k", "w")
	put(t, a, "restrict", "k", "AMSP", "BMSP")
	putPrivate(t, a, "shared", "p", "secret")
	c.level(t)
	j.block(c.network.Height("peer0.CMSP") - 1)
	ours, theirs := c.endorserAt(t, c.network.PeersOf("CMSP")[0].Address), c.endorserAt(t, j.address())
	m := c.member("CMSP")
	user := contract(c.with("CMSP", m.pair, ""))
	for _, call := range [][]string{
		{"get", "k"}, {"get", "absent"}, {"get", ""}, {"put", "k", "x"}, {"put", "k", ""}, {"put", "", "x"}, {"del", "k"}, {"del", "absent"}, {"add", "n", "1"}, {"readback", "k"},
		{"batch", "b2", "b1"}, {"many", "k", "row000", "absent"}, {"range", "row", "rox"}, {"range", "row000", "row003"}, {"range", "", ""}, {"range", "x", "y"},
		{"range", "z", "a"}, {"countAndPut", "row1", "row2", "z"}, {"page", "row", "rox", "3", ""}, {"page", "row", "rox", "100", "row100"}, {"page", "row", "rox", "0", "row248"},
		{"pageAndPut"}, {"history", "k"}, {"history", "absent"}, {"rich"}, {"restrict", "k", "CMSP"}, {"restrict", "absent", "CMSP"}, {"event", "made", "1"}, {"event", "", "1"},
		{"fail", "no"}, {"unknown"}, {"call", "nobody", "get", "k"}, {"call", "basic", "get", "k"}, {"call", "qscc", "GetChainInfo", channelName}, {"call", "cscc", "GetChannels"},
		{"call", "basic/nowhere", "get", "k"},
		{"putPrivate", "shared", "q"}, {"putPrivate", "onlyA", "q"}, {"putPrivate", "brief", "q"}, {"putPrivate", "nowhere", "q"}, {"getPrivate", "shared", "p"}, {"getPrivate", "brief", "absent"},
		{"getPrivate", "nowhere", "p"}, {"hashPrivate", "shared", "p"}, {"hashPrivate", "shared", "absent"}, {"hashPrivate", "nowhere", "p"}, {"delPrivate", "shared", "p"}, {"purgePrivate", "brief", "p"},
		{"rangePrivate", "brief", "", ""}, {"rangePrivateAndPut", "brief", "", ""}, {"policies", "brief", "k"}, {"restrictPrivate", "brief", "p", "AMSP"}, {"everythingAtOnce", "brief"}, {"putPrivate", "_implicit_org_CMSP", "k"},
	} {
		t.Run(strings.Join(call, " "), func(t *testing.T) {
			signed := m.proposal(t, user, []client.ProposalOption{transient("private")}, call[0], call[1:]...)
			ctx, cancel := contextFor(20 * time.Second)
			defer cancel()
			own, err := ours.ProcessProposal(ctx, signed)
			must(t, err)
			other, err := theirs.ProcessProposal(ctx, signed)
			must(t, err)
			compareResponses(t, own, other)
		})
	}
	compareFaults(t, c, ours, theirs)
}

// compareFaults sends proposals that are faulty in different ways to both peers.
func compareFaults(t *testing.T, c *consortium, ours, theirs peer.EndorserClient) {
	t.Helper()
	a := c.member("CMSP")
	for name, change := range map[string]func(*common.ChannelHeader, *common.SignatureHeader, *peer.SignedProposal){
		"another identifier": func(h *common.ChannelHeader, _ *common.SignatureHeader, _ *peer.SignedProposal) { h.TxId = "0000" },
		"an epoch":           func(h *common.ChannelHeader, _ *common.SignatureHeader, _ *peer.SignedProposal) { h.Epoch = 1 },
		"a strange type": func(h *common.ChannelHeader, _ *common.SignatureHeader, _ *peer.SignedProposal) {
			h.Type = int32(common.HeaderType_MESSAGE)
		},
		"another channel": func(h *common.ChannelHeader, _ *common.SignatureHeader, _ *peer.SignedProposal) {
			h.ChannelId = "nowhere"
		},
		"an old clock": func(h *common.ChannelHeader, _ *common.SignatureHeader, _ *peer.SignedProposal) {
			h.Timestamp = timestamppb.New(time.Now().Add(-time.Hour))
		},
		"no extension": func(h *common.ChannelHeader, _ *common.SignatureHeader, _ *peer.SignedProposal) { h.Extension = nil },
		"a garbled extension": func(h *common.ChannelHeader, _ *common.SignatureHeader, _ *peer.SignedProposal) {
			h.Extension = []byte("garbage")
		},
		"no nonce":   func(_ *common.ChannelHeader, s *common.SignatureHeader, _ *peer.SignedProposal) { s.Nonce = nil },
		"no creator": func(_ *common.ChannelHeader, s *common.SignatureHeader, _ *peer.SignedProposal) { s.Creator = nil },
		"a garbled creator": func(h *common.ChannelHeader, s *common.SignatureHeader, _ *peer.SignedProposal) {
			s.Creator = []byte("garbage")
			h.TxId = idOf(s)
		},
		"a stranger": func(h *common.ChannelHeader, s *common.SignatureHeader, _ *peer.SignedProposal) {
			s.Creator = c.stranger()
			h.TxId = idOf(s)
		},
		"another's creator": func(h *common.ChannelHeader, s *common.SignatureHeader, _ *peer.SignedProposal) {
			s.Creator = c.member("AMSP").creator
			h.TxId = idOf(s)
		},
		"garbage": func(_ *common.ChannelHeader, _ *common.SignatureHeader, p *peer.SignedProposal) {
			p.ProposalBytes = []byte("garbage")
		},
		"no signature": func(_ *common.ChannelHeader, _ *common.SignatureHeader, p *peer.SignedProposal) { p.Signature = nil },
		"a short signature": func(_ *common.ChannelHeader, _ *common.SignatureHeader, p *peer.SignedProposal) {
			p.Signature = []byte{1}
		},
	} {
		t.Run(name, func(t *testing.T) {
			signed := a.faulty(t, contract(c.with("CMSP", a.pair, "")), change)
			ctx, cancel := contextFor(10 * time.Second)
			defer cancel()
			own, mine := ours.ProcessProposal(ctx, signed)
			other, stock := theirs.ProcessProposal(ctx, signed)
			if textOf(mine) != textOf(stock) {
				t.Errorf("error\n%v\nbut the stock peer says\n%v", mine, stock)
			}
			if mine == nil && stock == nil {
				compareResponses(t, own, other)
			}
		})
	}
}

// clock is what differs between two peers' errors: the moment they were made.
var clock = regexp.MustCompile(`peer time [^,]*`)

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(clock.ReplaceAllString(err.Error(), ""), "\u00a0", " ") // protobuf varies its spaces
}

func idOf(header *common.SignatureHeader) string {
	id := sha256.Sum256(append(append([]byte{}, header.GetNonce()...), header.GetCreator()...))
	return hex.EncodeToString(id[:])
}

// stranger is an identity of an organisation outside the channel.
func (c *consortium) stranger() []byte {
	pair := mintAuthority(c.t, "XMSP").issue("x", "client")
	encoded, err := proto.Marshal(&msp.SerializedIdentity{Mspid: "XMSP", IdBytes: pair.Certificate})
	must(c.t, err)
	return encoded
}

// faulty is a signed proposal with its headers changed before the signature, and the rest after.
func (m *member) faulty(t *testing.T, c *client.Contract, change func(*common.ChannelHeader, *common.SignatureHeader, *peer.SignedProposal)) *peer.SignedProposal {
	t.Helper()
	signed := m.proposal(t, c, nil, "get", "k")
	proposal, header, channelHeader, signatureHeader := &peer.Proposal{}, &common.Header{}, &common.ChannelHeader{}, &common.SignatureHeader{}
	must(t, proto.Unmarshal(signed.GetProposalBytes(), proposal))
	must(t, proto.Unmarshal(proposal.GetHeader(), header))
	must(t, proto.Unmarshal(header.GetChannelHeader(), channelHeader))
	must(t, proto.Unmarshal(header.GetSignatureHeader(), signatureHeader))
	change(channelHeader, signatureHeader, &peer.SignedProposal{})
	header.ChannelHeader, header.SignatureHeader = m.encode(channelHeader), m.encode(signatureHeader)
	proposal.Header = m.encode(header)
	signed.ProposalBytes = m.encode(proposal)
	signed.Signature = m.signature(signed.GetProposalBytes())
	change(channelHeader, signatureHeader, signed)
	return signed
}

func compareResponses(t *testing.T, mine, theirs *peer.ProposalResponse) {
	t.Helper()
	if !proto.Equal(mine.GetResponse(), theirs.GetResponse()) {
		t.Errorf("response\n%v\nbut the stock peer says\n%v", mine.GetResponse(), theirs.GetResponse())
	}
	if own, other := calls(mine.GetInterest()), calls(theirs.GetInterest()); !slices.Equal(own, other) {
		t.Errorf("interest\n%v\nbut the stock peer says\n%v", own, other)
	}
	if !bytes.Equal(mine.GetPayload(), theirs.GetPayload()) {
		t.Errorf("payload\n%s\nbut the stock peer says\n%s", describe(t, mine.GetPayload()), describe(t, theirs.GetPayload()))
	}
}

// calls is an interest as sorted texts: Fabric lists it in random order.
func calls(interest *peer.ChaincodeInterest) []string {
	var texts []string
	for _, call := range interest.GetChaincodes() {
		texts = append(texts, strings.Join(strings.Fields(call.String()), " "))
	}
	slices.Sort(texts)
	return texts
}

// describe writes a proposal response payload for people.
func describe(t *testing.T, encoded []byte) string {
	t.Helper()
	payload, action, set := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}, &rwset.TxReadWriteSet{}
	must(t, proto.Unmarshal(encoded, payload))
	must(t, proto.Unmarshal(payload.GetExtension(), action))
	must(t, proto.Unmarshal(action.GetResults(), set))
	text := action.GetResponse().String() + " " + action.GetChaincodeId().String() + "\n"
	for _, namespace := range set.GetNsRwset() {
		public := &kvrwset.KVRWSet{}
		must(t, proto.Unmarshal(namespace.GetRwset(), public))
		text += namespace.GetNamespace() + ": " + prototext.Format(public)
		for _, collection := range namespace.GetCollectionHashedRwset() {
			hashed := &kvrwset.HashedRWSet{}
			must(t, proto.Unmarshal(collection.GetHashedRwset(), hashed))
			text += collection.GetCollectionName() + ": " + prototext.Format(hashed)
		}
	}
	return text
}
