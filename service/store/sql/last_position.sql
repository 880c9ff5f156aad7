SELECT last_position();
