-- Whether the agent was notified that a supervisor monitors: an organisation can decide that agents are not.
ALTER TABLE monitoring ADD COLUMN announced BIGINT NOT NULL DEFAULT 1 CHECK (announced IN (0, 1));
