-- Accounts and sign-in.

-- When the session last proved its password (signing in does); sensitive acts ask for it again after a while.
ALTER TABLE sessions ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;

-- Browsers in which a user has signed in: nobody else's wrong passwords lock them out. "browser" is a hash of the
-- user and the browser's secret, so the rows of two users of one browser have nothing in common.
CREATE TABLE known_browsers (
    user_id TEXT NOT NULL REFERENCES users (id),
    browser TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, browser)
) STRICT;
CREATE INDEX known_browsers_seen ON known_browsers (user_id, seen_at);

-- Written to find out whether the disk takes anything; "room" holds something only for a moment.
CREATE TABLE probe (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL,
    room BLOB
) STRICT;
INSERT INTO probe (one, count) VALUES (1, 0);
