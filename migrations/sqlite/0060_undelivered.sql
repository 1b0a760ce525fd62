-- Messages that did not arrive. Lists say of each workitem whether there is one, and most have none: so it costs them nothing.
CREATE INDEX entries_failed ON entries (workitem_id, seq) WHERE delivery = 'failed';
