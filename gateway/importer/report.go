package importer

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/zegel/zegel/gateway/journal"
	"github.com/zegel/zegel/gateway/teller"
)

// ReportLine is what one member has of one issuer, by the gateways' word.
type ReportLine struct {
	Member string
	Issuer int // index of the chain
	Earned int64
	Clawed int64
	Net    int64
}

// Report asks the gateways for every member of an import and lists, for every chain at which the
// member has an event, what the ledger says. Lines are sorted by member, then issuer.
func Report(ctx context.Context, o Options, members map[string]string) ([]ReportLine, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: o.Concurrency, MaxConnsPerHost: o.Concurrency}
	defer transport.CloseIdleConnections()
	c := client{http: &http.Client{Transport: transport, Timeout: 30 * time.Second}, patience: o.Patience}
	tasks := plan(o.Events, 0, false)
	answers := make([][]ReportLine, len(tasks))
	errs := make([]error, len(tasks))
	var workers sync.WaitGroup
	free := make(chan struct{}, o.Concurrency)
	for i, t := range tasks {
		free <- struct{}{}
		workers.Go(func() {
			defer func() { <-free }()
			answers[i], errs[i] = c.report(ctx, o, t, members[t.member])
		})
	}
	workers.Wait()
	var lines []ReportLine
	for i := range tasks {
		if errs[i] != nil {
			return nil, errs[i]
		}
		lines = append(lines, answers[i]...)
	}
	slices.SortFunc(lines, func(a, b ReportLine) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Issuer, b.Issuer))
	})
	return lines, nil
}

// report reads one member's account at the chain that enrolled it.
func (c *client) report(ctx context.Context, o Options, t task, member string) ([]ReportLine, error) {
	home := o.Chains[o.Events[t.events[0]].Chain]
	var account teller.Account
	if err := c.get(ctx, home, "/v1/members/"+member+"/account", &account); err != nil {
		return nil, err
	}
	var lines []ReportLine
	for issuer, chain := range o.Chains {
		if !shopsAt(o.Events, t, issuer) {
			continue
		}
		line := ReportLine{Member: t.member, Issuer: issuer}
		for _, i := range account.Issuers {
			if i.Issuer == chain.MSP {
				line.Earned, line.Clawed, line.Net = i.Earned, i.Clawed, i.Net
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func shopsAt(events []journal.Event, t task, chain int) bool {
	return slices.ContainsFunc(t.events, func(n int) bool { return events[n].Chain == chain && events[n].Kind != journal.Redeem })
}

// WriteReport writes lines as CSV under the header customer_id,issuer,earned,clawed,net.
func WriteReport(w io.Writer, lines []ReportLine) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"customer_id", "issuer", "earned", "clawed", "net"}); err != nil {
		return err
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, l := range lines {
		record := []string{l.Member, strconv.Itoa(l.Issuer), number(l.Earned), number(l.Clawed), number(l.Net)}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
