"""`les-meg.html`: what a bundle proves and what it does not, in plain words, for whoever opens the file first."""

from datetime import UTC, datetime
from html import escape
from typing import Final

from domain.ids import Millis

_STYLE: Final = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:#111;background:#fff}"
    "code,pre{font-size:.95em;overflow-wrap:anywhere;white-space:pre-wrap}pre{background:#f2f2f2;padding:.75rem}"
    "h1,h2{line-height:1.25}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}pre{background:#222}a{color:#9cf}}"
)
_PAGE: Final = """\
<!doctype html>
<html lang="nb">
<head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bevispakke fra Samsnakk</title>
<style>{style}</style></head>
<body><main>
<h1>Bevispakke fra Samsnakk</h1>
<p>Alt som ble ført i én kanal til og med hendelse {version}, og alle {lines} linjer i innsynsloggen.
Laget {made}. Kanal <code>{channel}</code>.</p>

<h2>Kontroller den selv</h2>
<p>Stol ikke på denne siden, og ikke på programmet som ligger i pakken: begge kan være byttet ut. Hent programmet og
tillitsfilen fra noen andre enn den som ga deg pakken.</p>
<pre>samsnakk audit verify PAKKE.zip --trust TILLIT.json</pre>
<p>Uten Samsnakk: <code>python3 verify.py PAKKE.zip TILLIT.json</code>, som bare trenger <code>cryptography</code>.</p>

<h2>Dette beviser pakken, når kontrollen er bestått</h2>
<ul>
<li>Ingenting er fjernet, endret, flyttet eller lagt til etterpå, heller ikke det nyeste.</li>
<li>Hver handling er signert på enheten til den som handlet, og enheten var gyldig da.</li>
<li>Hver handling var lov etter reglene da den ble ført.</li>
<li>Hvert innsyn ble ført før innholdet forlot navet, og leseren har selv signert at hun ba om det.</li>
<li>Navet har signert at dette er det nyeste, og så mange virksomheter som regelen krever, har signert at de har sett
den samme loggen. Kontrollen sier hvilke.</li>
</ul>

<h2>Dette beviser den ikke</h2>
<ul>
<li>Hva som står i meldingene. De er forseglet; virksomhetens nøkkelvoktere kan åpne dem sammen, én sak om gangen.</li>
<li>At en person selv satt ved enheten sin, eller at hun leste det som ble hentet. «Vist» står i en egen handling.</li>
<li>At navet og en leser i fellesskap ikke har tatt en kopi uten å føre det.</li>
<li>Hva noen gjorde med det de hadde lest, utenfor Samsnakk.</li>
<li>Klokkeslettet nærmere enn vitnenes klokker: navet setter tiden, vitnene har sett den innen minutter.</li>
<li>Hvem som laget pakken.</li>
</ul>
<p>Der den som laget pakken, ikke har lov til å se noe, ligger bare et blad: det viser at noe ble ført, og når, men ikke
hva. Det som er slettet etter vedtak, er også et slikt blad.</p>

<h2>Hva ligger i pakken?</h2>
<table>
<tr><th scope="row">record.items</th><td>hendelsene, som navet viste dem</td></tr>
<tr><th scope="row">access.items</th><td>innsynsloggen</td></tr>
<tr><th scope="row">keys.items</th><td>nøklene til alle som er nevnt, og hvem som gikk god for dem</td></tr>
<tr><th scope="row">log.items</th><td>kontrollpunkter navet har signert, og bevis for at dette er det nyeste</td></tr>
<tr><th scope="row">checkpoint.txt</th><td>kontrollpunktet med vitnenes signaturer (C2SP)</td></tr>
<tr><th scope="row">audit-events.ndjson</th><td>innsynsloggen som FHIR AuditEvent (R4, IHE BALP)</td></tr>
<tr><th scope="row">rapport.html</th>
<td>svarene en kontrollør spør etter; vil du være sikker, lager kontrollen den på nytt (<code>--out</code>)</td></tr>
<tr><th scope="row">names.json</th>
<td>hva folk og virksomheter heter; kontrollen sammenligner med tillitsfilen</td></tr>
</table>

<h2 lang="en">In English</h2>
<p lang="en">Evidence about one Samsnakk channel. Take the verifier and the trust file from somebody else than whoever
gave you this, and run <code>samsnakk audit verify BUNDLE --trust FILE</code>. A passed check proves that nothing was
removed, changed, moved or added, who did and read what and when, and who has cosigned that this is the newest. It does
not prove what sealed messages say, who sat at a device, or that hub and reader together took no copy.</p>
</main></body></html>
"""


def page(channel: bytes, version: int, lines: int, made_at: Millis) -> str:
    """The page."""
    made = datetime.fromtimestamp(made_at / 1000, UTC).strftime("%d.%m.%Y kl. %H:%M UTC")
    facts = {"channel": channel.hex(), "version": str(version), "lines": str(lines), "made": made, "style": _STYLE}
    return _PAGE.format(**{name: fact if name == "style" else escape(fact) for name, fact in facts.items()})
