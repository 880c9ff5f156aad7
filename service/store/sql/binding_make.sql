INSERT INTO sign_in_bindings (subject, principal, statement, bound_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
