"""Evidence about one channel, in one file that proves itself: `samsnakk audit export`, `samsnakk audit verify`.

contents   what a bundle consists of            zipped      the file
collecting what a member's end or a copy has    verifying   everything anew, against a trust file
fhir       the access log as FHIR AuditEvents   explaining  the page inside, in plain words
standalone/verify.py   the short verifier inside, which needs nothing of Samsnakk
"""
