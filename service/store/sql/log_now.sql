SELECT pg_walfile_name(pg_current_wal_insert_lsn());
