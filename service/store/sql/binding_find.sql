SELECT principal FROM sign_in_bindings WHERE subject = $1;
