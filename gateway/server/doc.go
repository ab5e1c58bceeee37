// Package server is the HTTP face of one chain's gateway: what a till, a service desk, an auditor
// and a browser talk to. It is the only package that knows HTTP.
//
// A request passes these gates, in this order, and the first that says no answers for all:
//
//	trace         a request id and a W3C trace context, taken or made
//	observe       one log line and one measurement, whatever happens after
//	recovered     a panic becomes a 500
//	admit         a bounded number of requests at once
//	authenticate  an API key (keyring.go), and not more often than it may
//	authorise     the role's row of the route table (routes.go)
//	keyed         writes carry an Idempotency-Key
//	decode        strict JSON, every fault with a pointer (body.go, tree.go, bind.go)
//	form          is it shaped like a request, and may this desk speak for that till (form.go)
//	in flight     one request per key at a time
//
// Then the teller decides (teller.go), and the answer is an Answer or an RFC 9457 problem with a
// stable code (problem.go). Each endpoint is one small file; openapi.yaml describes them all and
// the tests hold the two together.
package server
