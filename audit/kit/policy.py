"""Which witnesses must have cosigned: C2SP tlog-policy."""

import re

from .note import TYPE_COSIGNATURE, TYPE_LOG, Key, Refused, number_strict

POLICY_BYTES_MAXIMUM = 64 * 1024
WORD_BYTES_MAXIMUM = 1024
ITEMS_MAXIMUM = 32  # Logs, witnesses and groups, each.
NONE = "none"


class Rule:
    """The witnesses that must have cosigned: each of a list, and the quorum of a policy."""

    def __init__(self, witnesses=(), policy=None):
        self.witnesses = list(witnesses)
        self.policy = policy

    @property
    def keys(self):
        """Every key whose signature counts, once."""
        known = {key.identity: key for key in self.witnesses}
        for key in self.policy.keys if self.policy else ():
            known.setdefault(key.identity, key)
        return list(known.values())

    def check(self, signed_by):
        """Raise ValueError unless those who must have signed are among the keys' identities."""
        for witness in self.witnesses:
            if witness.identity not in signed_by:
                raise Refused("cosignatureMissing", f"not cosigned by the witness {witness.name}")
        if self.policy and not self.policy.is_satisfied(signed_by):
            reason = f"the policy's quorum {self.policy.quorum} has not cosigned"
            raise Refused("cosignatureMissing", reason)


class Policy:
    """A policy file."""

    def __init__(self, data):
        if len(data) > POLICY_BYTES_MAXIMUM:
            raise ValueError("the policy is too long")
        self.logs, self.witnesses, self.groups = [], {}, {}
        self.quorum = None
        self.has_quorum = False
        self.members = set()
        for number, line in enumerate(data.split(b"\n"), 1):
            try:
                self.read(line)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from error
        if not self.has_quorum:
            raise ValueError("the policy has no 'quorum' line; say 'quorum none' if that is meant")

    @property
    def keys(self):
        """The keys of the witnesses."""
        return list(self.witnesses.values())

    def is_satisfied(self, signed_by):
        """Say whether the quorum is among the keys whose cosignatures are verified."""
        reached = {name for name, key in self.witnesses.items() if key.identity in signed_by}
        for name, (threshold, members) in self.groups.items():
            if sum(member in reached for member in members) >= threshold:
                reached.add(name)
        return self.quorum is None or self.quorum in reached

    def read(self, line):
        """Read one line."""
        if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line):
            raise ValueError("a control character")
        words = [word for word in re.split(rb"[ \t]", line) if word]
        if not words or words[0].startswith(b"#"):
            return
        words = [word.decode("utf-8") for word in words]
        forms = {"log": (2, 3), "witness": (3, 4), "group": (4, len(line)), "quorum": (2, 2)}
        least, most = forms.get(words[0], (0, -1))
        if not least <= len(words) <= most:
            raise ValueError("not a line of a policy in its form")
        if any(len(word.encode()) > WORD_BYTES_MAXIMUM for word in words):
            raise ValueError("a word is too long")
        getattr(self, "read_" + words[0])(*words[1:])

    def read_log(self, text, _url=None):
        """Read a log's line."""
        key = Key(text)
        if key.type != TYPE_LOG:
            raise ValueError("the key is not that of a log")
        if any(log.public == key.public for log in self.logs):
            raise ValueError("the key stands there twice")
        self.require_room(self.logs)
        self.logs.append(key)

    def read_witness(self, name, text, _url=None):
        """Read a witness's line."""
        key = Key(text)
        if key.type != TYPE_COSIGNATURE:
            raise ValueError("the key is not that of a witness")
        if any(witness.public == key.public for witness in self.keys):
            raise ValueError("the key stands there twice")
        self.require_room(self.witnesses)
        self.require_free(name)
        self.witnesses[name] = key

    def read_group(self, name, rule, *members):
        """Read a group's line."""
        threshold = {"all": len(members), "any": 1}.get(rule)
        threshold = number_strict(rule) if threshold is None else threshold
        if not 1 <= threshold <= len(members):
            raise ValueError("a group needs 1 to all of its members")
        self.require_room(self.groups)
        for member in members:
            self.require_defined(member)
            if member in self.members:
                raise ValueError(f"{member!r} is a member twice")
            self.members.add(member)
        self.require_free(name)
        self.groups[name] = threshold, members

    def read_quorum(self, name):
        """Read the quorum's line."""
        if self.has_quorum:
            raise ValueError("there is a second 'quorum' line")
        if name != NONE:
            self.require_defined(name)
            self.quorum = name
        self.has_quorum = True

    def require_free(self, name):
        """Refuse a name that is taken."""
        if name == NONE or name in self.witnesses or name in self.groups:
            raise ValueError(f"the name {name!r} is taken")

    def require_defined(self, name):
        """Refuse a name that no line before has given."""
        if name not in self.witnesses and name not in self.groups:
            raise ValueError(f"{name!r} is not defined before")

    @staticmethod
    def require_room(items):
        """Refuse more than the limit."""
        if len(items) >= ITEMS_MAXIMUM:
            raise ValueError("the policy has too many lines of a kind")
