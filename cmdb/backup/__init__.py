"""Backups: everything a store holds as lines of JSON, and the way back.

    {"cmdb_backup": {…}}     which moment it shows, and how many lines of each kind follow
    {"commit": {…}}          an entry of the log, for every revision in order, and behind it
    [{…}, …]                 what that commit did, in as many lines as the entry says
    {"sighting": {…}}        which source knows what by which name, and when it last saw it
    {"answered": {…}}        a request that was answered without a commit
    {"end": {…}}             how many lines there were, and the SHA-256 of all of them

A backup is a function of what the store holds, whatever kind of store that is. A file is read to its end and
proved before anything of it is restored.
"""

from cmdb.backup.checking import Backup, checked
from cmdb.backup.packing import backup_file
from cmdb.backup.restoring import restore
from cmdb.backup.writing import write

__all__ = ["Backup", "backup_file", "checked", "restore", "write"]
