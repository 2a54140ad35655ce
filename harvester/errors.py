"""What goes wrong, told to the user in one line, with the exit code of the command line."""

from __future__ import annotations

COMPLETE = 0
INCOMPLETE = 1
USAGE = 2
TRY_LATER = 75


class HarvesterError(Exception):
    """One line that says what happened, to which source or record, and what to do now.

    Attributes:
        exit_code: the exit code of a command that ends with this error.
    """

    exit_code = INCOMPLETE


class UsageError(HarvesterError):
    """Wrong usage or configuration: the same call would fail again."""

    exit_code = USAGE


class TryLaterError(HarvesterError):
    """Nothing is wrong that waiting does not mend: locked, throttled, stopped."""

    exit_code = TRY_LATER
