-- Of one stretch of the record: the reader's channels that moved in it, and where the stretch ends.
WITH stretch AS (
    SELECT originator_id, originator_version, notification_id FROM stored_events
    WHERE notification_id > $2 ORDER BY notification_id LIMIT $3
)
SELECT r.channel, max(t.originator_version) AS version, (SELECT max(notification_id) FROM stretch) AS upto
FROM stretch t
JOIN streams s ON s.stream = t.originator_id AND s.kind = 'channel'
JOIN roster_channels r ON r.reader = $1 AND r.channel = s.channel
GROUP BY r.channel
UNION ALL
SELECT NULL, NULL, (SELECT max(notification_id) FROM stretch);
