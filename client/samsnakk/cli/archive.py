"""`samsnakk archive`: a channel in a file that verifies by itself, sealed or with the keys of its messages."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Final

from domain.access.events import Purpose
from protocol.errors import ProtocolError
from protocol.trust import BadTrustFile, Trust, decode_trust
from samsnakk import Client
from samsnakk.archiving import MAX_ARCHIVE, Archive, BadArchive, encode_archive, parse_archive, verify_archive
from samsnakk.cli import keeping_texts as t
from samsnakk.cli.error_texts import told
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.shown import one_line
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import local_time
from samsnakk.errors import SamsnakkError
from samsnakk.private_files import write_private

FAILED: Final = 1
USAGE: Final = 2


def run(given: argparse.Namespace) -> int:
    """Returns 0, 1 if it did not go or the file is not good, 2 if there is no such profile, channel or file."""
    try:
        return _verify(given) if given.step == "verify" else _export(given)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk archive: {error}\n")
        return USAGE
    except BadArchive as error:
        sys.stderr.write(f"{t.NOT_GOOD.format(why=error)}\n")
        return FAILED
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{told(error)}\n")
        return FAILED
    except OSError as error:
        sys.stderr.write(f"{t.CANNOT_WRITE.format(why=error.strerror)}\n")
        return FAILED


def _export(given: argparse.Namespace) -> int:
    if given.out.exists():
        raise NoPlace(f"{given.out} is there already; name a new file")
    place = find_place(given.person, given.channel, given.data, given.url)
    archive = asyncio.run(_made(place, Purpose(given.purpose), plain=given.plain))
    # What cannot be verified must not be believed to be archived.
    found = verify_archive(archive, place.unlocked.trust)
    write_private(given.out, encode_archive(archive))
    form = t.PLAIN.format(opened=len(found.contents)) if given.plain else t.SEALED
    print(t.EXPORTED.format(file=given.out, number=found.version, form=form))
    return 0


async def _made(place: Place, purpose: Purpose, *, plain: bool) -> Archive:
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=purpose)
        await channel.caught_up()
        return await channel.archive(plain=plain)


def _verify(given: argparse.Namespace) -> int:
    trust, archive = _trust(given.trust), read_archive(given.file)
    found = verify_archive(archive, trust)
    print(
        t.VERIFIED.format(
            number=found.version,
            date=BOKMAL.date(local_time(archive.made_at)),
            reader=one_line(trust.name_of(archive.reader)),
            purpose=t.PURPOSES.get(found.purpose.value, found.purpose.value),
            opened=len(found.contents),
        )
    )
    return 0


def read_archive(file: Path) -> Archive:
    """The archive in a file, unverified. Raises `NoPlace`, `BadArchive`."""
    try:
        if file.stat().st_size > MAX_ARCHIVE:
            raise BadArchive("too large")
        return parse_archive(file.read_bytes())
    except OSError as error:
        raise NoPlace(f"{file}: {error.strerror}") from None


def _trust(file: Path) -> Trust:
    try:
        return decode_trust(file.read_bytes())
    except OSError as error:
        raise NoPlace(f"{file}: {error.strerror}") from None
    except BadTrustFile as error:
        raise NoPlace(f"{file}: {error.detail}") from None
