DELETE FROM bodies b USING erasures e
WHERE b.originator_id = e.originator_id AND b.originator_version = e.originator_version;
