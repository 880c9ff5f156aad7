WITH gone AS (DELETE FROM passkeys WHERE id = $1 AND subject = $2 RETURNING id, subject, credential),
    told AS (INSERT INTO passkey_trail (subject, passkey, what, at) SELECT subject, id, 'removed', $3 FROM gone)
SELECT credential FROM gone;
