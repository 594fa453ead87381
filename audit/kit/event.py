"""The form of an entry: canonical JSON (RFC 8785, integers only) with the fields of an event."""

import json
import re

EVENT_BYTES_MAXIMUM = 16 * 1024
DEPTH_MAXIMUM = 32
INTEGER_MAXIMUM = 2**53 - 1
INTEGER_CHARACTERS_MAXIMUM = 17
PRUNING = "log.pruned"

HEX = re.compile("(?:[0-9a-f]{2})+")
TYPE = re.compile("[a-z0-9._-]{1,64}")


def canonical(value, depth=0):
    """Encode a value as RFC 8785 does, for the types our events may have."""
    if isinstance(value, (dict, list)) and depth >= DEPTH_MAXIMUM:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        members = (f"{canonical(key)}:{canonical(value[key], depth + 1)}" for key in keys)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > INTEGER_MAXIMUM:
        raise ValueError("an integer is beyond 2^53 - 1")
    return json.dumps(value, ensure_ascii=False)


def unique_members(pairs):
    """Build a dict and refuse a key that comes twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object has the same key twice")
    return members


def refuse_number(_text):
    """Refuse fractions, exponents, NaN and Infinity."""
    raise ValueError("a number is not an integer")


def checked_integer(text):
    """Read an integer, or raise ValueError for one that not every reader of JSON keeps exactly."""
    if len(text) > INTEGER_CHARACTERS_MAXIMUM or abs(int(text)) > INTEGER_MAXIMUM:
        raise ValueError("an integer is beyond 2^53 - 1")
    return int(text)


quick_decoder = json.JSONDecoder(
    parse_int=checked_integer, parse_float=refuse_number, parse_constant=refuse_number)
quick_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def quick_parse(entry):
    """Read an entry of the usual kind in canonical form; None for every other, right or wrong.

    Keys of ASCII have one order in UTF-8 and UTF-16, so that the standard library's own encoder
    writes the canonical form. It writes a key that comes twice once, which shows.
    """
    usual = len(entry) <= EVENT_BYTES_MAXIMUM and entry.isascii()
    if not usual or entry.count(b"{") + entry.count(b"[") > DEPTH_MAXIMUM:
        return None
    text = entry.decode("ascii")
    try:
        event = quick_decoder.decode(text)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and quick_encoder.encode(event) == text else None


def parse_event(entry, index):
    """Read one entry and check what every event must have; raise ValueError with the reason."""
    event = quick_parse(entry)
    if event is None:
        event = parse_canonical(entry)
    event_id, kind = event.get("id"), event.get("type")
    if not isinstance(event_id, str) or not HEX.fullmatch(event_id):
        raise ValueError("'id' is not lower-case hexadecimal")
    if type(event.get("seq")) is not int or event["seq"] != index:
        raise ValueError("'seq' is not the index of the entry")
    if not isinstance(kind, str) or not TYPE.fullmatch(kind):
        raise ValueError("'type' is not a name in lower case")
    if type(event.get("time")) is not int or event["time"] < 0:
        raise ValueError("'time' is not a number of milliseconds")
    return event


def parse_canonical(entry):
    """Read an object that must be in canonical form; raise ValueError with the reason."""
    if len(entry) > EVENT_BYTES_MAXIMUM:
        raise ValueError(f"the entry has {len(entry)} bytes, the limit is {EVENT_BYTES_MAXIMUM}")
    try:
        event = json.loads(
            entry.decode("utf-8"),
            object_pairs_hook=unique_members,
            parse_float=refuse_number,
            parse_constant=refuse_number,
        )
        is_canonical = canonical(event).encode("utf-8") == entry
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the entry is not canonical JSON ({type(error).__name__})") from error
    if not is_canonical:
        raise ValueError("the entry is not in canonical form")
    if not isinstance(event, dict):
        raise ValueError("the entry is not an object")
    return event


def minimum_index_of(event):
    """Return the index below which an event lets entries be gone, or None.

    Only a pruning does, and none can let itself be gone.
    """
    if event["type"] != PRUNING:
        return None
    minimum = event.get("minimum_index")
    return minimum if type(minimum) is int and 0 <= minimum <= event["seq"] else None
