package render

import (
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/channel"
)

// configtx is what the template reads.
type configtx struct {
	consortium.Consortium
	place consortium.Place

	Material             string
	TickInterval         string
	ElectionTicks        int
	HeartbeatTicks       int
	MaxInflightBlocks    int
	SnapshotIntervalSize int
}

// Address and Host are called by the template.
func (c configtx) Address(host string, port int) string { return c.place.Address(host, port) }

// Host is where the node called host is reached.
func (c configtx) Host(host string) string { return c.place.Host(host) }

// Configtx writes configtx.yaml for the nodes at place. material is the folder with all
// organisations' keys, as seen from the folder of the file.
func Configtx(c consortium.Consortium, place consortium.Place, material string) ([]byte, error) {
	return execute("configtx.yaml.tmpl", configtx{
		Consortium: c, place: place, Material: material,
		TickInterval:         channel.TickInterval,
		ElectionTicks:        channel.ElectionTicks,
		HeartbeatTicks:       channel.HeartbeatTicks,
		MaxInflightBlocks:    channel.MaxInflightBlocks,
		SnapshotIntervalSize: channel.SnapshotIntervalSize,
	})
}
