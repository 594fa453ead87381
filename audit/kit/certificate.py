"""Certificates of erasure and expiry: a JSON statement, signed as a C2SP signed note."""

import json

from .note import Checkpoint, parse_note

FORMAT = 1
FIELDS = {"assurance", "covered", "final_ms", "kind", "log_entry", "not_covered", "reference", "vault"}


def verify_certificate(data, key):
    """Verify a certificate file; return its statement, or raise ValueError."""
    text, signatures = parse_note(data)
    if key.id not in Checkpoint.verify(text, signatures, [key]):
        raise ValueError("not signed by the certificates' key")
    try:
        statement = json.loads(text)
    except ValueError as error:
        raise ValueError("the statement is not JSON") from error
    if not isinstance(statement, dict) or statement.get("lethe_certificate") != FORMAT:
        raise ValueError("the statement is not a certificate of a known format")
    missing = FIELDS - statement.keys()
    if missing:
        raise ValueError(f"the statement lacks {', '.join(sorted(missing))}")
    if not statement["not_covered"]:
        raise ValueError("the statement does not say what it does not cover")
    return statement
