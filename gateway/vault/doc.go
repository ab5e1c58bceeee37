// Package vault keeps what only one chain may know: the chain's secret, from which every name on
// the ledger that could be guessed is derived, and one encryption key per member, which is
// destroyed when the member asks to be forgotten.
//
// Two rules hold everywhere in it. Nothing that leaves a function as an error, a log attribute or
// a printed value holds a secret, a key, a telephone number, an e-mail address or a name. And
// whatever is derived from the secret is derived under a label of its own, so that no value made
// for one purpose is ever equal to a value made for another.
package vault
