"""Nothing reaches the aggregate unverified: signature, place, certificate, role and named keys come first."""

from collections.abc import Sequence

from domain.channel.state import Channel
from domain.ids import DeviceId, Millis
from protocol.acts import Place, SignedAct, VerifiedAct, verify_act
from protocol.directory import Directory
from protocol.duties import verify_duty
from protocol.errors import DeviceNotValid, ForgedRecord, MalformedAct
from protocol.vouching import verify_keys


def verify_unit(
    signed: Sequence[SignedAct], place: Place, device: DeviceId, directory: Directory, at: Millis
) -> tuple[VerifiedAct, ...]:
    """The acts of one unit, verified.

    Args:
        signed: as received.
        place: the deployment, and the channel the unit was sent to.
        device: the connection's own device; a unit has one author.
        directory: certified keys.
        at: the hub's time, at which certificates must hold.

    Raises:
        ProtocolError: a subclass says what is wrong; nothing of the unit is recorded.

    """
    acts = tuple(verify_act(act, place, directory.signer) for act in signed)
    for act in acts:
        header = act.header
        if header.device != device:
            raise ForgedRecord("another device than the connection's")
        if header.person is None:
            raise DeviceNotValid("only the hub acts as nobody")
        if (header.person, header.organisation, header.role) != _author(acts[0]):
            raise MalformedAct("a unit has one author")
        if header.body_hash is not None and act.signed.body is None:
            raise MalformedAct("the body is missing")
        directory.verify_author(header, at)
        verify_keys(header, directory)
    if len({act.header.command_id for act in acts}) != len(acts):
        raise MalformedAct("a command id twice in one unit")
    return acts


def verify_duties(acts: Sequence[VerifiedAct], directory: Directory, channel: Channel) -> None:
    """Check, on the very state that the unit is decided on, that its author has the duties it rests on.

    Raises:
        NotCharged: the organisation has not charged the author with it, or not any more.
        UnknownKey: its vault's key stream is not known here.

    """
    for act in acts:
        verify_duty(act.header, directory, channel.recorded_at, channel)


def _author(act: VerifiedAct) -> tuple[bytes | None, bytes | None, bytes | None]:
    return act.header.person, act.header.organisation, act.header.role
