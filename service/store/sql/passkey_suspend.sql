WITH stopped AS (UPDATE passkeys SET suspended = true WHERE id = $1 AND NOT suspended RETURNING id, subject)
INSERT INTO passkey_trail (subject, passkey, what, at) SELECT subject, id, 'suspended', $2 FROM stopped RETURNING passkey;
