"""The one exception that says what is wrong and where."""


class Wrong(Exception):
    """The log or the proof is wrong: the file, the index if there is one, and the reason.

    `kind` is the name that `lethe audit verify --json` gives to the same finding.
    """

    def __init__(self, path, index, reason, kind=None):
        place = path if index is None else f"{path}, index {index}"
        super().__init__(f"{place}: {reason}")
        self.path, self.index, self.reason, self.kind = path, index, reason, kind

    def __reduce__(self):
        """Let it pass from a process that reads a part of the log."""
        return (Wrong, (self.path, self.index, self.reason, self.kind))
