"""A demonstration world: invented people, real keys, a real hub, and a conversation that shows who can read what."""
