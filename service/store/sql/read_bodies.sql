SELECT originator_version, body, blind FROM bodies WHERE originator_id = $1 AND originator_version = ANY ($2);
