"""What every door of one hub process shares."""

from dataclasses import dataclass

from service.handle.channels import Channels
from service.handle.hub_acts import HubSigner
from service.handle.keys import KeyRegistry
from service.handle.security import SecurityLog
from service.quotas import Quota
from service.settings import Settings
from service.store import EventStore


@dataclass(slots=True)
class Core:
    """The running hub behind its doors. `lease` (16 bytes) names this life of the process in access lines."""

    settings: Settings
    store: EventStore
    channels: Channels
    keys: KeyRegistry
    signer: HubSigner
    lease: bytes
    device_quota: Quota
    organisation_quota: Quota
    publishing_quota: Quota
    arrival_quota: Quota
    security: SecurityLog
    draining: bool = False
