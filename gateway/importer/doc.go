// Package importer replays a journal through the chains' gateways over HTTP, as tills would have:
// members are enrolled, then every event is sent under an Idempotency-Key of its own. Events of
// one member keep their order, because a return follows its sale; members overtake each other.
//
// Sending an event twice changes nothing, so an import that was interrupted is simply run again.
package importer
