DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = current_setting('samsnakk.login') AND rolcanlogin) THEN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = current_setting('samsnakk.login')) THEN
            EXECUTE format('CREATE ROLE %I', current_setting('samsnakk.login'));
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L',
                       current_setting('samsnakk.login'), current_setting('samsnakk.password'));
    END IF;
    PERFORM set_config('samsnakk.password', '', false);
END $$;
