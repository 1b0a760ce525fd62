-- Labels and rules for alerts that an administrator deletes are offered nowhere any more. Their rows stay, because workitems, figures
-- and the audit log name them. Their names are free for others.
ALTER TABLE labels ADD COLUMN deleted_at BIGINT;
ALTER TABLE alert_rules ADD COLUMN deleted_at BIGINT;

DROP INDEX labels_name;
CREATE UNIQUE INDEX labels_name ON labels (kind, name_key, COALESCE(team_id, '')) WHERE deleted_at IS NULL;
DROP INDEX alert_rules_name;
CREATE UNIQUE INDEX alert_rules_name ON alert_rules (name_key, COALESCE(team_id, '')) WHERE deleted_at IS NULL;
