package native

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"

	"github.com/zegel/zegel/network/consortium"
)

// versionLine is where `peer version` says what it is. A build without a release says something else.
var versionLine = regexp.MustCompile(`(?m)^ Version: v?([0-9]+\.[0-9]+\.[0-9]+)`)

// checkRelease compares the binaries with the release that the description names: a node that lacks
// a capability of its channel ends, and long after it was started.
func (b Binaries) checkRelease(ctx context.Context, c consortium.Consortium) error {
	text, err := exec.CommandContext(ctx, b.Peer, "version").Output()
	if err != nil {
		return fmt.Errorf("%s version: %w", b.Peer, err)
	}
	found := versionLine.FindSubmatch(text)
	if found == nil {
		return nil
	}
	able := consortium.Consortium{Fabric: string(found[1])}
	if able.LongTerm() && !c.LongTerm() {
		return fmt.Errorf("%s is of release %s, which cannot run a channel of release %s: say fabric: %s in the description of the consortium", b.Peer, able.Fabric, c.Fabric, able.Fabric)
	}
	return nil
}
