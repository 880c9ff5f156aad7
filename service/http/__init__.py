"""The HTTP doors (step 1 of 5: receive): health, metrics, key streams, attachments. JSON errors from the one table."""
