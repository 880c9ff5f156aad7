"""The hub as one object: store, keys, channels and doors, opened and closed in order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from crypto.log_policies import Witness
from crypto.random import random_bytes
from crypto.signing import SigningKey
from domain.ids import DeviceId
from protocol.sign_in.configuration import Configuration
from protocol.trust import BadTrustFile, Trust, decode_trust
from service.directory.listings import LISTINGS, Listings
from service.handle.access import new_lease
from service.handle.channels import Channels
from service.handle.core import Core
from service.handle.cosigning import Cosigning
from service.handle.erasing import Erasing
from service.handle.hub_acts import HubSigner
from service.handle.keys import KeyRegistry
from service.handle.log_proofs import LogProver
from service.handle.outside_witnesses import OutsideWitnesses, keys_of, read_witness_file
from service.handle.own_channels import ChannelLists
from service.handle.security import SecurityLog
from service.handle.sequencer import Sequencer
from service.http.doors import CORE
from service.http.log import COSIGNING, SEQUENCER
from service.http.own_channels import CHANNEL_LISTS
from service.http.problems import problems
from service.http.routes import add_routes
from service.http.same_site import same_site
from service.identity.development.allowed import is_asked_for
from service.identity.development.running import development_provider
from service.identity.room import IDENTITY, open_identity, passkey_site, read_sign_in_file
from service.identity.security_log import heard_by
from service.push.checkpoints import Checkpoints
from service.push.endpoint import websocket
from service.push.hub import HUB, Hub
from service.push.promises import Promises
from service.quotas import Quota
from service.settings import BadSetting, Settings, scrub_hour
from service.store import EventStore, StoreSettings
from service.store.embedded import EmbeddedPostgres
from service.store.erasing import Eraser
from service.store.migrate import migrate

log = structlog.get_logger()
_SEED = 32
_BODY = 5 * 1024 * 1024
_LOOK_AGAIN = 0.25
"""Seconds between looks at whether the embedded database server still lives."""


@dataclass(frozen=True, slots=True)
class BuiltHub:
    """A hub whose store is open and whose doors can be served."""

    app: web.Application
    hub: Hub


def read_trust(settings: Settings) -> Trust:
    """The pinned trust file.

    Raises:
        BadSetting: it is missing or no trust file.

    """
    try:
        return decode_trust(settings.trust_file.read_bytes())
    except OSError as error:
        raise BadSetting(f"SAMSNAKK_TRUST_FILE: {settings.trust_file}: {error.strerror}") from None
    except BadTrustFile as error:
        raise BadSetting(f"SAMSNAKK_TRUST_FILE: {settings.trust_file}: {error.detail}") from None


def read_hub_key(settings: Settings, trust: Trust) -> HubSigner:
    """The hub's signing key; it must be the one that the trust file pins.

    Raises:
        BadSetting: it is missing, not 32 bytes, or another key.

    """
    path: Path = settings.hub_key_file
    try:
        seed = path.read_bytes()
    except OSError as error:
        raise BadSetting(f"SAMSNAKK_HUB_KEY_FILE: {path}: {error.strerror}") from None
    if len(seed) != _SEED:
        raise BadSetting(f"SAMSNAKK_HUB_KEY_FILE: {path}: 32 bytes expected")
    key = SigningKey.from_seed(seed)
    if key.public != trust.hub.public_key:
        raise BadSetting("SAMSNAKK_HUB_KEY_FILE: not the key that the trust file pins for the hub")
    return HubSigner(DeviceId(trust.hub.device), key)


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[tuple[str, str | None]]:
    """The address of the database as the service and as the eraser; an embedded server where none is set."""
    if settings.database_url is not None:
        yield settings.database_url, None  # who runs the database runs `samsnakk scrub` beside the hub
        return
    async with EmbeddedPostgres(settings.data) as postgres:
        await migrate(postgres.dsn("owner"))
        async with asyncio.TaskGroup() as tasks:
            reviving = tasks.create_task(_revive_for_ever(postgres))
            try:
                yield postgres.dsn("service"), postgres.dsn("eraser")
            finally:
                reviving.cancel()


async def _revive_for_ever(postgres: EmbeddedPostgres) -> None:
    """Nobody else looks after an embedded server that dies."""
    while True:
        await asyncio.sleep(_LOOK_AGAIN)
        await postgres.revive()


@asynccontextmanager
async def providers(settings: Settings, trust: Trust, url: str) -> AsyncIterator[tuple[Configuration, bytes] | None]:
    """The identity providers and the key that subjects are hashed under; None where nobody signs in.

    Raises:
        BadSetting: the file cannot be used, or the development provider must not run here.

    """
    if is_asked_for(settings):
        log.warning("development_sign_in", security=True, advice="anybody on this machine signs in as anybody")
        # The provider's address is another one each time, so its people's names are anyway.
        async with development_provider(trust, url, settings.development_users) as configuration:
            yield configuration, random_bytes(32)
    else:
        yield None if settings.sign_in_file is None else read_sign_in_file(Path(settings.sign_in_file))


def _core(settings: Settings, store: EventStore, keys: KeyRegistry, signer: HubSigner) -> Core:
    lease = new_lease()
    return Core(
        settings=settings,
        store=store,
        channels=Channels(store, keys, signer, lease, settings.live_channels),
        keys=keys,
        signer=signer,
        lease=lease,
        device_quota=Quota(settings.device_acts, settings.device_burst),
        organisation_quota=Quota(settings.organisation_acts, settings.organisation_burst),
        publishing_quota=Quota(settings.publish_rate, settings.publish_burst),
        arrival_quota=Quota(settings.arrival_rate, settings.arrival_burst),
        security=SecurityLog(store, keys.directory, settings.security_log_days),
    )


async def _erasing(core: Core, eraser_dsn: str | None, stack: AsyncExitStack) -> Erasing:
    """Whoever carries out erasures; what is decided, and what a backup has brought back, is destroyed already."""
    eraser = stack.enter_context(closing(Eraser(eraser_dsn))) if eraser_dsn is not None else None
    erasing = Erasing(core.store, core.channels, core.signer, eraser, scrub_hour(core.settings))
    await erasing.destroy()
    return erasing


@asynccontextmanager
async def build(settings: Settings, url: str) -> AsyncIterator[BuiltHub]:
    """Open everything the hub needs; close it again, in reverse, with every interval closed.

    `url`: where it listens.

    Raises:
        BadSetting: a file or variable is not what it should be.
        StoreError: the database cannot be used.
        LogBroken: the record is not what this hub has signed.

    """
    trust = read_trust(settings)
    signer = read_hub_key(settings, trust)
    async with AsyncExitStack() as stack:
        configured = await stack.enter_async_context(providers(settings, trust, url))
        dsn, eraser_dsn = await stack.enter_async_context(database(settings))
        store = await stack.enter_async_context(EventStore(StoreSettings(dsn)))
        keys = KeyRegistry(trust, store)
        await keys.load()
        core = _core(settings, store, keys, signer)
        sequencer = await Sequencer.taken_up(store, signer.key, trust.deployment_id)
        outside = read_witness_file(settings.witness_file)
        cosigning = await Cosigning.taken_up(store, trust, keys.directory, keys_of(outside))
        erasing = await _erasing(core, eraser_dsn, stack)
        hub = Hub(core)
        app = web.Application(middlewares=[problems, same_site], client_max_size=_BODY)
        app[CHANNEL_LISTS] = ChannelLists(store, core.channels)
        app[CORE], app[HUB], app[LISTINGS] = core, hub, Listings(trust, store, keys.directory.roots)
        app[SEQUENCER], app[COSIGNING] = sequencer, cosigning
        add_routes(app)
        if configured is not None:
            site = passkey_site(configured[0].public_url, settings.passkey_domain)
            room = await stack.enter_async_context(open_identity(*configured, store, keys.directory, site))
            hub.identity = app[IDENTITY] = room
            room.sessions.when_ended(hub.end_sessions)
        app.router.add_route("GET", "/ws", websocket)
        showing = _show_log(hub, sequencer, signer, trust)
        growing = (*_growing(sequencer, cosigning, outside), _write_refusals(core.security))
        await stack.enter_async_context(_going_on(hub.expire_for_ever(), *growing, *showing, erasing.run_for_ever()))
        yield BuiltHub(app, hub)


def _growing(
    sequencer: Sequencer, cosigning: Cosigning, outside: tuple[Witness, ...]
) -> tuple[Coroutine[object, object, None], ...]:
    """Whatever makes the log grow, and gets it cosigned."""
    asking = OutsideWitnesses(outside, cosigning, sequencer)
    return sequencer.run_for_ever(), cosigning.run_for_ever(sequencer), asking.run_for_ever()


async def _write_refusals(security: SecurityLog) -> None:
    """Write down whatever any door refuses."""
    with heard_by(security):
        await security.run_for_ever()


def _show_log(
    hub: Hub, sequencer: Sequencer, signer: HubSigner, trust: Trust
) -> tuple[Coroutine[object, object, None], ...]:
    """Whatever tells clients about the log: checkpoints, and promises of what will be in it."""
    hub.checkpoints = Checkpoints(LogProver(sequencer), hub.core.settings.checkpoint_seconds)
    hub.promises = Promises(signer.key, trust.deployment_id)
    return hub.checkpoints.run_for_ever(), hub.promises.run_for_ever()


@asynccontextmanager
async def _going_on(*work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Beside whatever is done meanwhile, and no longer."""
    async with asyncio.TaskGroup() as tasks:
        ongoing = [tasks.create_task(one) for one in work]
        try:
            yield
        finally:
            for task in ongoing:
                task.cancel()
