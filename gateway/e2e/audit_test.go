package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/audit"
	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/network/consortium"
)

// auditEverything runs after all tests and ends every one of them: whatever they did to the ledger, an
// auditor with a read-only identity must find it clean, and every chain's peer must have the same.
// It gives the exit code.
func auditEverything() int {
	started := time.Now()
	report, err := auditAsAuditor()
	if err != nil {
		fmt.Fprintln(os.Stderr, "audit:", err)
		return 1
	}
	for _, f := range report.Findings {
		fmt.Println("audit:", f)
	}
	fmt.Printf("audited %d blocks, %d operations in %s: %d findings\n",
		report.Counts.Blocks, report.Counts.Operations, time.Since(started).Round(time.Millisecond), len(report.Findings))
	if !report.Clean {
		return 1
	}
	return 0
}

func auditAsAuditor() (report *audit.Report, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	organisation, err := world.consortium.Organisation("Auditor")
	if err != nil {
		return nil, err
	}
	auditor, closeAuditor, err := blockReader(organisation, "auditor")
	if err != nil {
		return nil, err
	}
	defer closeAuditor()
	height, err := auditor.Height(ctx)
	if err != nil {
		return nil, err
	}
	others := map[string]chain.Source{}
	for _, o := range world.consortium.Chains() {
		reader, closeReader, err := blockReader(o, "pos")
		if err != nil {
			return nil, err
		}
		defer closeReader()
		others[o.MSPID] = blocksBelow(ctx, reader, height)
	}
	a, err := audit.New(audit.Options{Channel: world.consortium.Channel, Chaincode: world.consortium.Chaincode.Name, Height: height})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Compare(blocksBelow(ctx, auditor, height), others, nil); err != nil && !errors.Is(err, audit.ErrBroken) {
		return nil, err
	}
	return a.Finish()
}

// blockReader connects one of an organisation's users to read blocks with.
func blockReader(o consortium.Organisation, role string) (*fabric.Client, func(), error) {
	user, err := o.User(role)
	if err != nil {
		return nil, nil, err
	}
	profile, err := fabric.LoadProfile(filepath.Join(world.dir, "gateways", "connection-profiles", o.Name+".yaml"))
	if err != nil {
		return nil, nil, err
	}
	identity, err := fabric.LoadIdentity(o.MSPID, o.Folder(world.crypto).MemberMSP(user))
	if err != nil {
		return nil, nil, err
	}
	client, err := fabric.Connect(profile, identity, fabric.Options{Log: quiet()})
	if err != nil {
		return nil, nil, err
	}
	return client, func() { _ = client.Close() }, nil
}

// blocksBelow is what a peer has of the chain, up to a height that it will reach if it has not.
func blocksBelow(ctx context.Context, client *fabric.Client, height uint64) chain.Source {
	enough := errors.New("enough")
	return func(first uint64) iter.Seq2[*common.Block, error] {
		return func(yield func(*common.Block, error) bool) {
			err := client.Blocks(ctx, first, func(b *common.Block) error {
				if !yield(b, nil) || b.GetHeader().GetNumber()+1 >= height {
					return enough
				}
				return nil
			})
			if !errors.Is(err, enough) {
				yield(nil, err)
			}
		}
	}
}
