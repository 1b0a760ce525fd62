-- Who gave a reaction: the workitem may have another agent since. Nobody is named where it was given before that was kept.
ALTER TABLE coaching ADD COLUMN reaction_by TEXT COLLATE "C" REFERENCES users (id);
