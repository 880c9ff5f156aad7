"""A bundle of a conversation, and what becomes of it in the hands of others."""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.ids import Millis
from protocol.trust import decode_trust, encode_trust
from samsnakk import Channel, Client
from samsnakk.demo.world import World
from samsnakk.evidence.collecting import Collected
from samsnakk.evidence.verifying import Findings, verify_bundle
from samsnakk.evidence.writing import write_bundle
from samsnakk.evidence.zipped import opened
from tests.client.evidence.lies import Files

STANDALONE = Path(__file__).resolve().parents[3] / "client/samsnakk/evidence/standalone/verify.py"
LATER = Millis(4102444800000)


@dataclass
class Made:
    """A bundle of a conversation, and the files that are kept elsewhere."""

    path: Path
    trust: Path
    channel: Channel
    client: Client
    collected: Collected

    def verified(self, path: Path | None = None) -> Findings:
        with opened(path or self.path) as bundle:
            return verify_bundle(bundle, decode_trust(self.trust.read_bytes()), LATER, None, lambda _done, _all: None)

    def alone(self, path: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The verdict of the program that is handed on with it, run where nothing of ours can be imported."""
        return subprocess.run(
            [sys.executable, "-I", str(STANDALONE), str(path or self.path), str(self.trust)],
            cwd=self.path.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def forged(self, change: Callable[[Files], None]) -> Path:
        """The same bundle after `change`, with all sums right again: a forger can count too."""
        with zipfile.ZipFile(self.path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        change(files)
        about = json.loads(files["bundle.json"])
        for name in about["files"]:
            about["files"][name] = {
                "bytes": len(files[name]),
                "sha256": hashlib.sha256(files[name]).hexdigest(),
            }
        files["bundle.json"] = (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode()
        path = self.path.with_name("forged.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path


def written(world: World, client: Client, channel: Channel, collected: Collected, folder: Path) -> Made:
    path, trust = folder / "bevis.zip", folder / "tillit.json"
    trust.write_bytes(encode_trust(world.trust))
    write_bundle(path, collected, (channel.me, client.me), world.trust, client.now(), "<!doctype html>")
    return Made(path, trust, channel, client, collected)
