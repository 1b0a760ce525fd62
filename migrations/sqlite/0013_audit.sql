-- The audit log says what was refused and what was changed, and its rows form a chain.

ALTER TABLE audit ADD COLUMN outcome TEXT NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused'));
UPDATE audit SET outcome = 'refused'
    WHERE what GLOB 'refused_*' OR what IN ('sign_in_refused', 'password_refused', 'second_factor_refused');
-- A list of {"field", "was", "is"}.
ALTER TABLE audit ADD COLUMN changes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(changes));
-- How many refusals this row stands for that were too many to have rows.
ALTER TABLE audit ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
-- Of this row and the one before (`store/sqlite/audit_chain.rs`); the program fills it in for the rows that are here.
ALTER TABLE audit ADD COLUMN digest BLOB NOT NULL DEFAULT x'';

-- The last row that was deleted from the front: the chain begins behind it.
CREATE TABLE audit_anchor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last_id INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;
INSERT INTO audit_anchor (one, last_id, digest)
    SELECT 1, COALESCE(MIN(id) - 1, 0), zeroblob(32) FROM audit;

-- The log is read by time, and by one more column.
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor_id, at);
CREATE INDEX audit_what ON audit (what, at);
CREATE INDEX audit_object ON audit (about, at);
CREATE INDEX audit_outcome ON audit (outcome, at);
