-- The service reads and adds. The eraser destroys bodies, sees no content, and decides nothing: the service records the
-- decision, so neither role can erase without the other.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO samsnakk_service, samsnakk_eraser;

GRANT SELECT, INSERT ON stored_events, streams, commands, bodies, snapshots, tracking, erasures TO samsnakk_service;
GRANT SELECT ON erasing_topics, schema_migrations TO samsnakk_service;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO samsnakk_service;

GRANT SELECT (originator_id, originator_version), DELETE ON bodies TO samsnakk_eraser;
GRANT SELECT ON erasures TO samsnakk_eraser;
