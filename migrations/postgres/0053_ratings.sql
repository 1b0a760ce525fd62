-- How customers rated their chats. Nothing of it is a line of a conversation: staff read it as a notice, and a customer's page reads
-- that it is there.
CREATE TABLE customer_ratings (
    workitem_id TEXT COLLATE "C" PRIMARY KEY REFERENCES customer_views (workitem_id),
    at BIGINT NOT NULL,
    rating BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
    comment TEXT COLLATE "C",
    -- Whose work was rated, as it was then: figures count from the index alone.
    team_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C"
);
CREATE INDEX customer_ratings_figures ON customer_ratings (team_id, at, agent_id, rating);

-- Whether the end of a conversation asks its customer for a rating. Ends of before ask nobody.
ALTER TABLE customer_entries ADD COLUMN asks BIGINT NOT NULL DEFAULT 0;
