"""The SDK: seals what is sent, verifies and opens what comes back (before step 1 of 5, and after step 5)."""
