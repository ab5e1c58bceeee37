#!/usr/bin/env bash
# What the procedures share: who asks, whom, and how a call is written. Source it in bash, from the root of the project:
#
#   . docs/operations/scripts/env.sh
#   as auditor auditor korenaar
#   peer chaincode query -C loyalty -n loyalty -c "$(args WhoAmI)"
#
# NETWORK is the data folder of `zegel network up`, PORT_SHIFT what was given to its --port-shift.

NETWORK=$(cd "${NETWORK:-.zegel/network}" && pwd)
PORT_SHIFT=${PORT_SHIFT:-0}
ZEGEL=${ZEGEL:-bin/zegel}
PATH=${FABRIC_BIN:+$FABRIC_BIN:}$PATH

# The peer command reads a core.yaml before anything else; any peer's will do.
export FABRIC_CFG_PATH=$NETWORK/nodes/peer0.korenaar.example
export FABRIC_LOGGING_SPEC=${FABRIC_LOGGING_SPEC:-error} CORE_PEER_TLS_ENABLED=true

# DESCRIPTION is the consortium as the operators describe it; a change of the network begins there.
DESCRIPTION=$NETWORK/consortium.yaml
if [[ ! -e $DESCRIPTION ]]; then cp network/consortium.yaml "$DESCRIPTION"; fi

# chains are the chains of the consortium, members all who endorse.
chains=(korenaar duinmarkt lindeboom)
if [[ -d $NETWORK/organisations/boterbloem.example ]]; then chains+=(boterbloem); fi
members=("${chains[@]}" clearing)

# msp_of, port_of: the MSP ID of an organisation and the port of its peer.
msp_of() {
  case $1 in
    korenaar) echo KorenaarMSP ;; duinmarkt) echo DuinmarktMSP ;; lindeboom) echo LindeboomMSP ;;
    boterbloem) echo BoterbloemMSP ;; clearing) echo ClearingMSP ;; auditor) echo AuditorMSP ;;
  esac
}
port_of() {
  case $1 in
    korenaar) echo $((7100 + PORT_SHIFT)) ;; duinmarkt) echo $((7200 + PORT_SHIFT)) ;; lindeboom) echo $((7300 + PORT_SHIFT)) ;;
    clearing) echo $((7400 + PORT_SHIFT)) ;; boterbloem) echo $((7600 + PORT_SHIFT)) ;;
  esac
}
root_of() { echo "$NETWORK/organisations/$1.example/msp/tlscacerts/tlsca.$1.example-cert.pem"; }

# as ORGANISATION ROLE [PEER]: from here on the peer command speaks as that user, to its own
# organisation's peer or to another's. The auditor has none of its own.
as() {
  export CORE_PEER_LOCALMSPID CORE_PEER_MSPCONFIGPATH CORE_PEER_ADDRESS CORE_PEER_TLS_ROOTCERT_FILE
  CORE_PEER_LOCALMSPID=$(msp_of "$1")
  CORE_PEER_MSPCONFIGPATH=$NETWORK/organisations/$1.example/users/$2@$1.example/msp
  CORE_PEER_ADDRESS=127.0.0.1:$(port_of "${3:-$1}")
  CORE_PEER_TLS_ROOTCERT_FILE=$(root_of "${3:-$1}")
}

# orderer is where transactions go.
orderer=(-o "127.0.0.1:$((7500 + PORT_SHIFT))" --tls --cafile "$(root_of clearing)")

# endorsed_by ORGANISATION...: whose peers are asked for endorsements from here on.
endorsed_by() {
  endorsers=()
  for organisation in "$@"; do
    endorsers+=(--peerAddresses "127.0.0.1:$(port_of "$organisation")" --tlsRootCertFiles "$(root_of "$organisation")")
  done
}

# args FUNCTION [ARGUMENT...]: a call as the peer command wants it, each argument a JSON string.
args() {
  local list='' word
  for word in "$@"; do
    word=${word//\\/\\\\} word=${word//\"/\\\"}
    list+=",\"${word//$'\n'/\\n}\""
  done
  echo "{\"Args\":[${list#,}]}"
}

# transient KEY VALUE: private data for the endorsers alone. Everything else of a call stays in a block for ever.
transient() { printf '{"%s":"%s"}' "$1" "$(printf %s "$2" | base64 | tr -d '\n')"; }

# fresh: 32 random hex digits, the form of members, operations, receipts, prints and salts.
fresh() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# query FUNCTION [ARGUMENT...]: ask the peer. PRIVATE is transient data.
query() { peer chaincode query -C loyalty -n loyalty -c "$(args "$@")" --transient "${PRIVATE:-{\}}"; }

# submit FUNCTION [ARGUMENT...]: change the ledger, and wait for the block. A peer that is behind, a conflict
# with somebody else's transaction or an upgrade that is under way wants the same again: the operation's
# key sees to it that nothing happens twice. A refusal is final.
submit() {
  local said
  for _ in 1 2 3 4 5 6 7 8; do
    if said=$(peer chaincode invoke "${orderer[@]}" "${endorsers[@]}" --waitForEvent -C loyalty -n loyalty \
      -c "$(args "$@")" --transient "${PRIVATE:-{\}}" 2>&1); then return; fi
    if [[ $said == *loyalty-error* || $said == *FORBIDDEN* ]]; then break; fi
    sleep 1
  done
  echo "$said" >&2
  return 1
}

# refused WORD COMMAND...: the command has to fail, and to say WORD.
refused() {
  local said
  if said=$("${@:2}" 2>&1); then
    echo "not refused: ${*:2}" >&2
    return 1
  fi
  if [[ $said != *"$1"* ]]; then
    echo "refused otherwise than with $1: $said" >&2
    return 1
  fi
  echo "refused, as it should be: $1"
}

# says WORD COMMAND...: what the command prints has to contain WORD.
says() {
  local said
  said=$("${@:2}")
  echo "$said"
  if [[ $said != *"$1"* ]]; then
    echo "${*:2} does not say $1" >&2
    return 1
  fi
}

# until_so SECONDS COMMAND...: repeat a command until it succeeds.
until_so() {
  local deadline=$((SECONDS + $1))
  until "${@:2}"; do
    if ((SECONDS >= deadline)); then
      echo "not within $1 s: ${*:2}" >&2
      return 1
    fi
    sleep 0.2
  done
}

# height_of ORGANISATION: how many blocks its peer has, as its administrator sees it.
height_of() { (as "$1" admin && peer channel getinfo -c loyalty) | sed 's/.*"height":\([0-9]*\).*/\1/'; }
