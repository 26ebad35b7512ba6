-- The embedded store's tables. A row of items, relations or plans is a state that held from revision `since`
-- up to, not including, revision `until` (open while it is null).

CREATE TABLE commits (
    revision INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    time TEXT NOT NULL,
    author TEXT NOT NULL,
    identity TEXT NOT NULL,
    message TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    result BLOB NOT NULL,
    body_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
-- What each commit did, as JSON lists of operations.
CREATE TABLE bodies (
    revision INTEGER NOT NULL REFERENCES commits (revision),
    part INTEGER NOT NULL,
    operations BLOB NOT NULL,
    PRIMARY KEY (revision, part)
);
-- Requests that were answered without a commit, because nothing had to change.
CREATE TABLE answered (
    id TEXT PRIMARY KEY,
    request_hash TEXT NOT NULL,
    result BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE items (
    uid TEXT NOT NULL,
    version INTEGER NOT NULL,
    since INTEGER NOT NULL REFERENCES commits (revision),
    until INTEGER REFERENCES commits (revision),
    key TEXT NOT NULL,
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    attributes BLOB NOT NULL,
    provenance BLOB NOT NULL,
    PRIMARY KEY (uid, version)
) WITHOUT ROWID;
CREATE UNIQUE INDEX items_key ON items (key) WHERE until IS NULL;
CREATE INDEX items_keys ON items (key, since);
CREATE TABLE relations (
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    target TEXT NOT NULL,
    version INTEGER NOT NULL,
    since INTEGER NOT NULL REFERENCES commits (revision),
    until INTEGER REFERENCES commits (revision),
    attributes BLOB NOT NULL,
    provenance BLOB NOT NULL,
    PRIMARY KEY (source, type, target, version)
) WITHOUT ROWID;
CREATE INDEX relations_target ON relations (target);
-- The steps of plans: what a project, deliverable or change intends for one item or relation.
CREATE TABLE plans (
    owner TEXT NOT NULL,
    target TEXT NOT NULL,
    since INTEGER NOT NULL REFERENCES commits (revision),
    until INTEGER REFERENCES commits (revision),
    step BLOB NOT NULL,
    PRIMARY KEY (owner, target, since)
) WITHOUT ROWID;
CREATE TABLE sightings (
    source TEXT NOT NULL,
    class TEXT NOT NULL,
    source_id TEXT NOT NULL,
    uid TEXT NOT NULL,
    time TEXT NOT NULL,
    PRIMARY KEY (source, class, source_id)
) WITHOUT ROWID;
CREATE INDEX sightings_uid ON sightings (uid);
-- How often sightings were recorded.
CREATE TABLE reports (number INTEGER NOT NULL);
INSERT INTO reports VALUES (0);
