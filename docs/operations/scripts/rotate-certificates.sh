#!/usr/bin/env bash
# New certificates from the authorities that the channel knows: a client's, a peer's, an orderer's for TLS. Here the
# authorities are files; with Fabric CA each `openssl` below is a `fabric-ca-client reenroll`.
set -euo pipefail
. "$(dirname "$0")/env.sh"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# authority ORGANISATION ca|tlsca: flags that make openssl sign as that root.
authority() {
  local folder=$NETWORK/organisations/$1.example/$2
  AUTHORITY=(-CA "$folder/$2.$1.example-cert.pem" -CAkey "$folder/priv_sk" -set_serial "0x0$(fresh)" -days 365)
}

# --- a client: a new key, and the role in the extension that Fabric CA uses ---
as korenaar pos
BEFORE=$(query WhoAmI)
POS=$NETWORK/organisations/korenaar.example/users/pos@korenaar.example/msp
ATTRIBUTES='{"attrs":{"hf.EnrollmentID":"pos","hf.Type":"client","role":"pos"}}'
printf '%s\n' 'keyUsage=critical,digitalSignature' 'basicConstraints=critical,CA:FALSE' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' \
  "1.2.3.4.5.6.7.8.1=DER:$(printf %s "$ATTRIBUTES" | od -An -v -tx1 | tr -d ' \n')" >"$WORK/client.ext"
authority korenaar ca
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$WORK/pos.key"
openssl req -new -key "$WORK/pos.key" -subj '/O=korenaar.example/OU=client/CN=pos@korenaar.example' -out "$WORK/pos.csr"
openssl x509 -req -in "$WORK/pos.csr" "${AUTHORITY[@]}" -extfile "$WORK/client.ext" -out "$WORK/pos.pem"
cp "$WORK/pos.key" "$POS/keystore/priv_sk"
cp "$WORK/pos.pem" "$POS/signcerts/pos@korenaar.example-cert.pem"
"$ZEGEL" network stop --data "$NETWORK" gateway.korenaar.example
"$ZEGEL" network start --data "$NETWORK" gateway.korenaar.example
AFTER=$(says '"role":"pos"' query WhoAmI)
[[ $AFTER != "$BEFORE" ]]

# --- a peer: its certificate for endorsements, and its certificate for TLS ---
PEER=$NETWORK/organisations/korenaar.example/peers/peer0.korenaar.example
printf '%s\n' 'keyUsage=critical,digitalSignature' 'basicConstraints=critical,CA:FALSE' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' >"$WORK/peer.ext"
printf '%s\n' 'keyUsage=critical,digitalSignature,keyEncipherment' 'extendedKeyUsage=serverAuth,clientAuth' 'basicConstraints=critical,CA:FALSE' \
  'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' \
  'subjectAltName=DNS:peer0.korenaar.example,DNS:peer0,DNS:localhost,IP:127.0.0.1,IP:::1' >"$WORK/tls.ext"
SUBJECT=/O=korenaar.example/OU=peer/CN=peer0.korenaar.example
for use in sign tls; do
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$WORK/$use.key"
  openssl req -new -key "$WORK/$use.key" -subj "$SUBJECT" -out "$WORK/$use.csr"
done
authority korenaar ca
openssl x509 -req -in "$WORK/sign.csr" "${AUTHORITY[@]}" -extfile "$WORK/peer.ext" -out "$WORK/sign.pem"
authority korenaar tlsca
openssl x509 -req -in "$WORK/tls.csr" "${AUTHORITY[@]}" -extfile "$WORK/tls.ext" -out "$WORK/tls.pem"
"$ZEGEL" network stop --data "$NETWORK" peer0.korenaar.example
cp "$WORK/sign.key" "$PEER/msp/keystore/priv_sk"
cp "$WORK/sign.pem" "$PEER/msp/signcerts/peer0.korenaar.example-cert.pem"
cp "$WORK/tls.key" "$PEER/tls/server.key"
cp "$WORK/tls.pem" "$PEER/tls/server.crt"
"$ZEGEL" network start --data "$NETWORK" peer0.korenaar.example
"$ZEGEL" network status --data "$NETWORK" --wait 60s

# --- an orderer for TLS: the same key. The channel knows consenters by it, so nothing else has to change ---
ORDERER=$NETWORK/organisations/clearing.example/orderers/orderer0.clearing.example/tls
sed 's/peer0/orderer0/g; s/korenaar/clearing/g' "$WORK/tls.ext" >"$WORK/orderer.ext"
openssl req -new -key "$ORDERER/server.key" -subj '/O=clearing.example/OU=orderer/CN=orderer0.clearing.example' -out "$WORK/orderer.csr"
authority clearing tlsca
openssl x509 -req -in "$WORK/orderer.csr" "${AUTHORITY[@]}" -extfile "$WORK/orderer.ext" -out "$WORK/orderer.pem"
"$ZEGEL" network stop --data "$NETWORK" orderer0.clearing.example
cp "$WORK/orderer.pem" "$ORDERER/server.crt"
"$ZEGEL" network start --data "$NETWORK" orderer0.clearing.example
"$ZEGEL" network status --data "$NETWORK" --wait 60s

# --- what is served now ---
openssl s_client -connect "127.0.0.1:$((7100 + PORT_SHIFT))" -CAfile "$(root_of korenaar)" </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate
openssl s_client -connect "127.0.0.1:$((7500 + PORT_SHIFT))" -CAfile "$(root_of clearing)" </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate
as korenaar manager
endorsed_by korenaar clearing
submit WhoAmI
