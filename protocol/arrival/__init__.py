"""How the user comes into her channel: an invitation on paper, one sealed message each way, one code both can compare.

`link`: what the QR code holds, a secret and what it is bound to. `card`: what an invitation is for. `messages`: the
opening, the answer and the confirmation, which the hub passes on without opening them. `exchange`: what each end checks
before it believes the other, the transcript and the safety code.
"""
