SELECT generation, hash, locators FROM keyrings WHERE person = $1 ORDER BY generation DESC LIMIT 1;
