"""Commands for people: everything that `samsnakk …` does on a terminal (before step 1 and after step 5 of 5)."""
