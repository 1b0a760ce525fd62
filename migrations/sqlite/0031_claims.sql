-- Who sees to a raised hand, and within how many minutes somebody should.
-- A claim stays at a request that is settled: it says who had it. A request is open, as in the release before, while
-- "answered_at" is empty, claimed or not.

ALTER TABLE requests ADD COLUMN claimed_at INTEGER;
ALTER TABLE requests ADD COLUMN claimed_by TEXT REFERENCES users (id);
-- The template's, when the request was made.
ALTER TABLE requests ADD COLUMN target_min INTEGER;
ALTER TABLE templates ADD COLUMN target_min INTEGER;

CREATE INDEX requests_claimed ON requests (claimed_by) WHERE claimed_by IS NOT NULL AND answered_at IS NULL;
