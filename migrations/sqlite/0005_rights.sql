-- Coaching stays with the team that gave it: once its workitem has moved to another team, only members and supervisors
-- of this one read it. NULL while the workitem has not moved.

ALTER TABLE coaching ADD COLUMN sealed_team TEXT REFERENCES teams (id);
