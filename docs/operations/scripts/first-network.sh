#!/usr/bin/env bash
# The consortium on real Fabric, from nothing to a first look around. It stays up.
set -euo pipefail
ZEGEL=${ZEGEL:-bin/zegel} NETWORK=${NETWORK:-.zegel/network} PORT_SHIFT=${PORT_SHIFT:-0}

# --- up, and how it is ---
"$ZEGEL" network up --data "$NETWORK" --port-shift "$PORT_SHIFT"
"$ZEGEL" network status --data "$NETWORK"
"$ZEGEL" network logs --data "$NETWORK" gateway.korenaar

. "$(dirname "$0")/env.sh"

# --- what the orderer serves, as the clearing house's administrator ---
ADMIN=$NETWORK/organisations/clearing.example/users/admin@clearing.example/tls
osnadmin channel list -o "127.0.0.1:$((7502 + PORT_SHIFT))" --ca-file "$(root_of clearing)" \
  --client-cert "$ADMIN/client.crt" --client-key "$ADMIN/client.key"

# --- what each peer has, as its own administrator ---
for organisation in "${members[@]}"; do
  as "$organisation" admin
  peer channel getinfo -c loyalty
  peer lifecycle chaincode queryinstalled
done
peer lifecycle chaincode querycommitted -C loyalty -n loyalty

# --- what is missing is said in words: take a peer away, look, bring it back ---
"$ZEGEL" network stop --data "$NETWORK" peer0.lindeboom.example
refused "peer0.lindeboom.example is not up: nothing listens" "$ZEGEL" network status --data "$NETWORK"
"$ZEGEL" network start --data "$NETWORK" peer0.lindeboom.example
"$ZEGEL" network status --data "$NETWORK" --wait 60s
