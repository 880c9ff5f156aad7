INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2);
