"""Payloads that can be erased: the log holds a commitment, the vault payload and blinding."""

import base64
import binascii
import hashlib
import hmac
import json

from .event import parse_canonical

COMMITMENT = "payload_commitment"
BLINDING_BYTES = 32


def check_payload(entry, data):
    """Check that a disclosed payload is the one an entry commits to; return the payload.

    Raise ValueError with the reason otherwise.
    """
    try:
        disclosed = json.loads(data.decode("utf-8"))
        payload = base64.b64decode(disclosed["payload"], validate=True)
        blinding = bytes.fromhex(disclosed["r"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise ValueError("the file is not a payload: an object with 'payload' and 'r'") from error
    if len(blinding) != BLINDING_BYTES:
        raise ValueError(f"'r' does not have {BLINDING_BYTES} bytes")
    commitment = parse_canonical(entry).get(COMMITMENT)
    if not isinstance(commitment, str):
        raise ValueError("the entry commits to no payload")
    computed = hmac.new(blinding, payload, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(computed.encode(), commitment.encode()):
        raise ValueError("the payload is not the one the entry commits to")
    return payload
