-- The language of a user's pages, as a BCP 47 tag; none is the browser's.
ALTER TABLE users ADD COLUMN language TEXT;
