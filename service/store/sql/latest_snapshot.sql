SELECT originator_id, originator_version, topic, state FROM snapshots
WHERE originator_id = $1 AND originator_version <= $2 ORDER BY originator_version DESC LIMIT 1;
