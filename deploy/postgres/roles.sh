#!/bin/sh
# Runs once, when the database's folder is empty: a database of its own and three roles, none of which can do what the
# others do. What each may touch is granted by `samsnakk migrate`.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set owner `cat /run/secrets/owner_password`
\set service `cat /run/secrets/service_password`
\set eraser `cat /run/secrets/eraser_password`
CREATE ROLE samsnakk_owner LOGIN PASSWORD :'owner';
CREATE ROLE samsnakk_service LOGIN PASSWORD :'service';
CREATE ROLE samsnakk_eraser LOGIN PASSWORD :'eraser';
CREATE DATABASE samsnakk OWNER samsnakk_owner;
REVOKE ALL ON DATABASE samsnakk FROM PUBLIC;
GRANT CONNECT ON DATABASE samsnakk TO samsnakk_service, samsnakk_eraser;
-- What is erased must also go from the server's log.
GRANT pg_checkpoint, pg_monitor TO samsnakk_eraser;
\connect samsnakk
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO samsnakk_eraser;
SQL
