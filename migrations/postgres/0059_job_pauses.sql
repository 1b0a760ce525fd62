-- Until when nothing of a queue is taken, because the other side asked for that: a provider, of a channel's messages. One row for each
-- queue that has ever paused, written only then. It is no column of "channels", which every message from outside changes.
CREATE TABLE job_pauses (
    kind TEXT COLLATE "C" NOT NULL,
    queue TEXT COLLATE "C" NOT NULL,
    paused_until BIGINT NOT NULL,
    PRIMARY KEY (kind, queue)
);
