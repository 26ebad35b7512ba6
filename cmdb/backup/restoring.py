"""Restoring a backup: its commits are made again, one by one, each with the hash it had."""

from __future__ import annotations

from collections.abc import Sequence

from cmdb.backup.checking import Backup
from cmdb.backup.reading import Reader, reading
from cmdb.errors import Conflict, Stale
from cmdb.stores.base import Logged, Progress, Store, Transaction, in_silence
from cmdb.stores.bodies import operations_of
from cmdb.stores.staging import batches


def restore(store: Store, backup: Backup, progress: Progress = in_silence) -> None:
    """Put everything a backup holds into a store.

    The store is empty, or holds the beginning of the same history: what is there already is not done again,
    so a restore that was interrupted can be repeated.

    Raises
    ------
    Conflict
        If the store holds another history, or somebody writes to it meanwhile.
    """
    with reading(backup.path) as reader:
        if reader.header != backup.header:
            raise Conflict(f"{backup.path} was replaced while it was checked. Restore it again.")
        _restore_commits(store, backup, reader, progress)
        done = 0
        for some in batches(reader.sightings()):
            store.see(some)
            done += len(some)
            progress("sightings", done, backup.header.sightings)
        store.see((), list(reader.answered()))


def _restore_commits(store: Store, backup: Backup, reader: Reader, progress: Progress) -> None:
    there = store.head().revision
    newest = store.log(there - 1, 1)[0].commit.hash if there else ""
    if there > backup.header.revision:
        raise _other_history(backup)
    for logged, parts in reader.commits():
        revision = logged.commit.revision
        if revision == there and logged.commit.hash != newest:
            raise _other_history(backup)
        if revision > there:
            _commit(store, logged, parts, progress)
        progress("revisions", revision, backup.header.revision)


def _other_history(backup: Backup) -> Conflict:
    return Conflict(
        f"The store holds a history that is not the beginning of the one in {backup.path}. Restore into an"
        " empty store; nothing was changed here."
    )


def _commit(store: Store, logged: Logged, parts: Sequence[bytes], progress: Progress) -> None:
    commit = logged.commit
    told_again = Transaction(
        list(operations_of(parts)),
        commit.author,
        commit.message,
        id=commit.id,
        request_hash=logged.request_hash,
        result=commit.result,
        planned_at=commit.revision - 1,
        time=commit.time,
    )
    try:
        done = store.commit(told_again, progress)
    except Stale as error:
        raise Conflict(
            f"Somebody else wrote to the store while it was restored up to revision {commit.revision - 1}."
            " Restore into an empty store that nobody uses yet."
        ) from error
    if done.hash != commit.hash:
        raise Conflict(f"Revision {commit.revision} came out with another hash than the backup has.")
