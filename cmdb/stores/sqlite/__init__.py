"""The embedded store: one SQLite file, shared by as many threads and processes as like."""

from cmdb.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
