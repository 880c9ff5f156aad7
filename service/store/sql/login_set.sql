SELECT set_config('samsnakk.login', $1, false), set_config('samsnakk.password', $2, false);
