GRANT pg_checkpoint, pg_monitor TO samsnakk_eraser;
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO samsnakk_eraser;
