-- Names are found, sorted and kept apart without case, accents, composition and outer blanks: by a key that the program
-- computes (`shared::fold`).

ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE INDEX users_name ON users (name_key);
ALTER TABLE teams ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE workitems ADD COLUMN customer_key TEXT NOT NULL DEFAULT '';
DROP INDEX workitems_customer;
CREATE INDEX workitems_customer ON workitems (customer_key, started_at);
