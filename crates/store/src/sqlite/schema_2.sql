-- Rooms. Frames are clustered by stream and number, so that catching up reads neighbouring pages; rooms and streams have
-- short numbers of their own, which are never given out twice, since a key of 72 bytes is as long as many a frame.

CREATE TABLE room (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    bytes INTEGER NOT NULL          -- of all its frames
) STRICT;

CREATE TABLE room_meta (
    room INTEGER NOT NULL,
    name TEXT NOT NULL,
    sum BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL,
    device BLOB NOT NULL,
    stream INTEGER NOT NULL,
    held INTEGER NOT NULL,          -- numbers from 1 on without a hole, dropped ones too
    sum BLOB NOT NULL,
    UNIQUE (room, device, stream)
) STRICT;

CREATE TABLE frame (
    stream INTEGER NOT NULL,
    number INTEGER NOT NULL,
    document INTEGER NOT NULL,
    sum BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (stream, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE room_quarantine (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    kind INTEGER NOT NULL,          -- 0: frame, 1: named bytes, 2: how much of a stream is held
    stream INTEGER,                 -- of a frame or a count
    number INTEGER,
    document INTEGER,
    name TEXT,                      -- of named bytes
    missing INTEGER NOT NULL,       -- 1: a frame that counted as held and has not come again
    reason TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE INDEX room_quarantine_room ON room_quarantine (room);
CREATE INDEX room_quarantine_missing ON room_quarantine (stream, number) WHERE missing = 1;
