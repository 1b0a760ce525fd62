-- The teams of whose workitems a receiver is told, as a list of ids; NULL: of all. The id of a deleted team stays.
ALTER TABLE webhook_receivers ADD COLUMN teams TEXT CHECK (json_valid(teams));
