"""What an organisation has kept for long enough: computed, shown, and proposed. Nothing here deletes anything."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec

from domain.channel import events as e
from domain.channel.erasing import MAX_ERASED_TOGETHER
from domain.channel.erasure_bases import RETENTION_OVER
from domain.channel.legal_bases import OrganisationKind
from domain.channel.retention import MOST_YEARS, RETENTION, Life, RetentionRule, Since, due_at
from domain.ids import Millis, OrganisationId, ThreadNo, Version
from samsnakk.channel import Channel
from samsnakk.channel_events import ChannelEvent, Sent
from samsnakk.errors import SamsnakkError

MAX_PLAN: Final = 64 * 1024


class BadPlan(SamsnakkError):
    """The organisation's plan cannot be used."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the plan cannot be used: {why}", "Compare it with docs/retention.md.")


class NotDue(SamsnakkError):
    """Nothing here may be proposed for erasure now."""

    def __init__(self) -> None:
        super().__init__("nothing is due", "Look with `samsnakk retention due` when it will be.")


class _Plan(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The file: `version` 1, the plan's own source, when it holds, how many years since what, and archiving first."""

    version: int
    source: str
    valid_from: date
    years: int
    since: Since
    archive_first: bool
    valid_until: date | None = None


def read_plan(path: Path, rule: RetentionRule) -> RetentionRule:
    """The organisation's own plan (TOML) in place of `rule`. It may say longer, and how long where the rule does not.

    Raises:
        BadPlan: unreadable, not such a plan, or shorter than the rule.

    """
    try:
        data = path.read_bytes()
        if len(data) > MAX_PLAN:
            raise BadPlan("larger than 64 KiB")
        plan = msgspec.convert(tomllib.loads(data.decode()), _Plan, strict=True)
    except OSError as error:
        raise BadPlan(error.strerror or "cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPlan(f"no TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise BadPlan(str(error)) from None
    if plan.version != 1 or not 0 < plan.years <= MOST_YEARS or not plan.source.strip():
        raise BadPlan("version 1, a source, and 1 to 200 years are needed")
    if rule.years is not None and (plan.years < rule.years or plan.since is not rule.since):
        raise BadPlan(f"shorter than the law: at least {rule.years} years since {rule.since.value}")
    return replace(
        rule,
        code=f"{rule.code}, own plan",
        years=plan.years,
        since=plan.since,
        archive_first=plan.archive_first or rule.archive_first,
        source=plan.source.strip(),
        confirm=None,
        valid_from=_millis(plan.valid_from),
        valid_until=_millis(plan.valid_until) if plan.valid_until is not None else None,
    )


def _millis(day: date) -> Millis:
    return Millis(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000))


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written for the organisation in a channel and is still there, by thread, and when its time is over.

    `due_at` None: no period runs. `pending`: messages that a proposal names already.
    """

    organisation: OrganisationId
    kind: OrganisationKind | None
    rule: RetentionRule | None
    life: Life
    due_at: Millis | None
    messages: tuple[tuple[ThreadNo, tuple[Version, ...]], ...]
    pending: frozenset[Version]

    def due(self, at: Millis) -> bool:
        """Whether it may be proposed for erasure now."""
        known = self.rule is not None and self.rule.valid(at)
        return known and self.due_at is not None and at >= self.due_at and any(self.waiting())

    def waiting(self) -> Iterator[tuple[ThreadNo, tuple[Version, ...]]]:
        """What no proposal names yet, thread by thread."""
        for thread, versions in self.messages:
            left = tuple(version for version in versions if version not in self.pending)
            if left:
                yield thread, left


def kept_in(channel: Channel, organisation: OrganisationId, kind: OrganisationKind | None, plan: Path | None) -> Kept:
    """What of an organisation lies in a channel, as far as this reader sees it. `kind`: where nobody has stated it.

    Raises:
        BadPlan: see `read_plan`.

    """
    stated = channel.state.kinds.get(organisation) or kind
    rule = RETENTION[stated] if stated is not None else None
    if rule is not None and plan is not None:
        rule = read_plan(plan, rule)
    events = [channel.event(Version(version)) for version in range(1, channel.version + 1)]
    mine = [event for event in events if _is_theirs(event, organisation)]
    life = _life(channel, events, mine)
    found: dict[ThreadNo, list[Version]] = {}
    for event in mine:
        found.setdefault(event.thread or ThreadNo(0), []).append(event.version)
    return Kept(
        organisation,
        stated,
        rule,
        life,
        due_at(rule, life) if rule is not None else None,
        tuple((thread, tuple(versions)) for thread, versions in sorted(found.items())),
        frozenset(v for one in channel.erasures().proposals for v in one.proposal.targets),
    )


def _is_theirs(event: ChannelEvent, organisation: OrganisationId) -> bool:
    return isinstance(event.facts, e.MessagePosted) and event.organisation == organisation


def _life(channel: Channel, events: Iterable[ChannelEvent], mine: list[ChannelEvent]) -> Life:
    closed_at: Millis | None = None
    died_at: Millis | None = None
    for event in events:
        match event.facts:
            case e.ChannelClosed():
                closed_at = event.recorded_at
            case e.ChannelReopened():
                closed_at = None
            case e.DeathReported(died=died):
                died_at = event.recorded_at if died else None
            case _:
                pass
    return Life(
        closed_at if channel.state.closed else None,
        died_at if channel.state.died else None,
        mine[-1].recorded_at if mine else None,
    )


async def propose_due(channel: Channel, kept: Kept, at: Millis, told: str | None = None) -> list[Sent]:
    """Propose whatever is due; a colleague approves each. Nothing is erased by this.

    Raises:
        NotDue: the time is not over, or all of it is proposed already.

    """
    if not kept.due(at):
        raise NotDue
    sent: list[Sent] = []
    for thread, versions in kept.waiting():
        for start in range(0, len(versions), MAX_ERASED_TOGETHER):
            part = versions[start : start + MAX_ERASED_TOGETHER]
            why = told if not channel.state.closed else None
            sent.append(await channel.propose_erasure(thread, part, RETENTION_OVER, told=why))
    return sent
