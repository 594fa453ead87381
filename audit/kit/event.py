"""The form of an entry: canonical JSON (RFC 8785, integers only) with the fields of an event."""

import json
import re

EVENT_BYTES_MAXIMUM = 16 * 1024
DEPTH_MAXIMUM = 32
INTEGER_MAXIMUM = 2**53 - 1


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


def parse_event(entry, index):
    """Read one entry and check what every event must have; raise ValueError with the reason."""
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
    event_id, kind = event.get("id"), event.get("type")
    if not isinstance(event_id, str) or not re.fullmatch("([0-9a-f]{2})+", event_id):
        raise ValueError("'id' is not lower-case hexadecimal")
    if type(event.get("seq")) is not int or event["seq"] != index:
        raise ValueError("'seq' is not the index of the entry")
    if not isinstance(kind, str) or not re.fullmatch("[a-z0-9._-]{1,64}", kind):
        raise ValueError("'type' is not a name in lower case")
    if type(event.get("time")) is not int or event["time"] < 0:
        raise ValueError("'time' is not a number of milliseconds")
    return event
