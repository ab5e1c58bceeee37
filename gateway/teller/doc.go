// Package teller turns what a till asks for into commands of the ledger, and what the ledger says
// into something a till can show and print. It decides nothing about points: the chaincode does.
//
// The life of a request:
//
//  1. Its names are derived from the chain's secret: the operation from the till's idempotency key,
//     the receipt from its natural key (chain, store, till, business date, number), the salt of
//     its private bytes and the fingerprint of its content from both. So a repeat, at this
//     gateway or after a restart, makes the very same command.
//  2. What names a store, a till, an amount or a person goes into the command's details, which only
//     the endorsers see, or is sealed in the vault. The command itself is public.
//  3. The command runs in a flight of its own that outlives the request: a till that hangs up does
//     not stop it. A second request for the same operation joins the flight.
//  4. A return that was computed from an opening that has changed meanwhile, or a command that the
//     account's clock is ahead of, was not decided: it is made again, a bounded number of times.
//  5. The outcome becomes an Answer. If nobody knows it in time, the Answer says pending.
package teller
