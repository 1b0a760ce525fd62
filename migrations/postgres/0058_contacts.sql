-- Customers who call and mail: one for each number and each address. The id is the visitor of `customer_views`, which has no channel
-- key there: they are on no page, and no row of `customer_visitors` leads to them.
CREATE TABLE customer_contacts (
    id TEXT COLLATE "C" PRIMARY KEY,
    channel TEXT COLLATE "C" NOT NULL CHECK (channel IN ('phone', 'email')),
    -- The number as it is dialled, or the address in lower case.
    contact TEXT COLLATE "C" NOT NULL,
    UNIQUE (channel, contact)
);

-- The latest workitems of a customer are found without reading all of them.
DROP INDEX customer_views_visitor;
CREATE INDEX customer_views_visitor ON customer_views (visitor, workitem_id);

-- The first line of a call or a mail says who it is. Letters outside of ASCII stay as they are: such an address is known from its
-- next mail on.
INSERT INTO customer_contacts (id, channel, contact)
SELECT 'contact/' || MIN(w.id), w.channel,
    lower(COALESCE(json_extract(n.notice, '$.customer'), json_extract(n.notice, '$.number')))
FROM workitems w
JOIN customer_views v ON v.workitem_id = w.id
JOIN entries e ON e.workitem_id = w.id AND e.seq = 1 AND e.kind = 'notice'
JOIN notices n ON n.entry_id = e.id
WHERE w.channel IN ('phone', 'email') AND w.erased_at IS NULL AND v.visitor IS NULL
    AND json_extract(n.notice, '$.kind') IN ('reported', 'called')
    AND COALESCE(json_extract(n.notice, '$.customer'), json_extract(n.notice, '$.number')) <> ''
GROUP BY 2, 3;
UPDATE customer_views SET visitor = c.id
FROM workitems w
JOIN entries e ON e.workitem_id = w.id AND e.seq = 1 AND e.kind = 'notice'
JOIN notices n ON n.entry_id = e.id
JOIN customer_contacts c ON c.channel = w.channel
    AND c.contact = lower(COALESCE(json_extract(n.notice, '$.customer'), json_extract(n.notice, '$.number')))
WHERE w.id = customer_views.workitem_id AND w.erased_at IS NULL AND customer_views.visitor IS NULL
    AND json_extract(n.notice, '$.kind') IN ('reported', 'called');
