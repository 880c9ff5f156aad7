"""An identity provider for development: the people of the trust file, picked from a list, without any proof.

Whoever can reach it is whoever they say. So it runs only where `SAMSNAKK_DEVELOPMENT_SIGN_IN` says the exact words, on
a port of its own on this machine's loopback, beside a hub that listens on loopback too, with an embedded database and
without any real provider (`allowed.py`). It speaks as HelseID and ID-porten do, so nothing else differs.
"""
