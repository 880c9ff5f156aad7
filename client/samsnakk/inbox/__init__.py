"""Service inboxes at the ends: seeds are taken up, kept with the right people, and renewed when somebody leaves."""
