-- How customers rated their chats. Nothing of it is a line of a conversation: staff read it as a notice, and a customer's page reads
-- that it is there.
CREATE TABLE customer_ratings (
    workitem_id TEXT PRIMARY KEY REFERENCES customer_views (workitem_id),
    at INTEGER NOT NULL,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    comment TEXT,
    -- Whose work was rated, as it was then: figures count from the index alone.
    team_id TEXT NOT NULL,
    agent_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_ratings_figures ON customer_ratings (team_id, at, agent_id, rating);

-- Whether the end of a conversation asks its customer for a rating. Ends of before ask nobody.
ALTER TABLE customer_entries ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;
