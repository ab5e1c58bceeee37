package assembly

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/zegel/zegel/network/consortium"
)

// maxAnswer bounds what is read from a node's HTTP endpoint, in bytes.
const maxAnswer = 4 << 20

// participation speaks to one orderer's channel participation endpoint as its organisation's
// administrator.
type participation struct {
	host   string
	url    string
	client *http.Client
}

// participations are those of all orderers.
func (n *Network) participations() ([]*participation, error) {
	var all []*participation
	for _, o := range n.Consortium.WithOrderers() {
		for _, node := range o.Orderers {
			p, err := n.participation(o, node)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
	}
	return all, nil
}

func (n *Network) participation(o consortium.Organisation, node consortium.Orderer) (*participation, error) {
	folder := o.Folder(n.Layout.Material())
	authority, err := folder.Open()
	if err != nil {
		return nil, err
	}
	admin, err := folder.Credential(o.Admin())
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(admin.TLS.Certificate, admin.TLS.Key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate of %s: %w", admin.Name, err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.TLSRoot())
	return &participation{
		host: node.Host,
		url:  "https://" + n.Place.Address(node.Host, node.AdminPort) + "/participation/v1/channels",
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, ServerName: node.Host},
			DisableKeepAlives: true, // two calls in a network's life
		}},
	}, nil
}

// join makes the orderer part of the channel. An orderer that is already keeps what it has.
func (p *participation) join(ctx context.Context, channel string, genesis []byte) error {
	status, _, err := p.call(ctx, http.MethodGet, p.url+"/"+channel, "", nil)
	if err != nil || status == http.StatusOK {
		return err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("config-block", "config.block")
	if err == nil {
		_, err = part.Write(genesis)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	status, answer, err := p.call(ctx, http.MethodPost, p.url, form.FormDataContentType(), &body)
	if err != nil {
		return err
	}
	if status != http.StatusCreated {
		return fmt.Errorf("the orderer answered %d: %s", status, strings.TrimSpace(answer))
	}
	return nil
}

func (p *participation) call(ctx context.Context, method, url, contentType string, body io.Reader) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return 0, "", err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }() // it was read
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return response.StatusCode, string(answer), err
}
