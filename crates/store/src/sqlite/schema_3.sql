-- How large its frames are is noted with each stream, in the row that a new frame changes anyway: one page fewer in each
-- commit than in the row of the room.

ALTER TABLE stream ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE stream SET bytes = (SELECT coalesce(sum(length(frame.bytes)), 0) FROM frame WHERE frame.stream = stream.id);
ALTER TABLE room DROP COLUMN bytes;
