package channel

import (
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/policy"
)

// builder makes configuration groups and keeps the first error, so that building reads like the configuration.
type builder struct{ err error }

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) group() *common.ConfigGroup {
	return &common.ConfigGroup{Groups: map[string]*common.ConfigGroup{}, Values: map[string]*common.ConfigValue{},
		Policies: map[string]*common.ConfigPolicy{}, ModPolicy: admins}
}

func (b *builder) encode(message proto.Message) []byte {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	b.fail(err)
	return encoded
}

func (b *builder) value(group *common.ConfigGroup, key string, message proto.Message) {
	group.Values[key] = &common.ConfigValue{Value: b.encode(message), ModPolicy: admins}
}

func (b *builder) signature(group *common.ConfigGroup, name, text string) {
	envelope, err := policy.Parse(text)
	if err != nil {
		b.fail(fmt.Errorf("policy %s: %w", name, err))
		return
	}
	group.Policies[name] = &common.ConfigPolicy{ModPolicy: admins,
		Policy: &common.Policy{Type: int32(common.Policy_SIGNATURE), Value: b.encode(envelope)}}
}

// meta adds implicit meta policies given as name and rule: "Readers", "ANY Readers".
func (b *builder) meta(group *common.ConfigGroup, namesAndRules ...string) {
	for i := 0; i+1 < len(namesAndRules); i += 2 {
		rule, below, _ := strings.Cut(namesAndRules[i+1], " ")
		definition := &common.ImplicitMetaPolicy{SubPolicy: below,
			Rule: common.ImplicitMetaPolicy_Rule(common.ImplicitMetaPolicy_Rule_value[rule])}
		group.Policies[namesAndRules[i]] = &common.ConfigPolicy{ModPolicy: admins,
			Policy: &common.Policy{Type: int32(common.Policy_IMPLICIT_META), Value: b.encode(definition)}}
	}
}
