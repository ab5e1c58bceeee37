#!/usr/bin/env bash
# Bring a fourth chain, Boterbloem, into the running network with the standard tools and jq. Each organisation
# does its part at its own desk; here one shell plays them all.
set -euo pipefail
. "$(dirname "$0")/env.sh"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# --- the newcomer makes its keys; everybody describes it alike, after the last chain ---
if ! grep -q boterbloem "$DESCRIPTION"; then
  awk '/name: Clearing/ {
    print "  - name: Boterbloem\n    msp: BoterbloemMSP\n    domain: boterbloem.example\n    kind: chain"
    print "    peers: {count: 1, port: 7600}\n    gateway: 8084\n"
  } {print}' "$DESCRIPTION" >"$WORK/consortium.yaml"
  cp "$WORK/consortium.yaml" "$DESCRIPTION"
fi
"$ZEGEL" network material --data "$NETWORK" --port-shift "$PORT_SHIFT" --consortium "$DESCRIPTION"

# --- the newcomer hands over its definition: root certificates, policies, anchor peer ---
export FABRIC_CFG_PATH=$NETWORK/channel
configtxgen -printOrg BoterbloemMSP >"$WORK/organisation.json"
export FABRIC_CFG_PATH=$NETWORK/nodes/peer0.korenaar.example
jq --argjson port "$((7600 + PORT_SHIFT))" '.values.AnchorPeers =
  {mod_policy: "Admins", value: {anchor_peers: [{host: "127.0.0.1", port: $port}]}, version: "0"}' \
  "$WORK/organisation.json" >"$WORK/newcomer.json"

# --- a member fetches the channel's configuration and computes the update ---
as korenaar admin
peer channel fetch config "$WORK/config.block" -c loyalty "${orderer[@]}"
configtxlator proto_decode --type common.Block --input "$WORK/config.block" |
  jq '.data.data[0].payload.data.config' >"$WORK/config.json"
jq --slurpfile newcomer "$WORK/newcomer.json" \
  '.channel_group.groups.Application.groups.BoterbloemMSP = $newcomer[0]' "$WORK/config.json" >"$WORK/modified.json"
configtxlator proto_encode --type common.Config --input "$WORK/config.json" --output "$WORK/config.pb"
configtxlator proto_encode --type common.Config --input "$WORK/modified.json" --output "$WORK/modified.pb"
configtxlator compute_update --channel_id loyalty --original "$WORK/config.pb" --updated "$WORK/modified.pb" --output "$WORK/update.pb"
configtxlator proto_decode --type common.ConfigUpdate --input "$WORK/update.pb" |
  jq '{payload: {header: {channel_header: {channel_id: "loyalty", type: 2}}, data: {config_update: .}}}' |
  configtxlator proto_encode --type common.Envelope --output "$WORK/update.tx"

# --- more than half of the five members sign; whoever submits signs too ---
as korenaar admin
peer channel signconfigtx -f "$WORK/update.tx"
refused "implicit policy evaluation failed" peer channel update -f "$WORK/update.tx" -c loyalty "${orderer[@]}"
as duinmarkt admin
peer channel signconfigtx -f "$WORK/update.tx"
as clearing admin
peer channel update -f "$WORK/update.tx" -c loyalty "${orderer[@]}"

# --- the newcomer's peer starts, joins and catches up ---
chains=(korenaar duinmarkt lindeboom boterbloem) members=("${chains[@]}" clearing)
"$ZEGEL" network start --data "$NETWORK" peer0.boterbloem.example
as boterbloem admin
fetched() { peer channel fetch 0 "$WORK/genesis.block" -c loyalty "${orderer[@]}"; }
until_so 60 fetched
joined() { peer channel join -b "$WORK/genesis.block"; }
until_so 60 joined
caught_up() { [[ $(height_of boterbloem) -ge $(height_of clearing) ]]; }
until_so 60 caught_up

# --- all take the chaincode to a definition that has the newcomer's collections and counts its peer ---
"$(dirname "$0")/upgrade-the-chaincode.sh" "${1:-1.2.0}"

# --- the members agree on the next version of the programme ---
as korenaar manager
endorsed_by korenaar clearing
NEXT=$(query GetProgramme | jq -c '.version += 1
  | .organisations |= (map(select(.kind == "chain")) + [{msp: "BoterbloemMSP", name: "Boterbloem", kind: "chain"}] + map(select(.kind != "chain")))
  | .quorum = ((.organisations | map(select(.kind != "auditor")) | length) / 2 | floor) + 1')
VERSION=$(jq .version <<<"$NEXT")
DIGEST=$(printf %s "$NEXT" | sha256sum | cut -d ' ' -f 1)
submit ProposeProgramme "$NEXT"
for organisation in duinmarkt clearing; do
  as "$organisation" manager
  endorsed_by "$organisation" lindeboom
  query GetProposal "$VERSION" "$DIGEST"
  submit ApproveProgramme "$VERSION" "$DIGEST"
done

# --- the newcomer promises something, opens its gateway, and earns ---
as boterbloem manager
endorsed_by boterbloem clearing
submit PublishTerms '{"version":1,"from":"'"$(date -u +%F)"'","earnPoints":1,"earnMinor":100,"validMonths":24,"prose":"One point for every whole euro."}'
"$ZEGEL" network start --data "$NETWORK" gateway.boterbloem.example
as boterbloem pos
NOOR=$(fresh)
PRIVATE=$(transient details '[{},{"basket":{"salt":"'"$(fresh)"'","currency":"EUR","total":4200,"store":"s01","terminal":"t1","receipt":"1","at":'"$(date +%s)"'000}}]') \
  submit Apply '{"v":1,"commands":[{"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"enrol","member":"'"$NOOR"'"},
  {"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"earn","member":"'"$NOOR"'","receipt":"'"$(fresh)"'"}]}'

# --- and what was earned there is spent at the first chain ---
as korenaar pos
endorsed_by korenaar clearing
submit Apply '{"v":1,"commands":[{"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"redeem","member":"'"$NOOR"'","points":40}]}'
says '"balance":2' query GetAccount "$NOOR"
"$ZEGEL" network status --data "$NETWORK" --wait 60s
