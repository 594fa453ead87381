"""Certificates of erasure and expiry: a JSON statement, signed as a C2SP signed note."""

import json

from .event import canonical, parse_event, refuse_number, unique_members
from .note import TYPE_LOG, Checkpoint, parse_note
from .proof import verify_proof

FORMATS = (1, 2)
LEVELS = ("L0", "L1", "L2", "L3")
KEY_SUFFIX = "/certificates"
# What the entry in the log may be, by the state of the certificate.
EVENT_TYPES = {"final": ("erasure.final",), "pending": ("erasure.pending", "erasure.final")}
# Members and what they are, in every format and from format 2 on; True: must be there.
TEXT, COUNT, FLAG, LIST, OBJECT, SENTENCES = "a text", "a count", "true or false", "a list", "an object", "texts"
ALWAYS = {
    "vault": TEXT, "origin": TEXT, "reference": TEXT, "kind": TEXT, "requested_ms": COUNT, "assurance": TEXT,
    "keys": OBJECT, "log_entry": COUNT, "covered": SENTENCES, "not_covered": SENTENCES,
}
SINCE_2 = {
    "state": (TEXT, True), "assurance_reasons": (SENTENCES, True), "custodians": (LIST, True),
    "sanitization": (LIST, True), "final_ms": (COUNT, False), "final_due_ms": (COUNT, False),
    "subjects": (COUNT, False), "generations": (OBJECT, False), "buckets": (LIST, False),
    "records": (OBJECT, False), "stores": (OBJECT, False), "replicas": (OBJECT, False),
    "residual": (OBJECT, False), "suppression_entries": (COUNT, False),
    "identifiers_shared_with_others": (COUNT, False), "resumed_after_interruption": (FLAG, False),
}


def fits(value, kind):
    """Say whether a member is what its format asks for."""
    if kind == COUNT:
        return type(value) is int and value >= 0
    if kind == SENTENCES:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, {TEXT: str, FLAG: bool, LIST: list, OBJECT: dict}[kind])


def parse_statement(text):
    """Read the text of a certificate's note; return the statement, or raise ValueError."""
    try:
        statement = json.loads(
            text.decode("utf-8"), object_pairs_hook=unique_members, parse_float=refuse_number,
            parse_constant=refuse_number)
        is_canonical = canonical(statement).encode("utf-8") + b"\n" == text
    except (ValueError, RecursionError) as error:
        raise ValueError("the statement is not canonical JSON") from error
    if not is_canonical:
        raise ValueError("the statement is not in canonical form")
    number = statement.get("lethe_certificate") if isinstance(statement, dict) else None
    if type(number) is not int or number not in FORMATS:
        raise ValueError("the statement is not a certificate of a known format")
    rules = {name: (kind, True) for name, kind in ALWAYS.items()}
    rules.update(SINCE_2 if number > 1 else {"final_ms": (COUNT, True)})
    for name, (kind, is_required) in rules.items():
        if name not in statement:
            if is_required:
                raise ValueError(f"the statement lacks {name}")
        elif not fits(statement[name], kind):
            raise ValueError(f"{name} is not {kind}")
    if not statement["not_covered"]:
        raise ValueError("the statement does not say what it does not cover")
    if statement["assurance"] not in LEVELS:
        raise ValueError("the assurance is not a level from L0 to L3")
    state = state_of(statement)
    if state not in EVENT_TYPES:
        raise ValueError("state is neither final nor pending")
    due, other = ("final_ms", "final_due_ms") if state == "final" else ("final_due_ms", "final_ms")
    if due not in statement or (number > 1 and other in statement):
        raise ValueError(f"the times do not fit the state {state}")
    require_receipts(statement)
    return statement


def require_receipts(statement):
    """Raise ValueError when the level is higher than what the weakest custodian's receipt is worth.

    Receipts reach L2; the third level is the witness's. Without receipts nothing above L1 can be claimed: format 1
    named no custodians, nor does a certificate of an erasure recorded then.
    """
    custodians = statement["custodians"] if statement["lethe_certificate"] > 1 else []
    levels = [item.get("assurance") if isinstance(item, dict) else None for item in custodians]
    if any(level not in LEVELS for level in levels):
        raise ValueError("a custodian gives no level from L0 to L3")
    weakest = min(levels, default="L1")
    if min(statement["assurance"], "L2") > weakest:
        raise ValueError(f"the statement claims {statement['assurance']} and its weakest receipt is worth {weakest}")


def state_of(statement):
    """Return the state; format 1 was written only when all was over."""
    return statement["state"] if statement["lethe_certificate"] > 1 else "final"


def verify_certificate(data, key):
    """Verify a certificate file; return its statement, or raise ValueError."""
    if key.type != TYPE_LOG:
        raise ValueError("the key given is that of a witness")
    text, signatures = parse_note(data)
    if key.identity not in Checkpoint.verify(text, signatures, [key]):
        raise ValueError("not signed by the certificates' key")
    statement = parse_statement(text)
    if key.name != statement["origin"] + KEY_SUFFIX:
        raise ValueError("the key is not the certificates' key of the vault the statement names")
    return statement


def verify_entry(statement, entry, proof, log_key, rule=None):
    """Verify that the log holds the entry and that both tell the same, or raise ValueError."""
    if log_key.name != statement["origin"]:
        raise ValueError("the log's key is not that of the vault the statement names")
    if proof.split(b"\n", 2)[1:2] and proof.split(b"\n", 2)[1].startswith(b"extra "):
        raise ValueError("the proof carries extra bytes that nothing authenticates")
    index, checkpoint = verify_proof(proof, entry, log_key, rule)
    event = parse_event(entry, index)
    if index != statement["log_entry"]:
        raise ValueError(f"the entry stands at place {index} and not {statement['log_entry']}")
    if event["type"] not in EVENT_TYPES[state_of(statement)]:
        raise ValueError(f"the entry is {event['type']}")
    for name in ("reference", "assurance"):
        if event.get(name) != statement[name]:
            raise ValueError(f"log entry and statement do not agree on {name}")
    for name in ("old_epoch", "new_epoch"):
        if name in event and event[name] != statement["keys"].get(name):
            raise ValueError(f"log entry and statement do not agree on {name}")
    return checkpoint
