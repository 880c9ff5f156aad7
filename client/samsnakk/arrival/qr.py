"""An invitation's link as a QR code: on a terminal, as a picture, on a sheet of paper.

The address goes in byte mode and the 64 signs behind # in alphanumeric mode, which makes version 5 (37 × 37 modules)
with a quarter of it spare, for addresses up to about 35 signs.
"""

import io
from html import escape
from pathlib import Path
from typing import Any, Final

import segno

from samsnakk.private_files import write_private

_QUIET: Final = 4
_SHEET: Final = """<!doctype html>
<html lang="nb"><meta charset="utf-8"><title>Invitasjon til Samsnakk</title>
<style>
  @page {{ margin: 20mm }}
  body {{ font: 14pt/1.5 sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em; overflow-wrap: anywhere }}
  svg {{ width: 60mm; height: 60mm; max-width: 100% }} code {{ font-size: 11pt }}
</style>
<h1>{title}</h1>
<p>{inviter} inviterer deg til en felles samtale med dem som hjelper deg.</p>
<ol>
  <li>Skann koden med telefonen, eller lim inn lenken under i programmet Samsnakk.</li>
  <li>Se hvem som er med. Du bestemmer selv om du vil være med.</li>
  <li>Skriv til teamet ditt når du vil.</li>
</ol>
{picture}
<p><code>{link}</code></p>
<p><strong>Koden er bare din, og kan brukes én gang.</strong> Den gjelder til {end}. Ikke vis den til andre.
Er den brukt av noen andre, eller er arket borte? Si fra til {inviter} med en gang, så får du en ny.</p>
<p>Neste gang dere møtes, sammenlign sikkerhetskoden i programmet. Den skal være lik hos begge.</p>
<p>Dette er ikke en nødtelefon. Ring 113 hvis det er fare for liv, eller legevakt på 116 117.</p>
</html>
"""


def code_of(link: str) -> segno.QRCode:
    """The QR code of a link."""
    head, _, fragment = link.partition("#")
    pieces: Any = [f"{head}#", fragment]  # each in the narrowest mode that fits it
    return segno.make(pieces, micro=False, error="m", boost_error=False)


def on_terminal(link: str) -> str:
    """The code in half blocks, light on dark, with a border that readers need."""
    out = io.StringIO()
    code_of(link).terminal(out, border=2, compact=True)
    return out.getvalue()


def write_picture(link: str, path: Path, *, inviter: str, name: str, end: str) -> None:
    """Write the code to `path`, readable by its owner only: `.svg`, `.png`, or `.html` for a sheet to print.

    Raises:
        ValueError: another ending.

    """
    kind = path.suffix.lower().removeprefix(".")
    if kind == "html":
        picture = code_of(link).svg_inline(border=_QUIET)
        title = f"Hei, {name}!" if name else "Hei!"
        texts = {"title": title, "inviter": inviter, "link": link, "end": end}
        filled = {key: escape(text) for key, text in texts.items()}
        write_private(path, _SHEET.format(picture=picture, **filled).encode())
        return
    if kind not in {"svg", "png"}:
        raise ValueError(path.name)
    out = io.BytesIO()
    code_of(link).save(out, kind=kind, border=_QUIET, scale=8)
    write_private(path, out.getvalue())
