// Package journal reads what tills have written down: the sales, returns and redemptions of a
// period, one event a line, to be replayed through the gateways.
//
// The own format is JSON Lines, plain or gzipped, one Event per line; see docs/reference/journal.md.
// OnlineRetail reads a public set of real receipts into the same events, and Sample is a small
// generated journal that ships with the program.
package journal
