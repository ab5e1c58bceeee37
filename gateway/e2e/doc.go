// Package e2e tries the whole system as its users do: gateways over HTTP on a running network, the
// devnet in this process by default, real Fabric with -fabric. The same tests run on both.
package e2e
