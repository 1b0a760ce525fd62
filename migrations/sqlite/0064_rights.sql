-- Giving back what one took over has a permission of its own; who could take over has it. The release before takes a role for damaged
-- whose permissions name one that it does not know, so it stands in a column beside them, a JSON list of codes as well.
ALTER TABLE custom_roles ADD COLUMN more_permissions TEXT NOT NULL DEFAULT '[]';
UPDATE custom_roles SET more_permissions = '["workitem.give_back"]'
    WHERE kind = 'supervisor' AND permissions LIKE '%"workitem.take_over"%';

-- Roles that were built before there were flags for review lack them; who may coach has them, as the standard role does. Where the
-- audit log knows a role with them, an administrator has taken them away since.
UPDATE custom_roles SET permissions = REPLACE(permissions, '"coaching.send"', '"coaching.send","workitem.review"')
    WHERE kind = 'supervisor' AND permissions LIKE '%"coaching.send"%' AND permissions NOT LIKE '%"workitem.review"%'
        AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.about = custom_roles.id AND a.what IN ('role_create', 'role_update')
            AND a.changes LIKE '%workitem.review%');

-- By which agent's work it was the audit log is filtered: the first change of a row says who has it, and who had it before.
CREATE INDEX audit_agent_is ON audit (json_extract(changes, '$[0].is'), at)
    WHERE json_extract(changes, '$[0].field') = 'agent';
CREATE INDEX audit_agent_was ON audit (json_extract(changes, '$[0].was'), at)
    WHERE json_extract(changes, '$[0].field') = 'agent' AND json_extract(changes, '$[0].was') IS NOT NULL;

-- When somebody chose the presence that they have, and since when they have been there; nothing while they are not, and where it is
-- not known.
ALTER TABLE users ADD COLUMN presence_at INTEGER;
ALTER TABLE users ADD COLUMN present_since INTEGER;
