"""When somebody answers: opening hours, on-call plans, public holidays, and whom to turn to where nobody does. Pure:
the moment is an argument, and the plans are data that somebody else has verified."""
