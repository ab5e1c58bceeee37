#!/usr/bin/env bash
# Take the chaincode to a new version, while everybody works: upgrade-the-chaincode.sh VERSION. The new program
# is bin/chaincode, or CHAINCODE. What else the description says is taken along: add-a-chain.sh ends here.
set -euo pipefail
. "$(dirname "$0")/env.sh"
VERSION=${1:?which version}
CHAINCODE=${CHAINCODE:-$(dirname "$ZEGEL")/chaincode}

# --- what runs, and what is to come ---
as clearing admin
OLD=$(peer lifecycle chaincode querycommitted -C loyalty -n loyalty | sed -n 's/.* Sequence: \([0-9]*\),.*/\1/p')
SEQUENCE=$((OLD + 1))
SLOTS=(green blue)
NEW_SLOT=${SLOTS[SEQUENCE % 2]} OLD_SLOT=${SLOTS[OLD % 2]}

# --- the description says it; from it come package and collections ---
sed -i.before "s/^  version: .*/  version: $VERSION/; s/^  sequence: [0-9]*/  sequence: $SEQUENCE/" "$DESCRIPTION"
"$ZEGEL" network material --data "$NETWORK" --port-shift "$PORT_SHIFT" --consortium "$DESCRIPTION"

# --- each organisation starts the new service beside the old ---
for organisation in "${members[@]}"; do
  "$ZEGEL" network start --data "$NETWORK" --chaincode "$CHAINCODE" "chaincode0-$NEW_SLOT.$organisation.example"
done

# --- each organisation installs the package and approves the definition ---
PACKAGE=$(peer lifecycle chaincode calculatepackageid "$NETWORK/channel/chaincode.tar.gz")
PEERS=()
for organisation in "${members[@]}"; do PEERS+=("'$(msp_of "$organisation").peer'"); done
POLICY="OutOf(2, $(IFS=,; echo "${PEERS[*]}"))"
definition=(--channelID loyalty --name loyalty --version "$VERSION" --sequence "$SEQUENCE"
  --signature-policy "$POLICY" --collections-config "$NETWORK/channel/collections.json")
for organisation in "${members[@]}"; do
  as "$organisation" admin
  peer lifecycle chaincode install "$NETWORK/channel/chaincode.tar.gz"
  peer lifecycle chaincode approveformyorg "${orderer[@]}" "${definition[@]}" --package-id "$PACKAGE"
done

# --- one commits, when enough have approved ---
peer lifecycle chaincode checkcommitreadiness "${definition[@]}"
endorsed_by "${members[@]}"
peer lifecycle chaincode commit "${orderer[@]}" "${endorsers[@]}" "${definition[@]}"

# --- every peer has changed over before the old services stop ---
committed() { [[ $(as "$1" admin && peer lifecycle chaincode querycommitted -C loyalty -n loyalty) == *"Sequence: $SEQUENCE,"* ]]; }
for organisation in "${members[@]}"; do until_so 60 committed "$organisation"; done
"$ZEGEL" network status --data "$NETWORK" --wait 60s
for organisation in "${members[@]}"; do
  old=chaincode0-$OLD_SLOT.$organisation.example
  if [[ -e $NETWORK/run/$old.json ]]; then "$ZEGEL" network stop --data "$NETWORK" "$old"; fi
done
