"""A new root says how far the old one is believed in a stream (`stream-kept`).

By place, never by a claimed time: a thief who has the old root writes any time. What the issuer stated after that
place counts for nothing from here on. It stays in the stream, because channels have recorded, in good faith, how far
the stream went; an act that was recorded before this statement was entered is judged as it was then.
"""

from dataclasses import replace

from crypto.certificates import DeviceCertificate
from crypto.errors import BadChain
from crypto.key_statements import KeyStatement
from crypto.key_stream_states import Charged, Eligibility, KeyStreamState
from crypto.root_facts import StreamKept


def keep(state: KeyStreamState, statement: KeyStatement, fact: StreamKept) -> KeyStreamState:
    """The state once the issuer's statements after `fact.n` count for nothing. Raises `BadChain`."""
    kept = _at(state, fact.n)

    def settled(
        now: tuple[DeviceCertificate, ...], then: tuple[DeviceCertificate, ...]
    ) -> tuple[DeviceCertificate, ...]:
        certificates = []
        for index, one in enumerate(now):
            if one.organisation != statement.issuer:
                certificates.append(one)  # another issuer's; its own root speaks for it
            elif index < len(then):
                certificates.append(then[index])  # if it was revoked since, that was not the issuer
            elif one.revoked_at is None:
                certificates.append(replace(one, revoked_at=statement.issued_at, revoked_n=statement.n))
            else:
                certificates.append(one)
        return tuple(certificates)

    state = replace(
        state,
        certificates=settled(state.certificates, kept.certificates),
        nodes=settled(state.nodes, kept.nodes),
    )
    return _owners(state, kept, statement) if statement.issuer == state.owner else state


def _owners(state: KeyStreamState, kept: KeyStreamState, statement: KeyStatement) -> KeyStreamState:
    """What only the principal's own issuer states."""
    good = len(kept.key_versions)
    versions = (*kept.key_versions, *(replace(one, struck=True) for one in state.key_versions[good:]))
    eligibilities = state.eligibilities
    if len(eligibilities) > len(kept.eligibilities):
        eligibilities = (*eligibilities, Eligibility(statement.n, statement.issued_at, kept.eligible))
    return replace(
        state,
        key_versions=versions,
        eligibilities=eligibilities,
        charged=(*state.charged, *_charged_again(state, kept, statement)),
        keyring_hash=kept.keyring_hash,
        ended_at=kept.ended_at,
    )


def _charged_again(state: KeyStreamState, kept: KeyStreamState, statement: KeyStatement) -> tuple[Charged, ...]:
    """Whom the old root charged after the kept place has no duty any more, and whom it took one from has it again."""
    moved = sorted({one.duty for one in state.charged[len(kept.charged) :]})
    return tuple(Charged(duty, statement.n, statement.issued_at, kept.on_duty(duty)) for duty in moved)


def _at(state: KeyStreamState, n: int) -> KeyStreamState:
    """The state after `n` statements of the stream, of which there are at least so many."""
    found: KeyStreamState | None = state
    while found is not None and found.n > n:
        found = found.before
    if found is None or found.n != n:
        raise BadChain("a stream cannot be kept further than it goes")
    return found
