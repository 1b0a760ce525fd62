-- What the program writes is data: a kind with parameters, and no words. Sentences of the releases before become what they
-- said; one that is not recognised is kept as it is, of the kind "text".

-- A notice of a conversation as JSON: {"kind": "assigned", "agent": "Amy Adler"}.
CREATE TABLE notices_as_data (
    entry_id TEXT PRIMARY KEY REFERENCES entries (id),
    notice TEXT NOT NULL CHECK (json_valid(notice))
) STRICT;

INSERT INTO notices_as_data (entry_id, notice)
WITH
    -- Each sentence without its full stop, with the customer of its workitem.
    sentences AS (
        SELECT n.entry_id, n.text, w.customer, substr(n.text, 1, length(n.text) - 1) AS body
        FROM notices n JOIN entries e ON e.id = n.entry_id JOIN workitems w ON w.id = e.workitem_id
    ),
    -- LEAD transferred this to TARGET. LEAD reassigned this [from AGENT] to TARGET.
    -- LEAD. Back in the queue of TARGET. LEAD called TARGET.
    verbs (phrase) AS (
        VALUES (' transferred this to '), (' reassigned this from '), (' reassigned this to '),
            ('. Back in the queue of '), (' called ')
    ),
    verb_of AS (
        SELECT s.entry_id, v.phrase,
            substr(s.body, 1, instr(s.body, v.phrase) - 1) AS lead,
            substr(s.body, instr(s.body, v.phrase) + length(v.phrase)) AS target
        FROM sentences s JOIN verbs v ON instr(s.body, v.phrase) > 1
            AND instr(s.body, v.phrase) + length(v.phrase) <= length(s.body) AND s.text LIKE '%.'
    ),
    -- Of several phrases, which a name may contain, the one that stands first.
    parts AS (
        SELECT entry_id, phrase, lead, target FROM verb_of v
        WHERE length(lead) = (SELECT MIN(length(o.lead)) FROM verb_of o WHERE o.entry_id = v.entry_id)
    ),
    -- AGENT to TARGET, behind "reassigned this from".
    handed AS (
        SELECT entry_id, phrase, lead,
            CASE WHEN phrase = ' reassigned this from ' THEN substr(target, 1, instr(target, ' to ') - 1) END AS giver,
            CASE WHEN phrase = ' reassigned this from ' THEN substr(target, instr(target, ' to ') + 4)
                ELSE target END AS taker
        FROM parts
        WHERE phrase IN (' transferred this to ', ' reassigned this to ')
            OR phrase = ' reassigned this from ' AND instr(target, ' to ') > 1
    ),
    handed_notices AS (
        SELECT entry_id, json_patch(
            CASE WHEN phrase = ' transferred this to ' THEN json_object('kind', 'transferred', 'by', lead)
                WHEN giver IS NULL THEN json_object('kind', 'reassigned', 'by', lead)
                ELSE json_object('kind', 'reassigned', 'by', lead, 'from', giver) END,
            CASE WHEN taker GLOB 'the team ?*' THEN json_object('to', json_object('team', substr(taker, 10)))
                ELSE json_object('to', json_object('agent', taker)) END) AS notice
        FROM handed
    ),
    -- Why something is back in the queue: AGENT and a phrase.
    returned_notices AS (
        SELECT entry_id, CASE
            WHEN lead GLOB '?* cannot take work any more' THEN json_object('kind', 'agent_gone',
                'agent', substr(lead, 1, length(lead) - length(' cannot take work any more')), 'team', target)
            WHEN lead GLOB '?* lost the connection before this arrived' THEN json_object('kind', 'not_received',
                'agent', substr(lead, 1, length(lead) - length(' lost the connection before this arrived')),
                'team', target)
            WHEN substr(lead, -length(' left the team ' || target)) = ' left the team ' || target
                THEN json_object('kind', 'agent_left_team',
                    'agent', substr(lead, 1, length(lead) - length(' left the team ' || target)), 'team', target)
            WHEN lead GLOB '?* has had no connection for [0-9]* minutes'
                OR lead GLOB '?* has had no connection for [0-9]* second*' THEN json_object('kind', 'connection_lost',
                    'agent', substr(lead, 1, instr(lead, ' has had no connection for ') - 1),
                    'seconds', CAST(substr(lead, instr(lead, ' has had no connection for ')
                        + length(' has had no connection for ')) AS INTEGER)
                        * CASE WHEN lead GLOB '* minutes' THEN 60 ELSE 1 END,
                    'team', target)
            END AS notice
        FROM parts WHERE phrase = '. Back in the queue of '
    ),
    called_notices AS (
        SELECT entry_id, json_object('kind', 'called', 'by', lead, 'number', target) AS notice
        FROM parts WHERE phrase = ' called ' AND target GLOB '[+0-9*#]*' AND instr(target, ' ') = 0
    ),
    plain_notices AS (
        SELECT entry_id, CASE
            WHEN text GLOB 'Given to ?*.' THEN json_object('kind', 'assigned', 'agent', substr(body, 10))
            WHEN text = customer || ' ended the conversation.'
                THEN json_object('kind', 'ended_by_customer', 'customer', customer)
            WHEN text = customer || ' ended the conversation and can''t come back to it.'
                THEN json_object('kind', 'customer_forgotten', 'customer', customer)
            WHEN text GLOB '?* ended the conversation.' THEN json_object('kind', 'ended',
                'by', substr(body, 1, length(body) - length(' ended the conversation')))
            WHEN text GLOB '?* closed the workitem.' THEN json_object('kind', 'closed',
                'by', substr(body, 1, length(body) - length(' closed the workitem')))
            WHEN text GLOB 'Closed: ?* cannot take work any more.' THEN json_object('kind', 'closed_agent_gone',
                'agent', substr(body, 9, length(body) - 8 - length(' cannot take work any more')))
            WHEN text GLOB 'Closed: ?* left the team ?*.' THEN json_object('kind', 'closed_agent_left_team',
                'agent', substr(body, 9, instr(body, ' left the team ') - 9),
                'team', substr(body, instr(body, ' left the team ') + length(' left the team ')))
            END AS notice
        FROM sentences
    )
SELECT n.entry_id, COALESCE(p.notice, h.notice, r.notice, c.notice, json_object('kind', 'text', 'text', n.text))
FROM notices n
LEFT JOIN plain_notices p ON p.entry_id = n.entry_id
LEFT JOIN handed_notices h ON h.entry_id = n.entry_id
LEFT JOIN returned_notices r ON r.entry_id = n.entry_id
LEFT JOIN called_notices c ON c.entry_id = n.entry_id;

DROP TABLE notices;
ALTER TABLE notices_as_data RENAME TO notices;

-- The subject of a call is the number that is called.
UPDATE workitems SET subject = substr(subject, length('Call to ') + 1)
    WHERE channel = 'phone' AND subject = 'Call to ' || customer;
UPDATE requests SET subject = substr(subject, length('Call to ') + 1)
    WHERE subject GLOB 'Call to ?*'
        AND workitem_id IN (SELECT id FROM workitems WHERE channel = 'phone' AND subject = customer);
UPDATE own_log SET event = json_set(event, path.path,
        substr(json_extract(event, path.path), length('Call to ') + 1))
    FROM (SELECT '$.WorkAssigned.subject' AS path UNION ALL SELECT '$.WorkTaken.subject'
        UNION ALL SELECT '$.MonitoringStarted.subject' UNION ALL SELECT '$.MonitoringEnded.subject'
        UNION ALL SELECT '$.Message.request.workitem[1]') AS path
    WHERE json_extract(event, path.path) GLOB 'Call to [+0-9*#]*';

-- What was changed in the organisation's settings, as "queue_max 200 -> 300".
UPDATE audit SET about = read.about
FROM (
    WITH RECURSIVE
        labels (label, name) AS (VALUES
            ('Mark as lost after', 'agent_lost_after_s'),
            ('Back to the queue after a further', 'requeue_after_s'),
            ('Chats at a time', 'capacity_chat'),
            ('Social conversations at a time', 'capacity_social'),
            ('SMS conversations at a time', 'capacity_sms'),
            ('Phone workitems at a time', 'capacity_phone'),
            ('Email workitems at a time', 'capacity_email'),
            ('Longest queue of one channel', 'queue_max'),
            ('Coaching goes along to another team', 'coaching_crosses_teams')),
        parts (id, number, part, rest) AS (
            SELECT id, 0, '', about || '; ' FROM audit WHERE what = 'organisation_save' AND about <> ''
            UNION ALL
            SELECT id, number + 1, substr(rest, 1, instr(rest, '; ') - 1), substr(rest, instr(rest, '; ') + 2)
            FROM parts WHERE rest <> ''),
        -- IS UNIT (was WAS UNIT)
        changes AS (
            SELECT p.id, p.number, l.name, substr(p.part, length(l.label) + 3) AS present,
                substr(p.part, instr(p.part, ' (was ') + length(' (was ')) AS past
            FROM parts p LEFT JOIN labels l ON p.part GLOB l.label || ': * (was *)'
            WHERE p.number > 0)
    SELECT id, group_concat(change, '; ') AS about
    FROM (SELECT id, number, name || ' '
            || CASE WHEN past GLOB 'on*' THEN 1 ELSE CAST(past AS INTEGER) END || ' -> '
            || CASE WHEN present GLOB 'on*' THEN 1 ELSE CAST(present AS INTEGER) END AS change
        FROM changes ORDER BY id, number)
    GROUP BY id HAVING COUNT(*) = COUNT(change)
) AS read
WHERE audit.id = read.id;
