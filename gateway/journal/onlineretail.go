package journal

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// OnlineRetail reads the receipts of an online retailer (Daqing Chen, UCI Machine Learning
// Repository, 2015, DOI 10.24432/C5BW33, CC BY 4.0) from dir: events.csv.gz and, if it is there,
// lines.csv.gz. The receipt number modulo chains chooses the chain; a refund goes to the chain
// of its sale. Pence count as minor units of the programme's currency.
func OnlineRetail(dir string, chains int) ([]Event, error) {
	if chains < 1 {
		return nil, errors.New("a journal needs at least one chain")
	}
	lines, err := readLines(filepath.Join(dir, "lines.csv.gz"))
	if err != nil {
		return nil, err
	}
	var events []Event
	path := filepath.Join(dir, "events.csv.gz")
	err = eachRow(path, func(r row) error {
		event, err := r.event(chains)
		if err != nil {
			return err
		}
		if event.Kind == Sale {
			event.Lines = linesOf(lines[event.Receipt], event.Total)
		}
		events = append(events, event)
		return event.check()
	})
	if err != nil {
		return nil, err
	}
	return events, nil
}

// row is one record of a CSV file by column name.
type row map[string]string

func (r row) event(chains int) (Event, error) {
	at, err := time.Parse("2006-01-02T15:04:05", r["datetime"])
	if err != nil {
		return Event{}, fmt.Errorf("datetime: %w", err)
	}
	amount, err := strconv.ParseInt(r["amount_p"], 10, 64)
	if err != nil {
		return Event{}, fmt.Errorf("amount_p: %w", err)
	}
	e := Event{Member: r["customer_id"], Store: "online", Terminal: "1", Receipt: r["event_no"], At: at}
	number := r["event_no"]
	switch r["type"] {
	case "earn":
		e.Kind, e.Total = Sale, amount
	case "refund":
		e.Kind, e.Amount, e.Sale = Return, amount, r["original_receipt_no"]
		number = e.Sale
	default:
		return Event{}, fmt.Errorf("type %q is neither earn nor refund", r["type"])
	}
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil {
		return Event{}, fmt.Errorf("receipt number %q is not a number", number)
	}
	e.Chain = int(n % uint64(chains))
	return e, nil
}

// linesOf gives the lines of a sale if they add up to what the sale came to. The events leave
// cancelled and non-product lines out, so sometimes they do not; then the sale goes without.
func linesOf(lines []Line, total int64) []Line {
	var sum int64
	for _, l := range lines {
		sum += l.Amount
	}
	if sum != total || len(lines) > 500 {
		return nil
	}
	return lines
}

// readLines reads the lines of all receipts. The file may be absent.
func readLines(path string) (map[string][]Line, error) {
	lines := make(map[string][]Line)
	err := eachRow(path, func(r row) error {
		quantity, err := strconv.ParseInt(r["qty"], 10, 32)
		if err != nil {
			return fmt.Errorf("qty: %w", err)
		}
		mils, err := strconv.ParseInt(r["unit_price_mils"], 10, 40)
		if err != nil {
			return fmt.Errorf("unit_price_mils: %w", err)
		}
		if quantity > 0 && mils >= 0 {
			line := Line{SKU: r["sku"], Quantity: quantity, Amount: (quantity*mils + 5) / 10}
			lines[r["receipt_no"]] = append(lines[r["receipt_no"]], line)
		}
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		return lines, nil
	}
	return lines, err
}

// eachRow calls do for each record of a gzipped CSV file with a header.
func eachRow(path string, do func(row) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	records := csv.NewReader(plain)
	header, err := records.Read()
	if err != nil {
		return fmt.Errorf("%s: header: %w", path, err)
	}
	for n := 2; ; n++ {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(rowOf(header, record))
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, n, err)
		}
	}
}

func rowOf(header, record []string) row {
	r := make(row, len(header))
	for i, name := range header {
		r[name] = record[i]
	}
	return r
}
