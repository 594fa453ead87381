"""The one exception that says what is wrong and where."""


class Wrong(Exception):
    """The log or the proof is wrong: the file, the index if there is one, and the reason."""

    def __init__(self, path, index, reason):
        place = path if index is None else f"{path}, index {index}"
        super().__init__(f"{place}: {reason}")
