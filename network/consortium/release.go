package consortium

import (
	"fmt"
	"regexp"
	"strconv"
)

// release is a tag of the official images from which the version can be told: "3.1.5", "2.5". A tag such
// as "latest" would make the channel's capabilities depend on the day.
var release = regexp.MustCompile(`^([0-9]{1,3})\.([0-9]{1,3})(\.[0-9]{1,3})?(-[A-Za-z0-9_.-]{1,64})?$`)

// oldest is the first release with PurgePrivateData, without which personal data cannot be erased.
var oldest = [2]int{2, 5}

// releaseOf reads major and minor version; ok is false when there are none, or they are too old.
func releaseOf(tag string) (version [2]int, ok bool) {
	parts := release.FindStringSubmatch(tag)
	if parts == nil {
		return version, false
	}
	for i := range version {
		version[i], _ = strconv.Atoi(parts[i+1]) // the pattern lets digits through alone
	}
	return version, version[0] > oldest[0] || version[0] == oldest[0] && version[1] >= oldest[1]
}

// Capabilities are what every node of the channel must be able to do. A node that lacks one stops.
type Capabilities struct{ Channel, Orderer, Application string }

// Capabilities are those of the release that the consortium runs. Application V2_5 brings
// PurgePrivateData; Channel V3_0 is what Fabric 3 adds and Fabric 2.5, the long-term release,
// does not know. Batched state access needs none: peer and chaincode agree on it when they
// connect, and a 2.5 peer reads and writes one key at a time.
func (c Consortium) Capabilities() Capabilities {
	all := Capabilities{Channel: "V3_0", Orderer: "V2_0", Application: "V2_5"}
	if c.LongTerm() {
		all.Channel = "V2_0"
	}
	return all
}

// Release is the line of releases whose capabilities the channel has: "3.1".
func (c Consortium) Release() string {
	version, _ := releaseOf(c.Fabric)
	return fmt.Sprintf("%d.%d", version[0], version[1])
}

// LongTerm tells Fabric 2.5, the long-term release, from what came after it. Its peers cannot refuse proposals
// whose time differs much from their own (the chaincode bounds that in any case), and its orderers
// stop at settings that they do not know.
func (c Consortium) LongTerm() bool {
	version, ok := releaseOf(c.Fabric)
	return ok && version[0] == oldest[0]
}
