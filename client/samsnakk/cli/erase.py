"""`samsnakk erase`: propose, approve and refuse to erase, wish for it, and see which copies have confirmed."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from time import time_ns
from typing import Final

from domain.channel.erasing import CONFIRM_WITHIN
from domain.ids import Millis, OrganisationId, PrincipalId
from protocol.errors import ProtocolError
from samsnakk import Channel, Client
from samsnakk.cli import erasure_texts as t
from samsnakk.cli.erasure_words import messages
from samsnakk.cli.error_texts import told
from samsnakk.cli.people import Names
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import local_time
from samsnakk.erasing import DecisionStanding
from samsnakk.errors import SamsnakkError

_ONE: Final = frozenset({"approve", "refuse"})


def run(given: argparse.Namespace) -> int:
    """Returns 0, 1 if it did not go, 2 if there is no such profile or channel, or something was left out."""
    missing = _missing(given)
    if missing:
        sys.stderr.write(f"samsnakk erase: {missing}\n")
        return 2
    try:
        place = find_place(given.person, given.channel, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk erase: {error}\n")
        return 2
    try:
        asyncio.run(_carry_out(place, given))
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{told(error)}\n")
        return 1
    return 0


def _missing(given: argparse.Namespace) -> str:
    if given.action == "status":
        return "status takes no numbers" if given.numbers else ""
    if given.action in _ONE and len(given.numbers) != 1:
        return f"{given.action} needs the number of one proposal or wish"
    if not given.numbers:
        return f"{given.action} needs the numbers of the messages"
    return "--ground is missing: on which ground in law" if given.action == "propose" and given.ground is None else ""


async def _carry_out(place: Place, given: argparse.Namespace) -> None:
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=place.purpose)
        await channel.caught_up()
        if given.action == "status":
            names = Names(place.unlocked.trust, channel.me, BOKMAL)
            async for line in status_lines(channel, names, Millis(time_ns() // 1_000_000)):
                print(line)
        else:
            print(await _act(channel, given))


async def _act(channel: Channel, given: argparse.Namespace) -> str:
    numbers, why = given.numbers, given.why
    match given.action:
        case "wish":
            await channel.wish_erasure(given.thread, numbers, why)
            return t.WISHED
        case "propose":
            ground = t.GROUND_WORDS[given.ground]
            sent = await channel.propose_erasure(given.thread, numbers, ground, request=given.answers, told=why)
            linked = channel.linked_to(numbers)
            more = t.LINKED.format(messages=messages(linked)) if linked else ""
            return t.PROPOSED.format(ref=sent.version, channel=given.channel) + more
        case "approve":
            await channel.approve_erasure(numbers[0])
            return t.APPROVED.format(channel=given.channel, person=given.person)
        case _:
            await channel.refuse_erasure(numbers[0], t.REASON_WORDS[given.reason], why)
            return t.REFUSED


async def status_lines(channel: Channel, names: Names, now: Millis) -> AsyncIterator[str]:
    """What stands about erasing, in plain words; warnings where something should have been done by now."""
    standing = channel.erasures()
    for wish in standing.wishes:
        house = names.organisation(wish.wish.organisation)
        who, targets, by = names.of(wish.wish.by), messages(wish.wish.targets), _day(wish.answer_by)
        yield t.WISH.format(ref=wish.ref, who=who, organisation=house, targets=targets, date=by)
        if wish.overdue(now):
            yield t.LATE_ANSWER
    for one in standing.proposals:
        house = names.organisation(one.proposal.organisation)
        who, targets = names.of(one.proposal.proposer), messages(one.proposal.targets)
        ground = t.GROUNDS.get(one.proposal.legal_basis, one.proposal.legal_basis)
        yield t.PROPOSAL.format(ref=one.ref, who=who, organisation=house, targets=targets, ground=ground)
    for decision in standing.decisions:
        async for line in _decision(channel, decision, names, now):
            yield line
    if not (standing.wishes or standing.proposals or standing.decisions):
        yield t.NOTHING


async def _decision(channel: Channel, one: DecisionStanding, names: Names, now: Millis) -> AsyncIterator[str]:
    decision, proposal = one.decision, one.decision.proposal
    yield t.DECISION.format(
        ref=one.ref,
        organisation=names.organisation(proposal.organisation),
        date=_day(decision.at),
        targets=messages(proposal.targets),
        ground=t.GROUNDS.get(proposal.legal_basis, proposal.legal_basis),
        proposer=names.of(proposal.proposer),
        approver=names.of(decision.approver),
    )
    yield t.HUB_MISSING if decision.hub_at is None else t.HUB_DONE.format(date=_day(decision.hub_at))
    for vault in sorted(decision.holders):
        house = _house(names, vault)
        if vault in decision.copies:
            yield t.COPY_DONE.format(organisation=house, date=_day(decision.copies[vault]))
        else:
            missing = t.COPY_MISSING if await channel.has_node(vault) else t.NO_NODE
            yield missing.format(organisation=house)
    yield t.DEVICES
    if one.overdue(now):
        yield t.OVERDUE.format(date=_day(Millis(decision.at + CONFIRM_WITHIN)))


def _house(names: Names, vault: PrincipalId) -> str:
    mine = (OrganisationId(one.id) for one in names.trust.organisations if one.vault == vault)
    return names.organisation(next(mine, None))


def _day(at: Millis) -> str:
    return BOKMAL.date(local_time(at))
