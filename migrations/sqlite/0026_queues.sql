-- Which queue an agent of several teams is given work from first.
ALTER TABLE teams ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('high', 'normal', 'low'));
