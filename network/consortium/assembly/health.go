package assembly

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/zegel/zegel/network/consortium"
)

// operations is the client for the nodes' plain HTTP endpoints.
var operations = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// healthy asks a node's operations endpoint whether it is up.
func (n *Network) healthy(ctx context.Context, host string, port int) error {
	body, err := n.operation(ctx, host, port, "/healthz")
	if err != nil {
		return err
	}
	return body.Close()
}

func (n *Network) operation(ctx context.Context, host string, port int, path string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Place.Address(host, port)+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := operations.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close() // the status says it all
		return nil, fmt.Errorf("%s answered %s", path, response.Status)
	}
	return response.Body, nil
}

// leader finds the orderer that leads the channel. "Joined" is not "has a leader": for a second or so
// an orderer accepts connections and refuses every transaction.
func (n *Network) leader(ctx context.Context) (string, error) {
	var trouble []error
	for _, o := range n.Consortium.WithOrderers() {
		for _, node := range o.Orderers {
			leads, err := n.leads(ctx, node)
			if leads {
				return node.Host, nil
			}
			if err != nil {
				trouble = append(trouble, fmt.Errorf("%s: %w", node.Host, err))
			}
		}
	}
	return "", errors.Join(append(trouble, fmt.Errorf("no orderer leads the channel %s", n.Consortium.Channel))...)
}

func (n *Network) leads(ctx context.Context, node consortium.Orderer) (bool, error) {
	body, err := n.operation(ctx, node.Host, node.OperationsPort, "/metrics")
	if err != nil {
		return false, err
	}
	defer func() { _ = body.Close() }() // it was read
	want := fmt.Sprintf(`consensus_etcdraft_is_leader{channel=%q}`, n.Consortium.Channel)
	lines := bufio.NewScanner(io.LimitReader(body, maxAnswer))
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), want); found {
			return strings.TrimSpace(value) == "1", nil
		}
	}
	return false, lines.Err()
}
