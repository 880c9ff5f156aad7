"""The user's arrival: `inviting` for who invites, `arriving` for who comes, `safety` for both afterwards."""
