"""A channel: what `samsnakk.Client` hands out. Reading and writing are inherited; here are members, threads, files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from domain.channel import events as e
from domain.channel.terms import Audience, Topic
from domain.ids import MAIN_THREAD, Digest, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from protocol import frames
from protocol.contents import KnownContent, SealedFile
from protocol.errors import ProtocolError
from samsnakk import attaching, units
from samsnakk.archiving import Archive, make_archive
from samsnakk.attaching import Progress, no_progress
from samsnakk.channel_events import Sent
from samsnakk.erasing import ChannelErasing
from samsnakk.errors import Disconnected, Refused
from samsnakk.joining import Terms
from samsnakk.plans import Granting, Removing


class Channel(ChannelErasing):
    """One channel. Made by `Client.channel` and `Client.open_channel`."""

    # ── members ──────────────────────────────────────────────────────────────────────────────────────────────────────
    async def join(self, thread: int, terms: Terms) -> Sent:
        """Bring somebody in, with the new key and the chosen history. `Refused("needs_approval")`: propose it."""
        joined = await self._parts.registry.joined(terms)
        return await self.carry_out(units.joining(ThreadNo(thread), joined))

    async def join_organisation(
        self,
        thread: int,
        organisation: OrganisationId,
        legal_basis: str = "treatment",
        *,
        valid_until: Millis | None = None,
        history_from: Version | None = None,
    ) -> Sent:
        """Bring a whole organisation in at once: by its service inbox, so that whoever is on duty there reads and
        answers, under their own name; its archive comes along. Raises `NoSingleInbox`, and as `join`."""
        like = Terms(
            self.me, function="reception", legal_basis=legal_basis, valid_until=valid_until, history_from=history_from
        )
        return await self.join(thread, self._parts.registry.by_inbox(organisation, like))

    async def propose(self, thread: int, terms: Terms) -> Sent:
        """Propose that somebody joins; takes effect when another person approves the returned `version`."""
        return await self.act(e.Proposed(await self._parts.registry.joined(terms)), thread)

    async def approve(self, ref: int) -> Sent:
        """Let the proposal at version `ref` take effect, with the new key and the chosen history."""
        proposal = self.state.proposals.get(Version(ref))
        if proposal is None:
            raise Refused("unknown_proposal")
        return await self.carry_out(units.approving(proposal.thread, Version(ref), proposal.joined))

    async def decline(self, ref: int) -> Sent:
        """Turn the proposal at version `ref` down, or take an own one back."""
        proposal = self.state.proposals.get(Version(ref))
        if proposal is None:
            raise Refused("unknown_proposal")
        return await self.act(e.Declined(Version(ref)), proposal.thread)

    async def remove(self, principal: PrincipalId, reason: str = "removed") -> Sent:
        """Remove somebody from every thread; they read nothing that follows."""
        return await self.carry_out((Removing(principal, reason),))

    async def leave(self, reason: str = "left") -> Sent:
        """Leave every thread."""
        return await self.remove(self.me, reason)

    async def remove_from_thread(self, thread: int, principal: PrincipalId, reason: str = "removed") -> Sent:
        """Remove somebody, or oneself, from one thread only."""
        return await self.act(e.ParticipantLeft(principal, reason), thread)

    async def user_arrived(self, user: PrincipalId, transcript: Digest | None = None) -> Sent:
        """The user is here: vouch for her key, and open to her everything said with her so far."""
        await self._parts.finder.need([user])
        key = self._parts.finder.directory.current_key(user)
        return await self.carry_out(units.arriving(self.state, self.me, user, key, transcript))

    async def propose_handover(self, receiver: PrincipalId, *, ends_access: bool = False) -> Sent:
        """Hand the role of tillitsperson over; in effect when the receiver and the user have confirmed."""
        return await self.act(e.TillitspersonProposed(receiver, ends_access), None)

    async def confirm_handover(self, ref: int) -> Sent:
        """Agree to the handover proposed at version `ref`."""
        return await self.act(e.TillitspersonConfirmed(Version(ref)), None)

    async def grant_history(self, thread: int, recipient: PrincipalId, since: int = 0) -> Sent:
        """Open older messages to a member, from version `since` on (0: all), never wider than the own range."""
        return await self.carry_out((Granting(ThreadNo(thread), recipient, Version(since)),))

    # ── threads and the channel as a whole ───────────────────────────────────────────────────────────────────────────
    async def open_thread(
        self,
        audience: Audience,
        topic: Topic,
        title: str,
        members: Sequence[Terms] = (),
        *,
        reason_for_user: str | None = None,
        review_at: Millis | None = None,
    ) -> Sent:
        """Open a thread; `Sent.thread` is its number. A staff-only one needs a reason for the user and a review."""
        own = self._own_terms()
        joined = [await self._parts.registry.joined(terms) for terms in (*own, *members)]
        plan = units.opening_thread(audience, topic, title, joined, reason_for_user, review_at)
        return await self.carry_out(plan)

    def _own_terms(self) -> tuple[Terms, ...]:
        """Staff who open a thread are its first members, on the terms they have in thread 0; the user needs none."""
        main = self.state.threads.get(MAIN_THREAD)
        row = main.members.get(self.me) if main is not None else None
        if row is None:
            return ()
        return (Terms(row.principal, row.standing, row.organisation, row.function, row.legal_basis, row.valid_until),)

    async def close(self, reason: str, summary: KnownContent) -> Sent:
        """Make the channel read-only, with a summary and whom to contact now."""
        return await self.carry_out(units.closing(reason, summary))

    async def reopen(self) -> Sent:
        """Make it writable again."""
        return await self.act(e.ChannelReopened(), None)

    # ── files, drafts, typing ────────────────────────────────────────────────────────────────────────────────────────
    async def upload(
        self,
        thread: int,
        data: bytes | Path,
        name: str,
        media_type: str = "application/octet-stream",
        *,
        duration: Millis | None = None,
        progress: Progress = no_progress,
    ) -> SealedFile:
        """Seal and store a file chunk by chunk; post it with `post(thread, Files((file,)))`.

        Raises:
            AttachmentTooLarge, CannotReadFile, Disconnected, Refused: it was not stored.

        """
        described = (name, media_type, duration)
        return await attaching.upload(
            self._parts.doors, self._parts.reader, ThreadNo(thread), data, described, progress
        )

    async def download(self, thread: int, file: SealedFile, progress: Progress = no_progress) -> bytes:
        """A file's bytes, checked against the message that named it. Raises `AttachmentDamaged`, `Refused`."""
        parts = self._parts
        with self._believing():
            return await attaching.download(
                parts.doors, parts.reader, parts.finder.directory, ThreadNo(thread), file, progress
            )

    async def save(self, thread: int, file: SealedFile, path: Path, progress: Progress = no_progress) -> None:
        """Write a file to `path` chunk by chunk; it is there once all of it has been checked.

        Raises:
            CannotWriteFile: there is something at `path` already, or it cannot be written.
            AttachmentDamaged, Refused, Disconnected: as for `download`.

        """
        parts = self._parts
        with self._believing():
            await attaching.save(
                parts.doors, parts.reader, parts.finder.directory, ThreadNo(thread), file, path, progress
            )

    @contextmanager
    def _believing(self) -> Iterator[None]:
        """What does not verify stops the channel for good."""
        try:
            yield
        except ProtocolError as problem:
            self._parts.follower.break_off(problem)
            raise self._held.broken or problem from None

    async def archive(self, *, plain: bool) -> Archive:
        """The channel as this reader holds it, for an archive; `plain`: with the keys of its messages.

        What it was read for is the purpose with which the channel was opened, as its access line says.
        """
        parts = self._parts
        lines = await parts.kept.lines()
        if not lines:
            raise Disconnected
        return make_archive(self._held, parts.finder.directory, lines[-1], parts.reader.clock.now(), plain=plain)

    async def typing(self, thread: int) -> None:
        """Tell the others that somebody is writing; nothing happens while there is no connection."""
        with suppress(Disconnected):
            await self._parts.connection.send(frames.Typing(self.id, ThreadNo(thread)))

    async def draft(self, thread: int) -> str:
        """What was being written in the thread."""
        return await self._parts.kept.draft(ThreadNo(thread))

    async def save_draft(self, thread: int, text: str) -> None:
        """Keep what is being written, sealed, on this device only."""
        await self._parts.kept.keep_draft(ThreadNo(thread), text)
