"""How a report looks: on a screen, on a phone, on paper. Everything is in the page itself."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1a1d21;--soft:#4b5563;--line:#9aa3af;--paper:#fff;--band:#f2f4f7;--bar:#0a5c8a;
--warn:#8a1c0a}
@media (prefers-color-scheme:dark){:root{--ink:#eef1f4;--soft:#b8c0ca;--line:#6b7480;--paper:#14171a;--band:#20252a;
--bar:#6db8e0;--warn:#ff9d8a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1.25rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:2.25rem 0 .5rem;overflow-wrap:anywhere}
nav ol,section ul{padding-left:1.4rem;max-width:46rem}
section p{max-width:46rem}
p,li{overflow-wrap:anywhere}
li{margin:.3rem 0}
a{color:var(--bar)}
a:focus-visible{outline:3px solid var(--bar);outline-offset:2px}
.warning{border:2px solid var(--warn);padding:0 1rem 1rem;margin-top:1.5rem}
.warning h2{color:var(--warn);margin-top:1rem}
.warning h2::before{content:"\\26A0\\00A0"}
table{border-collapse:collapse;width:100%;margin:1rem 0 1.5rem;font-size:.85rem}
caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line);
overflow-wrap:break-word;font-variant-numeric:tabular-nums}
.id{overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.85em}
thead th{color:var(--soft);font-weight:600;border-bottom-width:2px;overflow-wrap:normal;hyphens:auto}
tbody th{font-weight:600}
tbody tr:nth-child(even){background:var(--band)}
figure{margin:1rem 0}
figcaption{font-weight:600;margin-bottom:.4rem}
svg{display:block;width:100%;max-width:30rem;height:auto}
svg text{fill:var(--ink);font:13px system-ui,sans-serif}
svg rect{fill:var(--bar)}
@media (max-width:72rem){
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,th,td,caption{display:block;width:100%}
tbody tr{border:1px solid var(--line);border-radius:.4rem;margin:.6rem 0;padding:.3rem .2rem}
tbody th,tbody td{border:0;padding:.25rem .6rem;display:grid;grid-template-columns:minmax(7rem,32%) 1fr;gap:.6rem}
tbody th,tbody td{overflow-wrap:anywhere}
tbody th::before,tbody td::before{content:attr(data-heading);color:var(--soft);font-weight:400}
tbody td:not([data-heading]){display:block}
tbody tr:nth-child(even){background:none}
}
@media print{
:root{--ink:#000;--soft:#333;--paper:#fff;--band:#fff;--bar:#333;--warn:#000}
@page{size:A4 landscape;margin:14mm}
main{max-width:none;padding:0}
nav{display:none}
tr,figure{break-inside:avoid}
h2{break-after:avoid}
thead{display:table-header-group}
table{font-size:.65rem}
th,td{padding:.25rem .3rem}
}
"""
