SELECT upto, last_position() FROM roster_channels_read;
