#!/usr/bin/env bash
# What has to be saved, and a drill: lose a gateway's folder and a peer's ledger, and have both back.
set -euo pipefail
. "$(dirname "$0")/env.sh"
BACKUP=${BACKUP:-$(mktemp -d)}
GATEWAY=http://127.0.0.1:$((8081 + PORT_SHIFT))
KEY=$(sed -n 's/.*"till": "\(.*\)",/\1/p' "$NETWORK/directory.json" | head -n 1)
till() {
  curl --silent --show-error --fail-with-body "$GATEWAY$1" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
    -H "Idempotency-Key: drill-$(fresh)" -d "$2"
}
member_of() { sed 's/.*"member":"\([0-9a-f]*\)".*/\1/'; }

# --- somebody to find again ---
PHONE=+3161$(($(date +%s) % 9000000 + 1000000))
NOOR=$(till /v1/members '{"name":"Noor de Wit","phone":"'"$PHONE"'"}' | member_of)

# --- a gateway: everything in its folder, while it stands still ---
"$ZEGEL" network stop --data "$NETWORK" gateway.korenaar.example
tar -czf "$BACKUP/gateway.tar.gz" -C "$NETWORK/gateways" korenaar.example
"$ZEGEL" network start --data "$NETWORK" gateway.korenaar.example

# --- keys and certificates ---
tar -czf "$BACKUP/organisation.tar.gz" -C "$NETWORK/organisations" korenaar.example

# --- a peer: its data, while it stands still. The chain's other peers and all other chains go on ---
"$ZEGEL" network stop --data "$NETWORK" peer0.korenaar.example
tar -czf "$BACKUP/peer.tar.gz" -C "$NETWORK/nodes/peer0.korenaar.example" data
"$ZEGEL" network start --data "$NETWORK" peer0.korenaar.example
"$ZEGEL" network status --data "$NETWORK" --wait 60s

# --- life goes on ---
endorsed_by duinmarkt clearing
as duinmarkt manager
submit WhoAmI

# --- lose both ---
"$ZEGEL" network stop --data "$NETWORK" gateway.korenaar.example peer0.korenaar.example
rm -r "$NETWORK/gateways/korenaar.example" "$NETWORK/nodes/peer0.korenaar.example/data"

# --- and have them back: the peer catches up with the blocks that came meanwhile ---
tar -xzf "$BACKUP/peer.tar.gz" -C "$NETWORK/nodes/peer0.korenaar.example"
"$ZEGEL" network start --data "$NETWORK" peer0.korenaar.example
"$ZEGEL" network status --data "$NETWORK" --wait 60s
caught_up() { [[ $(height_of korenaar) -ge $(height_of clearing) ]]; }
until_so 60 caught_up
tar -xzf "$BACKUP/gateway.tar.gz" -C "$NETWORK/gateways"
"$ZEGEL" network start --data "$NETWORK" gateway.korenaar.example

# --- the member is found by telephone number, which only the gateway's secret can do, and the name can be read ---
[[ $(till /v1/lookups '{"phone":"'"$PHONE"'"}' | member_of) == "$NOOR" ]]
AGENT=$(sed -n 's/.*"agent": "\(.*\)",/\1/p' "$NETWORK/directory.json" | head -n 1)
says 'Noor de Wit' curl --silent --show-error "$GATEWAY/v1/members/$NOOR/profile" -H "Authorization: Bearer $AGENT"
"$ZEGEL" network status --data "$NETWORK" --wait 60s
