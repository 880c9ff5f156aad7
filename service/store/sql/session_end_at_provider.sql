DELETE FROM sessions
WHERE ($1::bytea IS NOT NULL OR $2::bytea IS NOT NULL)
    AND ($1::bytea IS NULL OR subject = $1) AND ($2::bytea IS NULL OR provider_session = $2)
RETURNING id;
