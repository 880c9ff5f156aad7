SELECT c.device, c.command_id, c.digest, e.originator_id, e.originator_version, e.head, e.notification_id
FROM unnest($1::bytea[], $2::bytea[]) AS asked (device, command_id)
JOIN commands c USING (device, command_id)
JOIN stored_events e USING (originator_id, originator_version);
