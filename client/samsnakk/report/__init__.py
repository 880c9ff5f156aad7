"""What auditors and the user ask, answered from a verified channel: facts, then rows, then a rendering.

tables    what a report consists of          words, words_nb, words_en    what people read
who_read  rows of the access log             as_text, as_json, as_csv, as_html    renderings

Nothing here asks a hub. What is answered was verified before, and a report says what it was made from.
"""
