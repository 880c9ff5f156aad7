"""From a verified act to a durable record (step 2 of 5): load, verify, decide, append."""
