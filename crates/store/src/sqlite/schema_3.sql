-- How large its frames are is noted with each stream, in the row that says how far it reaches: no page more than that is
-- written for it, as the row of the room would be.

ALTER TABLE stream ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE stream SET bytes = (SELECT coalesce(sum(length(frame.bytes)), 0) FROM frame WHERE frame.stream = stream.id);
ALTER TABLE room DROP COLUMN bytes;
