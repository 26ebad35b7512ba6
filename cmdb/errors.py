"""Everything that can go wrong, as one tree.

    CmdbError
    ├── NotFound        a name that nothing has
    ├── Conflict        it exists already, or no longer fits what is there
    ├── Stale           somebody else changed it first
    ├── VersionNeeded   a change that does not say which version it was made from
    ├── Unreadable      input that cannot be parsed
    ├── Rejected        input that was understood and breaks a rule
    │   ├── TooLarge    input above a limit
    │   └── TakesTooLong  a question that cannot be answered in time
    ├── WrongUsage      a malformed question: view, instant, state
    ├── Unauthorised    no valid token
    └── Unavailable     the store cannot be reached

The docstring of each says what it is called, what it means, and what to do, in a paragraph each. Errors
carry what was observed; the front doors alone turn them into status codes and exit codes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: where (`pointer`, as a person would say it) and what."""

    pointer: str
    detail: str


class CmdbError(Exception):
    """Something went wrong.

    A fault in the program, and nothing that was asked for or sent. What happened stands in the server's log,
    with the id of the request.

    Ask again later, and report it with that id. Nothing was written by halves.
    """

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
    """Nothing has this name.

    A key, a revision, a plan, an owner or an address that is not there, or a selection that means nothing.

    Check how it is written: the detail names what is spelt alike. What was renamed or retired is found in a
    view of the past.
    """

    slug = "not-found"


class Conflict(CmdbError):
    """It does not fit what is there.

    A key that is taken, a plan that today's graph has overtaken, or a commit that others have built upon.

    Each entry of `errors` names one thing in the way. Change or withdraw that, then ask again.
    """

    slug = "conflict"


class Stale(CmdbError):
    """Somebody else changed it first.

    What is to be changed is not any more as it was when it was read, and nothing was written.

    Read it again, look at what has changed, and send the change with the new ETag.
    """

    slug = "stale"


class VersionNeeded(CmdbError):
    """The change does not say which version it was made from.

    Without that, it could undo what somebody else did a moment ago.

    Read what is to be changed, and send its ETag, or its `edition`, as If-Match.
    """

    slug = "version-needed"


class Unreadable(CmdbError):
    """The input cannot be read.

    A body or a file that is not what it is said to be, or that ends too early.

    The detail says where reading stopped. Mend it there and send it again.
    """

    slug = "unreadable"


class Rejected(CmdbError):
    """The input breaks a rule.

    It was read and understood, and something in it is not allowed: a field, a value, a relation, a class.

    Each entry of `errors` names a place and what is wrong there. Mend all of them and send it again.
    """

    slug = "rejected"


class TooLarge(Rejected):
    """The input is too large.

    A body, a file or a question above one of the limits, which the detail names.

    Divide it, or narrow the selection.
    """

    slug = "too-large"


class TakesTooLong(Rejected):
    """The answer takes too long.

    It was not found in the time that one request has; nothing was written.

    Narrow the question, such as by a selection or a later revision, or ask on the command line, which
    waits as long as it takes.
    """

    slug = "takes-too-long"


class WrongUsage(CmdbError):
    """The question is malformed.

    A view, an instant, a state, a selection, a cursor or a parameter that cannot be understood.

    The detail says what can be written there. Correct it and ask again.
    """

    slug = "wrong-usage"


class Unauthorised(CmdbError):
    """No valid token was given.

    This server answers only those who hold a token.

    Send it as `Authorization: Bearer TOKEN`, or as the password where a browser asks.
    """

    slug = "unauthorised"


class Unavailable(CmdbError):
    """The store cannot be reached.

    The database is away, or not ready yet. Nothing was written by halves.

    Wait as many seconds as Retry-After says, and send the same again; with an Idempotency-Key that is always
    safe.
    """

    slug = "unavailable"
