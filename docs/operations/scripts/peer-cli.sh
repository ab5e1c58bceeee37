#!/usr/bin/env bash
# Every transaction of the contract with the stock peer command, in every role, and what is refused. It
# enrols three members of its own and brings a new version of the programme into force.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# --- who am I ---
as auditor auditor korenaar
peer chaincode query -C loyalty -n loyalty -c '{"Args":["WhoAmI"]}'
peer chaincode query -C loyalty -n loyalty -c '{"Args":["GetProgramme"]}'
peer chaincode query -C loyalty -n loyalty -c '{"Args":["GetTerms","KorenaarMSP"]}'

# --- apply: enrol and earn, as a till of Korenaar ---
as korenaar pos
endorsed_by korenaar clearing
NOOR=$(fresh) SALE=$(fresh) NOW=$(date +%s)000
BATCH='{"v":1,"commands":[
  {"op":"'$(fresh)'","print":"'$(fresh)'","kind":"enrol","member":"'$NOOR'"},
  {"op":"'$(fresh)'","print":"'$(fresh)'","kind":"earn","member":"'$NOOR'","receipt":"'$SALE'"}]}'
DETAILS='[{},{"basket":{"salt":"'$(fresh)'","currency":"EUR","total":4795,
  "lines":[{"sku":"8710400000093","quantity":5,"amount":3745},{"sku":"8710400000109","quantity":1,"amount":1050}],
  "store":"s01","terminal":"t1","receipt":"'$SALE'","at":'$NOW'}}]'
peer chaincode invoke "${orderer[@]}" "${endorsers[@]}" --waitForEvent -C loyalty -n loyalty \
  -c "$(args Apply "$BATCH")" --transient "$(transient details "$DETAILS")"

# --- accounts, receipts, openings ---
says '"balance":47' query GetAccount "$NOOR"
says '"earned":47' query GetReceipt KorenaarMSP "$SALE"
says '"total":4795' query GetOpening "$SALE"

# --- quote: what a basket would earn ---
BASKET='{"salt":"'$(fresh)'","currency":"EUR","total":1050,"store":"s01","terminal":"t1","receipt":"quote","at":'$NOW'}'
PRIVATE=$(transient basket "$BASKET") says '"points":10' query Quote "$NOOR"

# --- apply: hold, capture, void and redeem, as a till of Duinmarkt ---
as duinmarkt pos
endorsed_by duinmarkt clearing
HELD=$(fresh) VOIDED=$(fresh) SPENT=$(fresh)
submit Apply '{"v":1,"commands":[
  {"op":"'"$HELD"'","print":"'"$(fresh)"'","kind":"hold","member":"'"$NOOR"'","points":20},
  {"op":"'"$VOIDED"'","print":"'"$(fresh)"'","kind":"hold","member":"'"$NOOR"'","points":10,"seconds":60}]}'
says '"state":"pending"' query GetHold "$NOOR$HELD"
submit Apply '{"v":1,"commands":[
  {"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"capture","hold":"'"$NOOR$HELD"'","points":15},
  {"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"void","hold":"'"$NOOR$VOIDED"'"},
  {"op":"'"$SPENT"'","print":"'"$(fresh)"'","kind":"redeem","member":"'"$NOOR"'","points":2}]}'
says '"state":"captured"' query GetHold "$NOOR$HELD"
says '"status":"applied"' query GetOperation DuinmarktMSP "$SPENT"
says '"balance":30' query GetAccount "$NOOR"

# --- apply: cancel decides what nobody has answered ---
LOST=$(fresh)
refused operation_unknown query GetOperation DuinmarktMSP "$LOST"
submit Apply '{"v":1,"commands":[{"op":"'"$LOST"'","kind":"cancel"}]}'
says '"status":"cancelled"' query GetOperation DuinmarktMSP "$LOST"

# --- apply: return, with the opening that Korenaar keeps ---
as korenaar pos
endorsed_by korenaar clearing
OPENING=$(query GetOpening "$SALE" | tr -d '\n' | base64 | tr -d '\n')
PRIVATE=$(transient details '[{"return":{"opening":"'"$OPENING"'","lines":[{"line":2,"quantity":1}],"at":'"$NOW"'}}]') \
  submit Apply '{"v":1,"commands":[
  {"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"return","member":"'"$NOOR"'","receipt":"'"$(fresh)"'","sale":"'"$SALE"'"}]}'
says '"balance":20' query GetAccount "$NOOR"

# --- apply: transfer, by an agent ---
as korenaar agent
BRAM=$(fresh)
submit Apply '{"v":1,"commands":[
  {"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"enrol","member":"'"$BRAM"'"},
  {"op":"'"$(fresh)"'","print":"'"$(fresh)"'","kind":"transfer","member":"'"$NOOR"'","to":"'"$BRAM"'","points":5}]}'
says '"balance":5' query GetAccount "$BRAM"

# --- personal data: the own chain's peer alone endorses, everything is transient ---
endorsed_by korenaar
LOOKUP=$(fresh)$(fresh)
PRIVATE=$(transient profile '[{"member":"'"$NOOR"'","lookup":["'"$LOOKUP"'"],"sealed":"bm9vcg==","salt":"'"$(fresh)"'"}]') submit PutProfile
PRIVATE=$(transient profile '{"lookup":["'"$LOOKUP"'"]}') says "$NOOR" query FindMember
PRIVATE=$(transient profile '{"member":"'"$NOOR"'"}') says '"sealed":"bm9vcg=="' query GetProfile
PRIVATE=$(transient profile '{"member":"'"$NOOR"'"}') submit PurgeProfile
PRIVATE=$(transient profile '{"member":"'"$NOOR"'"}') refused profile_unknown query GetProfile

# --- the programme: proposed by one, approved until the quorum is reached. The digest is what is approved ---
as korenaar manager
endorsed_by korenaar clearing
PROGRAMME=$(query GetProgramme)
VERSION=$(($(sed 's/^{"version":\([0-9]*\),.*/\1/' <<<"$PROGRAMME") + 1))
NEXT=$(sed 's/^{"version":[0-9]*,/{"version":'$VERSION',/; s/"holdSeconds":[0-9]*/"holdSeconds":600/' <<<"$PROGRAMME")
DIGEST=$(printf %s "$NEXT" | sha256sum | cut -d ' ' -f 1)
submit ProposeProgramme "$NEXT"
for organisation in duinmarkt clearing; do
  as $organisation manager
  query GetProposal $VERSION "$DIGEST"
  endorsed_by $organisation lindeboom
  submit ApproveProgramme $VERSION "$DIGEST"
done
says '"holdSeconds":600' query GetProgramme

# --- terms: one chain's promise, from tomorrow on ---
as lindeboom manager
endorsed_by lindeboom clearing
TOMORROW=$(date -u -d tomorrow +%F 2>/dev/null || date -u -v+1d +%F)
TERMS=$(($(query GetTerms LindeboomMSP | grep -o '"earnMinor"' | wc -l) + 1))
submit PublishTerms '{"version":'$TERMS',"from":"'"$TOMORROW"'","earnPoints":2,"earnMinor":100,"validMonths":24,"prose":"Two points for every whole euro."}'
says '"earnPoints":2' query GetTerms LindeboomMSP

# --- wrong roles are refused ---
as auditor auditor korenaar
endorsed_by korenaar clearing
ENROL='{"v":1,"commands":[{"op":"'$(fresh)'","print":"'$(fresh)'","kind":"enrol","member":"'$(fresh)'"}]}'
refused not_authorised submit Apply "$ENROL"
refused FORBIDDEN submit WhoAmI
refused not_authorised query GetOpening "$SALE"
as korenaar pos
refused not_authorised submit PublishTerms '{}'
refused not_authorised submit ProposeProgramme '{}'
as clearing manager
refused not_authorised submit Apply "$ENROL"
as duinmarkt manager
refused receipt_unknown query GetOpening "$SALE"

# --- blocks, read as the auditor, from a peer or from the orderer ---
as auditor auditor korenaar
BLOCKS=$(mktemp -d)
trap 'rm -rf "$BLOCKS"' EXIT
peer channel fetch newest "$BLOCKS/newest.pb" -c loyalty
peer channel fetch config "$BLOCKS/config.pb" -c loyalty
peer channel fetch 0 "$BLOCKS/genesis.pb" -c loyalty "${orderer[@]}"
configtxlator proto_decode --type common.Block --input "$BLOCKS/newest.pb" --output "$BLOCKS/newest.json"
configtxlator proto_decode --type common.Block --input "$BLOCKS/config.pb" --output "$BLOCKS/config.json"
says '"mspid": "LindeboomMSP"' grep -m 1 '"mspid"' "$BLOCKS/newest.json"
says '"AuditorMSP": {' grep -m 1 '"AuditorMSP": {' "$BLOCKS/config.json"

# --- one transaction by its number, with the code that the peers gave it: 0 is valid ---
TRANSACTION=$(sed -n 's/.*"tx_id": "\([0-9a-f]\{64\}\)".*/\1/p' "$BLOCKS/newest.json" | head -n 1)
HEX=$(peer chaincode query -C loyalty -n qscc -c "$(args GetTransactionByID loyalty "$TRANSACTION")" --hex)
printf '%b' "$(sed 's/../\\x&/g' <<<"$HEX")" >"$BLOCKS/transaction.pb"
says '"validationCode": 0' configtxlator proto_decode --type protos.ProcessedTransaction --input "$BLOCKS/transaction.pb" | tail -n 2
