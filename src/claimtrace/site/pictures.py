"""Pictures inside a page, their marks links to the pages of the site."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import unquote

from claimtrace.marks import SITE
from claimtrace.site.html import scroll

_LINK = re.compile(r'<a xlink:href="([^"]*)"(?: target="_blank")?>')
_ID = re.compile(r' id="([^"]*)"')
_USED = re.compile(r'(?:url\(#|href="#)([^)"]+)')
_DEFINED = re.compile(r'<path id="([^"]+)"[^>]*/>\s*|<clipPath id="([^"]+)">.*?</clipPath>\s*', re.DOTALL)


def inline(svg: str, name: str, root: str, names: dict[str, str], seen: set[str] | None = None) -> str:
    """A picture as part of a page: links work, screen readers find them, and ids occur once a page.

    Args:
        name: of the figure.
        root: leads from the page to the front page.
        names: key of a mark, or of marks that begin alike, to its name in words.
        seen: ids that pictures further up the page define; those of this one are added.
    """
    seen = set() if seen is None else seen
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = _LINK.sub(lambda found: _link(unescape(found[1]), root, names), svg)
    svg = svg.replace('role="img"', 'role="group"', 1)
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", svg, count=1)
    used = set(_USED.findall(svg)) | {f"t-{name}", f"d-{name}"}
    svg = _ID.sub(lambda found: found[0] if found[1] in used else "", svg)
    svg = _DEFINED.sub(lambda found: "" if (found[1] or found[2]) in seen else found[0], svg)
    seen |= {found for found in _ID.findall(svg) if not found.startswith(("t-", "d-"))}
    svg = re.sub(r"<(?:g|defs)>\s*</(?:g|defs)>\s*", "", svg)
    svg = re.sub(r"\n\s*", "\n", svg)
    return f'<div class="exhibit">{scroll(svg, f"Chart {name}")}</div>'


def _link(target: str, root: str, names: dict[str, str]) -> str:
    page, _, fragment = target.partition("#")
    key = unquote(fragment)
    label = escape(names.get(key, key))
    return f'<a href="{escape(root + page.removeprefix(SITE))}#{fragment}" aria-label="{label}"><title>{label}</title>'
