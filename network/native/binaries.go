package native

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// EnvFabricBin names the folder with Fabric's binaries. Without it they are looked for on PATH.
const EnvFabricBin = "FABRIC_BIN"

// Binaries are the programs of Fabric that a network runs.
type Binaries struct {
	Peer    string
	Orderer string
}

// FindBinaries looks for peer and orderer, both in FABRIC_BIN or both on PATH. The error names
// what is missing and where to get it.
func FindBinaries() (Binaries, error) {
	dir := os.Getenv(EnvFabricBin)
	var missing []string
	find := func(name string) string {
		wanted := name
		if dir != "" {
			wanted = filepath.Join(dir, name)
		}
		found, err := exec.LookPath(wanted)
		if err == nil {
			found, err = filepath.Abs(found)
		}
		if err != nil {
			missing = append(missing, name)
		}
		return found
	}
	b := Binaries{Peer: find("peer"), Orderer: find("orderer")}
	if len(missing) == 0 {
		return b, nil
	}
	where := "on PATH; set " + EnvFabricBin + " to the folder that holds them"
	if dir != "" {
		where = "in " + EnvFabricBin + "=" + dir
	}
	return Binaries{}, fmt.Errorf("no %s %s (they are part of a Fabric release: https://github.com/hyperledger/fabric/releases)",
		strings.Join(missing, " and no "), where)
}
