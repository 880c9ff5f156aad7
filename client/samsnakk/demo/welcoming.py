"""The user's arrival in a play: invited by a link, let in by her inviter, both with the same safety code in the end."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from protocol.trust import PersonPin
from samsnakk.demo import lines
from samsnakk.demo import script as s
from samsnakk.demo.actors import Actor
from samsnakk.demo.folder import Progress


class CodesDiffer(Exception):
    """The two ends show different safety codes, or only one of them arrived; the text says which."""


async def welcome(inviter: Actor, user: Actor, name: str) -> tuple[lines.Answer, lines.Came | None]:
    """The whole exchange, each end in its own process; a refusal of either end is the answer.

    Raises:
        CodesDiffer: whoever came is not whom the inviter let in.

    """
    invited = await inviter.carry_out(lines.Invite(inviter.next_number(), name))
    if not isinstance(invited, lines.Invited):
        return invited, None
    coming = asyncio.ensure_future(user.carry_out(lines.Come(user.next_number(), invited.link)))
    admitting = asyncio.ensure_future(inviter.carry_out(lines.Admit(inviter.next_number())))
    try:
        await asyncio.wait({coming, admitting}, return_when=asyncio.FIRST_COMPLETED)
        if coming.done() and isinstance(refused := coming.result(), lines.Failed):
            return refused, None
        admitted = await admitting
        if not isinstance(admitted, lines.Admitted):
            return admitted, None
        came = await coming
    finally:
        coming.cancel()
        admitting.cancel()
    if not isinstance(came, lines.Came) or came.code != admitted.code:
        raise CodesDiffer(f"{user.key} ser en annen sikkerhetskode enn {inviter.key}")
    return lines.Done(admitted.number, admitted.first, admitted.version), came


async def introduce(actors: Mapping[str, Actor], script: s.Script, progress: Progress) -> None:
    """Tell the others what the user is called: her id is new to them, and names are for people to note."""
    user = script.participants[script.channel.user]
    pin = PersonPin(progress.people[user.key], user.name, user.title, None)
    others = [a for key, a in actors.items() if key != user.key and key not in progress.departed]
    await asyncio.gather(*(a.carry_out(lines.Called(a.next_number(), pin)) for a in others if a.online.is_set()))


async def vouch_for(
    opener: Actor, actors: Mapping[str, Actor], own: Mapping[str, tuple[bytes, bytes]]
) -> dict[str, lines.Answer]:
    """Make everybody with a root of their own known to the hub; returns what did not go, by whom."""
    refused: dict[str, lines.Answer] = {}
    for key, (person, bundle) in own.items():
        answer = await opener.carry_out(lines.Vouch(opener.next_number(), person, bundle))
        if isinstance(answer, lines.Done):
            answer = await actors[key].carry_out(lines.Come(actors[key].next_number(), None))
        if not isinstance(answer, lines.Came):
            refused[key] = answer
    return refused


def with_user(progress: Progress, key: str, came: lines.Came) -> Progress:
    """The user is somebody now."""
    return replace(progress, people={**progress.people, key: came.person})
