"""What can be wrong with the record of a run: each error says what, where, and the way out."""

from __future__ import annotations


class ReportError(Exception):
    """The record cannot be read, or cannot be what it says it is; `hint` names the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Take what is wrong and where, and how to put it right."""
        super().__init__(f"{message}\n  {hint}" if hint else message)
        self.hint = hint


class NoRecordError(ReportError):
    """There is no record of a run at the path."""


class BrokenRecordError(ReportError):
    """A file of the record is not what its format asks for."""


class NotWrittenError(ReportError):
    """Something that is made from the record could not be written; the rest was."""


class ForeignRecordError(ReportError):
    """The record names requirements that this version of the suite does not have."""
