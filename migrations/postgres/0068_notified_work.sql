-- Which workitem a notification names, so that its title and customer go when the workitem does. A node of the release before leaves
-- it empty.
ALTER TABLE own_log ADD COLUMN workitem_id TEXT COLLATE "C";
UPDATE own_log SET workitem_id = COALESCE(
    json_extract(event, '$.WorkAssigned.workitem'), json_extract(event, '$.WorkTaken.workitem'),
    json_extract(event, '$.MonitoringStarted.workitem'), json_extract(event, '$.MonitoringEnded.workitem'),
    json_extract(event, '$.Message.request.workitem[0]'), json_extract(event, '$.RequestReturned.message.request.workitem[0]'));
UPDATE own_log SET workitem_id = NULL, event = json_replace(event,
        '$.WorkAssigned.subject', '—', '$.WorkTaken.subject', '—', '$.MonitoringStarted.subject', '—',
        '$.MonitoringEnded.subject', '—', '$.Message.request.workitem[1]', '—',
        '$.RequestReturned.message.request.workitem[1]', '—',
        '$.WorkAssigned.customer', '—', '$.WorkTaken.customer', '—', '$.MonitoringStarted.customer', '—',
        '$.MonitoringEnded.customer', '—')
    WHERE workitem_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.id = own_log.workitem_id);
CREATE INDEX own_log_workitem ON own_log (workitem_id) WHERE workitem_id IS NOT NULL;
-- The line that leads to an earlier workitem says no title: its reader may not be one of that workitem's.
UPDATE notices SET notice = (notice::JSONB - 'subject')::TEXT WHERE json_extract(notice, '$.kind') = 'earlier';
