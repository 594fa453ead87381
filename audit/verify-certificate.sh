#!/bin/sh
# Verifies a certificate of erasure with standard tools only: openssl 3 or newer, base64, sed, sha256sum,
# head, tail, od, cut, wc. Read it and type the steps by hand if you would rather trust nobody's script.
#
# usage: verify-certificate.sh DIR/REF.certificate [CERTIFICATES.VKEY LOG.VKEY]
#
# The two keys are files with one line each; without them those beside the certificate are used, which prove
# only that the files fit each other. Exit status: 0 both signatures are right, 1 something is wrong, 2 usage.
#
# What it does not do: it does not follow the proof from the entry to the log's root, which takes a page of
# arithmetic; `verify.py --proof --entry` and `lethe certificate verify` do.
set -eu
LC_ALL=C
export LC_ALL

usage() { echo "usage: verify-certificate.sh DIR/REF.certificate [CERTIFICATES.VKEY LOG.VKEY]" >&2; exit 2; }
wrong() { echo "WRONG: $1" >&2; exit 1; }

[ $# -eq 1 ] || [ $# -eq 3 ] || usage
certificate="$1"
stem="${certificate%.certificate}"
proof="$stem.tlog-proof"
beside="$(dirname "$certificate")"
key="${2:-$beside/certificates.vkey}"
log_key="${3:-$beside/log.vkey}"
for file in "$certificate" "$proof" "$key" "$log_key"; do
  [ -f "$file" ] && [ -r "$file" ] || { echo "verify-certificate.sh: cannot read $file" >&2; exit 2; }
  # No part of a certificate is larger than 262,144 bytes.
  [ "$(wc -c <"$file")" -le 262144 ] || wrong "$file is too large"
done
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Decodes one line of base64 in its only spelling: decoding and encoding again must give the same line.
decode() { # TEXT FILE
  printf '%s' "$1" | base64 -d >"$2" 2>/dev/null || return 1
  [ "$(base64 -w 0 <"$2")" = "$1" ]
}

hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }

# Verifies a signed note by a key.
#
# A note is a text, an empty line, and signature lines `— NAME BASE64`. A key is `NAME+ID+BASE64`.
verify_note() { # NOTE KEYFILE
  # 1. Take the key apart. Its last part is a type byte (01: Ed25519) and 32 bytes of public key.
  line="$(cat "$2")"
  [ "$(printf '%s\n' "$line" | wc -c)" -eq "$(wc -c <"$2")" ] || wrong "$2 is not one line"
  [ "$(printf '%s\n' "$line" | wc -l)" -eq 1 ] || wrong "$2 is not one line"
  name="${line%%+*}"
  rest="${line#*+}"
  id="${rest%%+*}"
  decode "${rest#*+}" "$work/key" || wrong "$2 is not a verifier key"
  [ "$(wc -c <"$work/key")" -eq 33 ] || wrong "$2 has not 32 bytes of public key"
  [ "$(head -c 1 "$work/key" | od -An -v -tx1 | tr -d ' ')" = 01 ] || wrong "$2 is no Ed25519 key"

  # 2. The ID is the first 4 bytes of SHA-256(NAME, newline, type and public key).
  { printf '%s\n' "$name"; cat "$work/key"; } | sha256sum | cut -c 1-8 >"$work/id"
  [ "$(cat "$work/id")" = "$id" ] || wrong "the ID in $2 is not that of its name and key"

  # 3. Write the public key in the form openssl reads: a fixed head of 12 bytes (RFC 8410), then the key.
  { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; tail -c 32 "$work/key"; } >"$work/public.der"

  # 4. Cut the note at its last empty line: the signed text above with its newline, signatures below.
  blank="$(sed -n '/^$/=' "$1" | tail -n 1)"
  [ -n "$blank" ] && [ "$blank" -gt 1 ] || wrong "$1 has no signatures under its text"
  [ "$(tail -c 1 "$1" | od -An -v -tx1 | tr -d ' ')" = 0a ] || wrong "$1 does not end with a newline"
  head -n "$((blank - 1))" "$1" >"$work/text"
  tail -n "+$((blank + 1))" "$1" >"$work/signatures"
  # The pieces must be the whole: otherwise a tool has dropped or changed bytes.
  { cat "$work/text"; echo; cat "$work/signatures"; } | cmp -s - "$1" || wrong "$1 is not a text file"

  # 5. Find the line of this key. Its base64 is the key ID (4 bytes) and the signature (64 bytes).
  found=no
  while IFS= read -r signature; do
    case "$signature" in
    "— $name "*) ;;
    "— "*" "*) continue ;;
    *) wrong "a signature line of $1 is not in its form" ;;
    esac
    decode "${signature#"— $name "}" "$work/signed" || wrong "a signature of $1 is not base64"
    [ "$(wc -c <"$work/signed")" -eq 68 ] || continue
    [ "$(head -c 4 "$work/signed" >"$work/head"; hex "$work/head")" = "$id" ] || continue
    tail -c 64 "$work/signed" >"$work/signature"
    # 6. Verify it over the text.
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/public.der" -rawin -in "$work/text" \
      -sigfile "$work/signature" >/dev/null 2>&1 || wrong "the signature under $1 does not verify"
    found=yes
  done <"$work/signatures"
  [ "$found" = yes ] || wrong "the key in $2 has not signed $1"
}

# The certificate: its text is the statement, one line of JSON.
verify_note "$certificate" "$key"
certificate_name="$name"
cp "$work/text" "$work/statement"
[ "$(wc -l <"$work/statement")" -eq 1 ] || wrong "the statement is not one line"
grep -q '"lethe_certificate":[12][,}]' "$work/statement" || wrong "the statement is no certificate of a known format"

# The log: its checkpoint stands in the proof behind the first empty line.
blank="$(sed -n '/^$/=' "$proof" | head -n 1)"
[ "$(head -n 1 "$proof")" = "c2sp.org/tlog-proof@v1" ] && [ -n "$blank" ] || wrong "$proof is not a proof"
head -n "$blank" "$proof" >"$work/proof-head"
tail -n "+$((blank + 1))" "$proof" >"$work/checkpoint"
cat "$work/proof-head" "$work/checkpoint" | cmp -s - "$proof" || wrong "$proof is not a text file"
verify_note "$work/checkpoint" "$log_key"
# The first line of a checkpoint is the name of the log; it must be that of the key.
[ "$(head -n 1 "$work/text")" = "$name" ] || wrong "the checkpoint is not one of the log the key belongs to"
[ "$certificate_name" = "$name/certificates" ] || wrong "the two keys are not those of one vault"

if [ $# -eq 1 ]; then
  echo "NOT INDEPENDENT: keys taken from beside the certificate; compare these with what you have from elsewhere"
fi
sha256sum "$key" "$log_key"
sed 's/^/statement: /' "$work/statement"
echo "OK: $certificate_name has signed the certificate, $name has signed the log's checkpoint"
