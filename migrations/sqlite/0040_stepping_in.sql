-- A message to the customer that a supervisor wrote beside the agent. A release before reads it as the agent's, under the
-- supervisor's name.
ALTER TABLE entries ADD COLUMN by_supervisor INTEGER NOT NULL DEFAULT 0 CHECK (by_supervisor IN (0, 1));

-- From whom the supervisor who has it took it over. Whoever gets it next has it from nobody.
ALTER TABLE workitems ADD COLUMN taken_from TEXT REFERENCES users (id);
