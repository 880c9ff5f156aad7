UPDATE roster_channels_read SET upto = GREATEST(upto, $1);
