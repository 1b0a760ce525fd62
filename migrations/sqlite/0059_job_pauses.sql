-- Until when nothing of a queue is taken, because the other side asked for that: a provider, of a channel's messages. One row for each
-- queue that has ever paused, written only then. It is no column of "channels", which every message from outside changes.
CREATE TABLE job_pauses (
    kind TEXT NOT NULL,
    queue TEXT NOT NULL,
    paused_until INTEGER NOT NULL,
    PRIMARY KEY (kind, queue)
) STRICT, WITHOUT ROWID;
