"""From a durable record to everybody it is for (step 5 of 5): sans-I/O subscription state and the WebSocket pump."""
