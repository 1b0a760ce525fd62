-- Texts that people keep to use again: their own, or those that a team shares. Those of a user or team that is deleted stay,
-- as its row does, and nobody is offered them.
CREATE TABLE saved_texts (
    id TEXT PRIMARY KEY,
    written_for TEXT NOT NULL CHECK (written_for IN ('customer', 'coaching')),
    owner_id TEXT REFERENCES users (id),
    team_id TEXT REFERENCES teams (id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    CHECK ((owner_id IS NULL) <> (team_id IS NULL))
) STRICT;
CREATE INDEX saved_texts_owner ON saved_texts (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX saved_texts_team ON saved_texts (team_id) WHERE team_id IS NOT NULL;
