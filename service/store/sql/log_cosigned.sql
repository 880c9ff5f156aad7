SELECT size, key, seconds, line FROM log_cosignatures WHERE size >= $1 ORDER BY size, key;
