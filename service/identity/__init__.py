"""A side room of the hub (before step 1 of 5): signing in with OpenID Connect, and sessions of browsers."""
