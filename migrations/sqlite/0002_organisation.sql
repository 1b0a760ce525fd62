-- What an administrator sets for the whole organisation: one row with a JSON object. A field that is missing has its
-- default, so that a release can add one. "version" counts the changes: an edit names the one that it started from.

CREATE TABLE organisation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    settings TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
INSERT INTO organisation (one, settings, version) VALUES (1, '{}', 0);
