"""Everything that can go wrong, as one tree.

    CmdbError
    ├── NotFound        a name that nothing has
    ├── Conflict        it exists already, or no longer fits what is there
    ├── Stale           somebody else changed it first
    ├── VersionNeeded   a change that does not say which version it was made from
    ├── Unreadable      input that cannot be parsed
    ├── Rejected        input that was understood and breaks a rule
    │   └── TooLarge    input above a limit
    ├── WrongUsage      a malformed question: view, instant, state
    ├── Unauthorised    no valid token
    └── Unavailable     the store cannot be reached

Errors carry what was observed; the front doors alone turn them into status codes and exit codes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: where (`pointer`, as a person would say it) and what."""

    pointer: str
    detail: str


class CmdbError(Exception):
    """Something went wrong."""

    slug = "error"

    def __init__(self, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults

    @property
    def title(self) -> str:
        """The short, constant name of this kind of error: the first line of its docstring."""
        return (type(self).__doc__ or "").splitlines()[0].rstrip(".")


class NotFound(CmdbError):
    """Nothing has this name."""

    slug = "not-found"


class Conflict(CmdbError):
    """It does not fit what is there."""

    slug = "conflict"


class Stale(CmdbError):
    """Somebody else changed it first."""

    slug = "stale"


class VersionNeeded(CmdbError):
    """The change does not say which version it was made from."""

    slug = "version-needed"


class Unreadable(CmdbError):
    """The input cannot be read."""

    slug = "unreadable"


class Rejected(CmdbError):
    """The input breaks a rule."""

    slug = "rejected"


class TooLarge(Rejected):
    """The input is too large."""

    slug = "too-large"


class WrongUsage(CmdbError):
    """The question is malformed."""

    slug = "wrong-usage"


class Unauthorised(CmdbError):
    """No valid token was given."""

    slug = "unauthorised"


class Unavailable(CmdbError):
    """The store cannot be reached."""

    slug = "unavailable"
