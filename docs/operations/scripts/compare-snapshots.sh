#!/usr/bin/env bash
# Two organisations compare their whole public state, by two snapshots at the same block.
set -euo pipefail
. "$(dirname "$0")/env.sh"
FIRST=${1:-korenaar} SECOND=${2:-clearing}

# --- both ask for a snapshot at the same block: the next. On a busy network choose one some hundred ahead ---
BLOCK=$(height_of "$FIRST")
for organisation in "$FIRST" "$SECOND"; do
  as "$organisation" admin
  peer snapshot submitrequest -c loyalty -b "$BLOCK" --peerAddress "$CORE_PEER_ADDRESS" --tlsRootCertFile "$CORE_PEER_TLS_ROOTCERT_FILE"
  peer snapshot listpending -c loyalty --peerAddress "$CORE_PEER_ADDRESS" --tlsRootCertFile "$CORE_PEER_TLS_ROOTCERT_FILE"
done

# --- a transaction that changes nothing makes the block, should nobody be trading ---
as korenaar manager
endorsed_by korenaar clearing
submit WhoAmI

# --- the files of both, and the hashes of all that is in them ---
snapshot_of() { echo "$NETWORK/nodes/peer0.$1.example/data/snapshots/completed/loyalty/$BLOCK"; }
for organisation in "$FIRST" "$SECOND"; do until_so 60 test -e "$(snapshot_of "$organisation")/_snapshot_signable_metadata.json"; done
cat "$(snapshot_of "$FIRST")/_snapshot_signable_metadata.json"
cmp "$(snapshot_of "$FIRST")/_snapshot_signable_metadata.json" "$(snapshot_of "$SECOND")/_snapshot_signable_metadata.json"

# --- should they differ, this says in which keys ---
DIFFERENCES=$(mktemp -d)
trap 'rm -rf "$DIFFERENCES"' EXIT
ledgerutil compare "$(snapshot_of "$FIRST")" "$(snapshot_of "$SECOND")" -o "$DIFFERENCES"
