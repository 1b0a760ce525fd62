//! The rules, each as a query for what breaks it. A query answers one sentence a row and names ids and numbers,
//! never a text that somebody wrote. Long conversations must not make it slow: lines and entries are joined from the
//! side on which the other's key is whole (`CROSS JOIN` keeps SQLite from turning that around).

/// One thing that must be true.
pub(super) struct Rule {
    /// What an operator reads in front of a finding.
    pub(super) name: &'static str,
    /// A query with the column `what`; no row means that the rule holds.
    pub(super) broken_by: &'static str,
}

/// SQLite's own: the file's structure, its checks and its unique columns.
pub(super) const INTEGRITY: &str = "integrity";
/// SQLite's own: every reference has a target.
pub(super) const FOREIGN_KEYS: &str = "foreign keys";

/// In a numbering without gaps, from 1, whose numbers are distinct, the count, the last number and the head are one.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "staff numbers",
        broken_by: "SELECT 'workitem ' || w.id || ' gave out ' || w.last_entry || ' numbers and has '
                || COUNT(e.seq) || ' entries, numbered ' || COALESCE(MIN(e.seq), 0) || ' to '
                || COALESCE(MAX(e.seq), 0) AS what
            FROM workitems w LEFT JOIN entries e ON e.workitem_id = w.id GROUP BY w.id
            HAVING COUNT(e.seq) <> w.last_entry OR COALESCE(MAX(e.seq), 0) <> w.last_entry
                OR COALESCE(MIN(e.seq), 1) <> 1",
    },
    Rule {
        // An entry that changes moves on to a new revision, so old ones are free; the newest is always somebody's.
        name: "staff revisions",
        broken_by: "SELECT 'workitem ' || w.id || ' is at revision ' || w.head || ', its last change at '
                || MAX(w.rev, COALESCE(MAX(e.rev), 0)) AS what
            FROM workitems w LEFT JOIN entries e ON e.workitem_id = w.id GROUP BY w.id
            HAVING w.head <> MAX(w.rev, COALESCE(MAX(e.rev), 0))
            UNION ALL
            SELECT 'entry ' || e.id || ' and its workitem share revision ' || e.rev
            FROM entries e JOIN workitems w ON w.id = e.workitem_id WHERE w.rev = e.rev
            UNION ALL
            SELECT 'entry ' || id || ' has number ' || seq || ' and the older revision ' || rev
            FROM entries WHERE rev < seq",
    },
    Rule {
        name: "customer numbers",
        broken_by: "SELECT 'the customer of ' || v.workitem_id || ' was given ' || v.head || ' numbers and has '
                || COUNT(c.seq) || ' lines, numbered ' || COALESCE(MIN(c.seq), 0) || ' to '
                || COALESCE(MAX(c.seq), 0) AS what
            FROM customer_views v LEFT JOIN customer_entries c ON c.workitem_id = v.workitem_id
            GROUP BY v.workitem_id
            HAVING COUNT(c.seq) <> v.head OR COALESCE(MAX(c.seq), 0) <> v.head
                OR COALESCE(MIN(c.seq), 1) <> 1",
    },
    Rule {
        name: "customer views",
        broken_by: "SELECT 'workitem ' || w.id || ' has no customer''s view' AS what FROM workitems w
            WHERE NOT EXISTS (SELECT 1 FROM customer_views v WHERE v.workitem_id = w.id)
            UNION ALL
            SELECT 'the customer''s view ' || v.workitem_id || ' belongs to no workitem' FROM customer_views v
            WHERE NOT EXISTS (SELECT 1 FROM workitems w WHERE w.id = v.workitem_id)
            UNION ALL
            SELECT 'the customer''s view ' || v.workitem_id || ' and its last line disagree about the end'
            FROM customer_views v
            WHERE v.ended <> EXISTS (SELECT 1 FROM customer_entries c
                WHERE c.workitem_id = v.workitem_id AND c.seq = v.head AND c.kind = 'ended' AND c.resumed = 0)
            UNION ALL
            SELECT 'line ' || c.seq || ' of the customer of ' || c.workitem_id || ' ends what goes on'
            FROM customer_entries c JOIN customer_views v ON v.workitem_id = c.workitem_id
            WHERE c.kind = 'ended' AND c.resumed = 0 AND c.seq < v.head AND NOT EXISTS (SELECT 1 FROM customer_entries r
                WHERE r.workitem_id = c.workitem_id AND r.seq = c.seq + 1 AND r.resumed = 1)
            UNION ALL
            SELECT 'line ' || c.seq || ' of the customer of ' || c.workitem_id || ' reopens what had not ended'
            FROM customer_entries c WHERE c.resumed = 1 AND NOT EXISTS (SELECT 1 FROM customer_entries e
                WHERE e.workitem_id = c.workitem_id AND e.seq = c.seq - 1 AND e.kind = 'ended' AND e.resumed = 0)",
    },
    Rule {
        // What a customer can read is what staff read as a message, word for word the same row; nothing else has a
        // place among the customer's lines. (Equal words prove nothing: an agent may copy a coaching message.)
        name: "audiences",
        broken_by: "SELECT 'line ' || c.seq || ' of the customer of ' || c.workitem_id
                || ' is no message of customer or agent' AS what
            FROM customer_entries c LEFT JOIN (SELECT workitem_id, customer_seq, kind, COUNT(*) AS messages
                FROM entries WHERE customer_seq IS NOT NULL GROUP BY workitem_id, customer_seq, kind) e
                ON e.workitem_id = c.workitem_id AND e.customer_seq = c.seq
                    AND e.kind = CASE c.kind WHEN 'mine' THEN 'customer' ELSE 'agent' END
            WHERE c.kind <> 'ended' AND COALESCE(e.messages, 0) <> 1
            UNION ALL
            SELECT 'line ' || c.seq || ' of the customer of ' || c.workitem_id || ' names somebody else than entry '
                || e.id
            FROM entries e CROSS JOIN customer_entries c
                ON c.workitem_id = e.workitem_id AND c.seq = e.customer_seq
            WHERE c.kind = 'theirs' AND c.name <> e.name
            UNION ALL
            SELECT 'the end of the customer''s conversation ' || c.workitem_id || ' is entry ' || e.id
            FROM entries e CROSS JOIN customer_entries c
                ON c.workitem_id = e.workitem_id AND c.seq = e.customer_seq
            WHERE c.kind = 'ended'
            UNION ALL
            SELECT 'entry ' || e.id || ' (' || e.kind || ') stands among the customer''s lines' FROM entries e
            WHERE e.kind NOT IN ('customer', 'agent') AND e.customer_seq IS NOT NULL
            UNION ALL
            SELECT 'entry ' || id || ' (' || kind || ') is a supervisor''s and no message to the customer' FROM entries
            WHERE by_supervisor = 1 AND kind <> 'agent'
            UNION ALL
            SELECT 'entry ' || e.id || ' (' || e.kind || ') has no line at the customer' FROM entries e
            WHERE e.kind IN ('customer', 'agent') AND NOT EXISTS (SELECT 1 FROM customer_entries c
                WHERE c.workitem_id = e.workitem_id AND c.seq = e.customer_seq)",
    },
    Rule {
        // A line names the files that are there, each with its whole content or with the reason why not. Without a text it has one.
        // What is coming has a source and a job, and nothing else has.
        name: "files",
        broken_by: "SELECT 'line ' || c.seq || ' of the customer of ' || c.workitem_id || ' names ' || c.files || ' files' AS what
            FROM customer_entries c WHERE c.files <> (SELECT COUNT(*) FROM customer_files f
                WHERE f.workitem_id = c.workitem_id AND f.seq = c.seq)
            UNION ALL
            SELECT 'line ' || c.seq || ' of the customer of ' || c.workitem_id || ' says nothing'
            FROM customer_entries c WHERE c.kind <> 'ended' AND c.text = '' AND c.files = 0
            UNION ALL
            SELECT 'file ' || f.id || ' has ' || COALESCE(length(c.content), 0) || ' of ' || f.size || ' bytes'
            FROM customer_files f LEFT JOIN customer_file_contents c ON c.file_id = f.id
            WHERE COALESCE(length(c.content), -1) <> CASE f.state WHEN 'ready' THEN f.size ELSE -1 END
            UNION ALL
            SELECT 'file ' || f.id || ' is ' || f.state || ' and has '
                || CASE WHEN j.id IS NULL THEN 'no job' ELSE 'a job' END
                || CASE WHEN s.file_id IS NULL THEN ' and no source' ELSE ' and a source' END
            FROM customer_files f LEFT JOIN jobs j ON j.about = f.id LEFT JOIN file_sources s ON s.file_id = f.id
            WHERE (f.state = 'coming') <> (j.id IS NOT NULL) OR (f.state = 'coming') <> (s.file_id IS NOT NULL)
            UNION ALL
            SELECT 'job ' || j.id || ' is about no file' FROM jobs j
            WHERE j.kind = 'file_fetch' AND NOT EXISTS (SELECT 1 FROM customer_files f WHERE f.id = j.about)",
    },
    Rule {
        name: "one order",
        broken_by: "SELECT 'entry ' || id || ' stands in another order at the customer' AS what
            FROM (SELECT id, seq, LAG(seq) OVER (PARTITION BY workitem_id ORDER BY customer_seq) AS before
                FROM entries WHERE customer_seq IS NOT NULL)
            WHERE seq <= before",
    },
    Rule {
        name: "staff texts",
        broken_by: "SELECT 'entry ' || e.id || ' is coaching and its text is '
                || CASE WHEN c.entry_id IS NULL THEN 'missing' ELSE 'there without being coaching' END AS what
            FROM entries e LEFT JOIN coaching c ON c.entry_id = e.id
            WHERE (e.kind = 'coaching') <> (c.entry_id IS NOT NULL)
            UNION ALL
            SELECT 'entry ' || e.id || ' (' || e.kind || ') and the notices disagree'
            FROM entries e LEFT JOIN notices n ON n.entry_id = e.id
            WHERE (e.kind = 'notice') <> (n.entry_id IS NOT NULL)
            UNION ALL
            SELECT 'entry ' || entry_id || ' is a notice of a kind that is not known' FROM notices
            WHERE COALESCE(json_extract(notice, '$.kind'), '') NOT IN ('assigned', 'transferred', 'reassigned', 'called',
                'joined', 'taken_over', 'given_back',
                'ended', 'ended_by_customer', 'reopened', 'customer_forgotten', 'closed', 'connection_lost', 'not_received',
                'agent_gone', 'agent_left_team', 'closed_agent_gone', 'closed_agent_left_team', 'closed_agent_lost', 'earlier',
                'stopped_by_customer', 'started_by_customer', 'attachments', 'offline_form', 'reported', 'note', 'rated', 'text')",
    },
    Rule {
        // Staff read each rating as one line, and a rating has no other. What retention is deleting may have lost its line.
        name: "ratings",
        broken_by: "SELECT 'workitem ' || r.workitem_id || ' is rated ' || r.rating || ' and ' || (SELECT COUNT(*) FROM entries e
                JOIN notices n ON n.entry_id = e.id AND json_extract(n.notice, '$.kind') = 'rated'
                    AND json_extract(n.notice, '$.score') = r.rating
                    AND json_extract(n.notice, '$.comment') IS r.comment
                WHERE e.workitem_id = r.workitem_id AND e.kind = 'notice') || ' lines say so' AS what
            FROM customer_ratings r WHERE 1 <> (SELECT COUNT(*) FROM entries e
                JOIN notices n ON n.entry_id = e.id AND json_extract(n.notice, '$.kind') = 'rated'
                    AND json_extract(n.notice, '$.score') = r.rating
                    AND json_extract(n.notice, '$.comment') IS r.comment
                WHERE e.workitem_id = r.workitem_id AND e.kind = 'notice')
            UNION ALL
            SELECT 'entry ' || e.id || ' says of a rating what is not there' FROM notices n
            JOIN entries e ON e.id = n.entry_id JOIN workitems w ON w.id = e.workitem_id
            WHERE json_extract(n.notice, '$.kind') = 'rated' AND NOT w.expiring
                AND NOT EXISTS (SELECT 1 FROM customer_ratings r WHERE r.workitem_id = e.workitem_id)
            UNION ALL
            SELECT 'line ' || c.seq || ' of the customer of ' || c.workitem_id || ' asks for a rating and is no end'
            FROM customer_entries c WHERE c.asks = 1 AND (c.kind <> 'ended' OR c.resumed = 1)",
    },
    Rule {
        // A reply is coaching by an agent, who has seen it. Nothing else has readers.
        name: "replies",
        broken_by: "SELECT 'reply ' || entry_id || ' counts as coaching that its author has not seen' AS what
            FROM coaching WHERE by_agent = 1 AND seen_at IS NULL
            UNION ALL
            SELECT 'entry ' || r.entry_id || ' has the reader ' || r.supervisor_id || ' and is no reply'
            FROM coaching_readers r LEFT JOIN coaching c ON c.entry_id = r.entry_id
            WHERE COALESCE(c.by_agent, 0) = 0",
    },
    Rule {
        // Forward sends the coaching message as it is, as the agent's own, once.
        name: "forwards",
        broken_by: "SELECT 'coaching ' || c.entry_id || ' was forwarded by halves' AS what FROM coaching c
            WHERE (c.forwarded_at IS NULL) <> (c.forwarded_entry IS NULL)
            UNION ALL
            SELECT 'coaching ' || c.entry_id || ' was forwarded as entry ' || c.forwarded_entry
                || ', which is not the agent''s message with the same words'
            FROM coaching c JOIN entries source ON source.id = c.entry_id
            WHERE c.forwarded_entry IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM entries e JOIN customer_entries m
                    ON m.workitem_id = e.workitem_id AND m.seq = e.customer_seq
                WHERE e.id = c.forwarded_entry AND e.kind = 'agent' AND m.text = c.text
                    AND e.workitem_id = source.workitem_id)
            UNION ALL
            SELECT 'entry ' || forwarded_entry || ' forwards several coaching messages' FROM coaching
            WHERE forwarded_entry IS NOT NULL GROUP BY forwarded_entry HAVING COUNT(*) > 1",
    },
    Rule {
        // A provider carries messages of agents and nothing else; what waits for it has a job, and a job is about what waits. A
        // pause is of a channel that has a provider.
        name: "deliveries",
        broken_by: "SELECT 'entry ' || e.id || ' (' || e.kind || ') goes to a provider and is no message of an agent' AS what
            FROM deliveries d JOIN entries e ON e.id = d.entry_id WHERE e.kind <> 'agent'
            UNION ALL
            SELECT 'entry ' || e.id || ' is ' || e.delivery || ' and no provider carries it' FROM entries e
            WHERE e.delivery IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.entry_id = e.id)
            UNION ALL
            SELECT 'entry ' || d.entry_id || ' is ' || COALESCE(e.delivery, 'nowhere') || ' and has '
                || CASE WHEN j.id IS NULL THEN 'no job' ELSE 'a job' END
            FROM deliveries d JOIN entries e ON e.id = d.entry_id LEFT JOIN jobs j ON j.about = d.entry_id
            WHERE e.delivery IS NULL OR (e.delivery = 'queued') <> (j.id IS NOT NULL)
            UNION ALL
            SELECT 'job ' || j.id || ' is about nothing' FROM jobs j
            WHERE j.kind = 'message_deliver' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.entry_id = j.about)
            UNION ALL
            SELECT 'entry ' || d.entry_id || ' has number ' || d.number || ' of ' || i.sent || ' that were sent'
            FROM deliveries d JOIN customer_identities i ON i.id = d.identity_id WHERE d.number > i.sent
            UNION ALL
            SELECT 'the pause of ' || p.queue || ' is of no channel with a provider' FROM job_pauses p
            WHERE p.kind = 'message_deliver'
                AND NOT EXISTS (SELECT 1 FROM channels c WHERE c.key = p.queue AND c.kind <> 'chat')",
    },
    Rule {
        // A number or an address is kept while there is work of its customer, who is on no page.
        name: "contacts",
        broken_by: "SELECT 'contact ' || c.id || ' leads to no workitem' AS what FROM customer_contacts c
            WHERE NOT EXISTS (SELECT 1 FROM customer_views v WHERE v.visitor = c.id)
            UNION ALL
            SELECT 'workitem ' || w.id || ' came by another way than its contact ' || c.id FROM customer_contacts c
            JOIN customer_views v ON v.visitor = c.id JOIN workitems w ON w.id = v.workitem_id
            WHERE w.channel <> c.channel OR v.channel_key IS NOT NULL",
    },
    Rule {
        // What waits for a receiver has a job, and a job is about what waits. Of a deleted receiver no secret is left.
        name: "webhooks",
        broken_by: "SELECT 'event ' || e.id || ' is ' || e.state || ' and has '
                || CASE WHEN j.id IS NULL THEN 'no job' ELSE 'a job' END AS what
            FROM webhook_events e LEFT JOIN jobs j ON j.about = e.id WHERE (e.state = 'pending') <> (j.id IS NOT NULL)
            UNION ALL
            SELECT 'job ' || j.id || ' is about no event' FROM jobs j
            WHERE j.kind = 'webhook_deliver' AND NOT EXISTS (SELECT 1 FROM webhook_events e WHERE e.id = j.about)
            UNION ALL
            SELECT 'receiver ' || r.id || ' is deleted and has a secret or is on' FROM webhook_receivers r
            WHERE r.deleted_at IS NOT NULL AND (r.active
                OR EXISTS (SELECT 1 FROM webhook_secrets s WHERE s.receiver_id = r.id))
            UNION ALL
            SELECT 'receiver ' || r.id || ' has no address or no key' FROM webhook_receivers r
            WHERE r.deleted_at IS NULL AND (
                NOT EXISTS (SELECT 1 FROM webhook_secrets s WHERE s.receiver_id = r.id AND s.name = 'url')
                OR NOT EXISTS (SELECT 1 FROM webhook_secrets s
                    WHERE s.receiver_id = r.id AND s.name <> 'url' AND s.expires_at IS NULL))",
    },
    Rule {
        // A supervisor who is there has a line that says so and none after it that says otherwise, unless the agent was not
        // notified. What retention is deleting has lost its last lines.
        name: "monitorings",
        broken_by: "SELECT m.supervisor_id || ' is noted as monitoring the closed workitem ' || m.workitem_id AS what
            FROM monitoring m JOIN workitems w ON w.id = m.workitem_id WHERE w.state = 'closed'
            UNION ALL
            SELECT m.supervisor_id || ' is noted as monitoring ' || m.workitem_id || ' and no line says so'
            FROM monitoring m WHERE (m.announced = 1) <> (COALESCE((SELECT e.kind FROM entries e
                WHERE e.workitem_id = m.workitem_id AND e.author_id = m.supervisor_id
                    AND e.kind IN ('monitoring_started', 'monitoring_ended')
                ORDER BY e.seq DESC LIMIT 1), '') = 'monitoring_started')
            UNION ALL
            SELECT e.author_id || ' began to monitor ' || e.workitem_id || ' with entry ' || e.id
                || ' and neither left nor is there'
            FROM entries e WHERE e.kind = 'monitoring_started'
                AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.id = e.workitem_id AND w.expiring)
                AND NOT EXISTS (SELECT 1 FROM entries later WHERE later.workitem_id = e.workitem_id
                    AND later.author_id = e.author_id AND later.seq > e.seq
                    AND later.kind IN ('monitoring_started', 'monitoring_ended'))
                AND NOT EXISTS (SELECT 1 FROM monitoring m
                    WHERE m.workitem_id = e.workitem_id AND m.supervisor_id = e.author_id)",
    },
    Rule {
        name: "hands",
        broken_by: "SELECT 'workitem ' || id || ' is ' || state
                || CASE WHEN agent_id IS NULL THEN ' and nobody has it' ELSE ' and somebody has it' END AS what
            FROM workitems
            WHERE (state = 'queued' AND agent_id IS NOT NULL)
                OR (state IN ('active', 'wrap_up') AND agent_id IS NULL)",
    },
    Rule {
        // What analytics count is what happened.
        name: "first answers",
        broken_by: "SELECT 'workitem ' || w.id || ' was first answered at another time than it says' AS what FROM workitems w
            WHERE w.first_answer_at IS NOT (SELECT e.at FROM entries e
                WHERE e.workitem_id = w.id AND e.kind = 'agent' ORDER BY e.seq LIMIT 1)",
    },
    Rule {
        // Nothing is given before it begins, and the last line about an end says when a workitem was closed. A node of the release before,
        // which may work beside this one during an upgrade, notes neither time. What retention is deleting has lost its last lines.
        name: "handling",
        broken_by: "SELECT 'workitem ' || id || ' was given to an agent before it began' AS what FROM workitems
            WHERE first_given_at < started_at
            UNION ALL
            SELECT 'workitem ' || w.id || ' was closed at another time than it says' FROM workitems w
            WHERE w.expiring = 0 AND w.shut_at IS NOT NULL AND w.shut_at IS NOT CASE WHEN w.state = 'closed' THEN (SELECT e.at
                FROM entries e CROSS JOIN notices n ON n.entry_id = e.id
                WHERE e.workitem_id = w.id AND e.kind = 'notice' AND json_extract(n.notice, '$.kind') IN ('closed',
                    'closed_agent_gone', 'closed_agent_left_team', 'closed_agent_lost', 'ended', 'ended_by_customer',
                    'customer_forgotten')
                ORDER BY e.seq DESC LIMIT 1) END",
    },
    Rule {
        // What is settled says when and in a known way, and what is claimed when and by somebody else than its agent; a
        // target time is at most a day; a dismissal is of a raised hand, by one to whom it was sent.
        name: "requests",
        broken_by: "SELECT 'request ' || id || ' was settled by halves' AS what FROM requests
            WHERE answered_at IS NULL AND (answered_by IS NOT NULL OR settled_how IS NOT NULL)
            UNION ALL
            SELECT 'request ' || id || ' was settled in the unknown way ' || settled_how FROM requests
            WHERE settled_how NOT IN ('answered', 'coached', 'handled', 'withdrawn', 'conversation_ended',
                'workitem_closed', 'workitem_moved', 'agent_gone', 'nobody_left')
            UNION ALL
            SELECT 'request ' || id || ' was claimed by halves, or by its agent' FROM requests
            WHERE (claimed_at IS NULL) <> (claimed_by IS NULL) OR claimed_by = agent_id
            UNION ALL
            SELECT 'request ' || id || ' has the target time ' || target_min FROM requests
            WHERE target_min NOT BETWEEN 1 AND 1440
            UNION ALL
            SELECT 'template ' || id || ' has the target time ' || target_min FROM templates
            WHERE target_min NOT BETWEEN 1 AND 1440
            UNION ALL
            SELECT d.user_id || ' dismissed message ' || d.message_id || ', which asks them nothing'
            FROM dismissals d JOIN directory_messages m ON m.id = d.message_id
            WHERE m.request_id IS NULL OR m.from_id = d.user_id OR d.user_id NOT IN (m.low, m.high)",
    },
    Rule {
        // The front is cut off after 500 events; what is kept is whole.
        name: "own numbers",
        broken_by: "SELECT 'user ' || u.id || ' was told ' || u.own_seq || ' things and has ' || COUNT(o.seq)
                || ' of them, numbered ' || COALESCE(MIN(o.seq), 0) || ' to ' || COALESCE(MAX(o.seq), 0) AS what
            FROM users u LEFT JOIN own_log o ON o.user_id = u.id GROUP BY u.id
            HAVING COALESCE(MAX(o.seq), 0) <> u.own_seq
                OR COUNT(o.seq) <> COALESCE(MAX(o.seq) - MIN(o.seq) + 1, 0)",
    },
    Rule {
        // Title and customer go with the workitem.
        name: "notified work",
        broken_by: "SELECT 'event ' || o.seq || ' of user ' || o.user_id || ' says the title of workitem ' || o.workitem_id
                || ', which is gone' AS what
            FROM own_log o LEFT JOIN workitems w ON w.id = o.workitem_id
            WHERE o.workitem_id IS NOT NULL AND w.id IS NULL",
    },
    Rule {
        // Retention deletes from the front.
        name: "directory numbers",
        broken_by: "SELECT 'the conversation of ' || c.low || ' and ' || c.high || ' gave out ' || c.head
                || ' numbers and has ' || COUNT(m.seq) || ' messages, numbered ' || COALESCE(MIN(m.seq), 0)
                || ' to ' || COALESCE(MAX(m.seq), 0) AS what
            FROM directory_conversations c
            LEFT JOIN directory_messages m ON m.low = c.low AND m.high = c.high GROUP BY c.low, c.high
            HAVING COUNT(m.seq) <> c.head - c.pruned OR COALESCE(MAX(m.seq), c.head) <> c.head
                OR COALESCE(MIN(m.seq), c.pruned + 1) <> c.pruned + 1
            UNION ALL
            SELECT 'message ' || id || ' of ' || low || ' and ' || high || ' is from neither'
            FROM directory_messages WHERE from_id NOT IN (low, high)
            UNION ALL
            SELECT 'in the conversation of ' || low || ' and ' || high || ' more is read than there is'
            FROM directory_conversations WHERE MAX(low_read, high_read) > head",
    },
    Rule {
        // A deleted user is nowhere any more; on a team that is deleted nothing hangs but its closed work.
        name: "deletions",
        broken_by: "SELECT 'user ' || u.id || ' was deleted and can sign in or is in a team' AS what FROM users u
            WHERE u.deleted_at IS NOT NULL AND (u.active
                OR EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id)
                OR EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = u.id)
                OR EXISTS (SELECT 1 FROM user_identities i WHERE i.user_id = u.id)
                OR EXISTS (SELECT 1 FROM team_members m WHERE m.user_id = u.id)
                OR EXISTS (SELECT 1 FROM team_supervisors s WHERE s.user_id = u.id))
            UNION ALL
            SELECT 'team ' || t.id || ' was deleted and has agents, chat channels or open work' FROM teams t
            WHERE t.deleted_at IS NOT NULL AND (
                EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = t.id)
                OR EXISTS (SELECT 1 FROM channels c WHERE c.team_id = t.id AND c.deleted_at IS NULL)
                OR EXISTS (SELECT 1 FROM workitems w WHERE w.team_id = t.id AND w.state <> 'closed'))",
    },
    Rule {
        // What opens nothing, or everything by an empty secret, was not made here.
        name: "tokens",
        broken_by: "SELECT 'token ' || id || ' opens nothing, or its secret has no hash' AS what FROM api_tokens
            WHERE json_array_length(scopes) = 0 OR length(hash) <> 64
            UNION ALL
            SELECT 'token ' || id || ' ended before it was made' FROM api_tokens
            WHERE MIN(COALESCE(revoked_at, created_at), COALESCE(expires_at, created_at)) < created_at",
    },
    Rule {
        // A flag that was followed by another one is over, and each has a comment.
        name: "reviews",
        broken_by: "SELECT 'workitem ' || r.workitem_id || ' has ' || COUNT(*) || ' flags for review, numbered '
                || MIN(r.number) || ' to ' || MAX(r.number) AS what
            FROM workitem_reviews r GROUP BY r.workitem_id HAVING MIN(r.number) <> 1 OR MAX(r.number) <> COUNT(*)
            UNION ALL
            SELECT 'flag ' || r.number || ' of workitem ' || r.workitem_id || ' is open and not the last'
            FROM workitem_reviews r WHERE r.reviewed_at IS NULL AND EXISTS (SELECT 1 FROM workitem_reviews n
                WHERE n.workitem_id = r.workitem_id AND n.number > r.number)
            UNION ALL
            SELECT 'flag ' || r.number || ' of workitem ' || r.workitem_id || ' has no comment'
            FROM workitem_reviews r WHERE r.comment = ''",
    },
    Rule {
        // What has changed since a day was counted is marked, and not read from what is kept.
        name: "day labels",
        broken_by: "SELECT DISTINCT 'day ' || days.day || ' of team ' || days.team_id
                || ' is kept with other labels than its conversations have' AS what
            FROM (SELECT * FROM (SELECT team_id, started_at / 86400000000 AS day, label_id, COUNT(*) AS count FROM workitem_labels
                    GROUP BY 1, 2, 3 EXCEPT SELECT team_id, day, label_id, count FROM label_days)
                UNION ALL SELECT * FROM (SELECT team_id, day, label_id, count FROM label_days EXCEPT
                    SELECT team_id, started_at / 86400000000, label_id, COUNT(*) FROM workitem_labels GROUP BY 1, 2, 3)) days
            WHERE NOT EXISTS (SELECT 1 FROM workitems_changed c WHERE c.day = days.day AND c.team_id = days.team_id)",
    },
    Rule {
        name: "stored values",
        broken_by: "SELECT 'the answer to command ' || id || ' cannot be read' AS what FROM commands
            WHERE NOT json_valid(answer)
            UNION ALL
            SELECT 'event ' || seq || ' of user ' || user_id || ' cannot be read' FROM own_log
            WHERE NOT json_valid(event)",
    },
];

#[cfg(test)]
mod tests {
    use shared::notice::Notice;

    use super::RULES;

    #[test]
    fn every_notice_that_is_stored_is_of_a_kind_that_the_rule_knows() {
        let rule = RULES.iter().find(|rule| rule.name == "staff texts");
        let query = rule.expect("the rule").broken_by;
        let unstored = [Notice::Withheld, Notice::Later];
        for notice in Notice::samples().filter(|notice| !unstored.contains(notice)) {
            let json = serde_json::to_value(&notice).expect("JSON");
            let kind = json["kind"].as_str().expect("a kind");
            assert!(query.contains(&format!("'{kind}'")), "{kind}");
        }
    }
}
