-- Log tables are clustered by project, document and place, so that loading a project reads neighbouring pages.

CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    last_seq INTEGER NOT NULL,
    syncs INTEGER NOT NULL          -- something small to change in the commit that makes earlier ones durable
) STRICT;
INSERT INTO counter VALUES (1, 0, 0);

CREATE TABLE opening (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    machine TEXT NOT NULL,
    path TEXT NOT NULL,
    file TEXT NOT NULL,             -- what tells this database file from a copy of it
    opens INTEGER NOT NULL,         -- mirrored, with the nonce, in a file beside the database
    nonce TEXT NOT NULL,
    clean INTEGER NOT NULL
) STRICT;

CREATE TABLE project (
    key BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    template TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    opened_ms INTEGER,
    trashed_ms INTEGER,
    node_count INTEGER NOT NULL,
    stats TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE chunk (
    project BLOB NOT NULL,
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sum BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (project, document, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
    project BLOB NOT NULL,
    document INTEGER NOT NULL,
    through INTEGER NOT NULL,       -- 0: what the document held at first
    sum BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (project, document, through)
) STRICT;

CREATE TABLE undo (
    project BLOB NOT NULL,
    author BLOB NOT NULL,
    stack INTEGER NOT NULL,         -- 0: undo, 1: redo
    position INTEGER NOT NULL,      -- rises towards the top
    sum BLOB NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (project, author, stack, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    project BLOB NOT NULL,
    kind INTEGER NOT NULL,          -- 0: chunk, 1: snapshot, 2: undo entry
    document INTEGER,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE INDEX quarantine_project ON quarantine (project);

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
