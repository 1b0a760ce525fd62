-- A key is good for ever: rows of "commands" are no longer deleted, so nothing looks for old ones. "digest" is of what the
-- command was asked to do, so that the same key with something else can be refused; a row of the release before has none.
-- "answer" says where the first answer can be found; what was said stands in its conversation only.
ALTER TABLE commands ADD COLUMN digest BLOB;
DROP INDEX commands_at;

-- How often something was edited: an edit names the version that it started from.
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE teams ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE templates ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
