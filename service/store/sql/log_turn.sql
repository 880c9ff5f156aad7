SELECT pg_switch_wal() FROM (SELECT pg_logical_emit_message(true, 'samsnakk', 'erased')) AS said;
