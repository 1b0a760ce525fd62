-- Whether single letters act on the page of a user, outside of text boxes.
ALTER TABLE users ADD COLUMN letter_keys INTEGER NOT NULL DEFAULT 1;
