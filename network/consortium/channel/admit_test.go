package channel_test

import (
	"slices"
	"testing"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/channel"
)

// TestAnAdmissionChangesNothingElse compares the update with a channel that began with four chains.
func TestAnAdmissionChangesNothingElse(t *testing.T) {
	three, root := sample(t)
	four, err := three.Admit(consortium.Newcomer{Name: "Boterbloem", MSPID: "BoterbloemMSP", Domain: "boterbloem.example", Port: 7600}, "")
	if err == nil {
		err = four.Ensure(root)
	}
	if err != nil {
		t.Fatal(err)
	}
	present, wanted := configFor(t, three, root), configFor(t, four, root)
	text, err := channel.Admit(present, four, consortium.Native, root)
	if err != nil {
		t.Fatal(err)
	}
	update := &cb.ConfigUpdate{}
	if err := proto.Unmarshal(text, update); err != nil {
		t.Fatal(err)
	}
	application := update.GetWriteSet().GetGroups()["Application"]
	if update.GetChannelId() != "loyalty" || len(update.GetWriteSet().GetGroups()) != 1 || application.GetVersion() != 1 {
		t.Errorf("the update is not one of the members alone: version %d", application.GetVersion())
	}
	for name, value := range application.GetValues() {
		if len(value.GetValue()) != 0 || value.GetVersion() != 0 { // the empty value of the version of before is a reference
			t.Errorf("the update changes %s", name)
		}
	}
	for _, member := range channel.Members(present) {
		if group := application.GetGroups()[member]; len(group.GetValues()) != 0 {
			t.Errorf("the update changes %s", member)
		}
	}
	if !slices.Contains(channel.Members(wanted), "BoterbloemMSP") || slices.Contains(channel.Members(present), "BoterbloemMSP") {
		t.Errorf("members before %v, after %v", channel.Members(present), channel.Members(wanted))
	}
	compare(t, "BoterbloemMSP", application.GetGroups()["BoterbloemMSP"], wanted.GetChannelGroup().GetGroups()["Application"].GetGroups()["BoterbloemMSP"])

	if again, err := channel.Admit(wanted, four, consortium.Native, root); err != nil || again != nil {
		t.Errorf("members were admitted a second time: %x %v", again, err)
	}
}

func configFor(t *testing.T, c consortium.Consortium, root string) *cb.Config {
	t.Helper()
	block, err := channel.Genesis(c, consortium.Native, root)
	if err != nil {
		t.Fatal(err)
	}
	return configOf(t, block)
}
