"""Claims, passages and marks as HTML. Everything that comes from a corpus or a table is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import groupby
from urllib.parse import quote

from claimtrace.dossier import Decision, Dossier, Objection, find
from claimtrace.marks import Mark, address, fragment, key
from claimtrace.site.words import Words

#: Columns of the tables in words; of others only the underscores go.
COLUMNS = {
    "articles_cell": "articles of the whole cell",
    "n_low": "least n of the whole cell over all codings",
    "n_high": "greatest",
}


#: Codes that the page of an article gives of each claim, with what goes before them; its voice and factuality stand above.
CODED = {
    "claim_type": "type:", "subject": "subject:", "target": "target:", "scope": "scope:", "motive": "motive:", "motive_polarity": "direction:",
    "strength": "explicitness:", "event_type": "act:", "event_time": "time:", "period": "period:",
}  # fmt: skip


def claim_address(dossier: Dossier, root: str) -> str:
    """Where a claim stands on the page of its article; ``root`` leads from the page to the front page."""
    return f"{root}articles/{quote(dossier.article)}.html#{quote(dossier.claim)}"


def anchor(address: str, text: str) -> str:
    """A link."""
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def scroll(content: str, label: str) -> str:
    """Content that scrolls by itself where it is wider than the screen, by keyboard too."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(label)}">{content}</div>'


def marked(text: str, quotes: Iterable[str]) -> str:
    """A text with every quote in ``<mark>``; quotes that overlap become one."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((at, at + len(q)) for q in set(quotes) if q and (at := text.find(q)) >= 0):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    parts, done = [], 0
    for start, end in spans:
        parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    return "".join([*parts, escape(text[done:])])


def decision(found: Decision) -> str:
    """What two coders gave, what was decided, by which rule and why."""
    return f"<li><b>{escape(found.variable)}</b> {escape(found.outcome())} ({escape(found.rule)}). {escape(found.reason)}</li>"


def objection(found: Objection) -> str:
    """What a later reader objected to, and the answer."""
    verdict = f"{found.verdict.capitalize()}: {found.answer}"
    return (
        f"<li><b>{escape(found.variable)}</b> {escape(found.outcome())}. {escape(found.reason)} {escape(verdict)}</li>"
    )


#: A page whose marks list more claims than this leaves quotes and decisions of the coders to the pages of the articles.
MOST = 1000


def claim(dossier: Dossier, root: str, *, home: bool = False, charts: str = "", decided: bool = True) -> str:
    """A claim with all that is known of it but the passage, as an item of a list.

    Args:
        home: this is the page of its article, where its anchor stands.
        charts: the charts that count it.
        decided: with the quote and the decisions of the coders; without, a link to these.
    """
    codes = dossier.codes
    name = codes["voice"] if "voice" in codes else codes.get("attribution", ("", ""))
    certainty = [
        f"{who} {codes[variable][1].lower()}"
        for who, variable in (("source", "factuality_source"), ("author", "factuality_author"))
        if variable in codes
    ]
    facts = [f"Says: {dossier.says}", name[1], f"factuality: {', '.join(certainty)}" if certainty else ""]
    coded = [
        f"{heading} {codes[variable][1]}"
        for variable, heading in CODED.items()
        if home and variable in codes and codes[variable][1]
    ]
    link = anchor("#" + quote(dossier.claim) if home else claim_address(dossier, root), dossier.claim)
    lines = [
        f"<p>{escape(dossier.statement)}</p>",
        f"<p class=facts>{link} {escape('; '.join(fact for fact in facts if fact))}. "
        + (f"Quote: “{escape(dossier.quote)}” " if decided else "")
        + f"Original: {escape(dossier.original)}.</p>",
    ]
    if coded:
        lines.append(f"<p class=facts>Codes: {escape('. '.join(coded))}.</p>")
    count = len(dossier.decisions)
    if count and not decided:
        told = f"{count} {'decision' if count == 1 else 'decisions'} on the coding"
        lines.append(f"<p class=facts>{anchor(claim_address(dossier, root), told)}</p>")
    elif count:
        items = "".join(map(decision, dossier.decisions))
        lines.append(
            f"<details><summary>{count} {'decision' if count == 1 else 'decisions'} on the coding</summary>"
            f"<ul>{items}</ul></details>"
        )
    elif len(dossier.coders) == 2:
        lines.append("<p class=facts>Both coders agree.</p>")
    if dossier.objections and decided:
        number = len(dossier.objections)
        items = "".join(map(objection, dossier.objections))
        lines.append(
            f"<details><summary>{number} {'objection' if number == 1 else 'objections'} of a later reader</summary>"
            f"<ul>{items}</ul></details>"
        )
    where = f' id="{escape(dossier.claim)}"' if home else ""
    return f'<li{where} data-claim="{escape(dossier.claim)}">{"".join(lines)}{charts}</li>'


def evidence(dossiers: list[Dossier], root: str, decided: bool = True) -> str:
    """Claims under their passages, quotes marked, in the order of articles and passages."""
    parts = []
    for (article, passage), group in groupby(dossiers, key=lambda d: (d.article, d.passage)):
        own = list(group)
        head = own[0]
        where = anchor(f"{root}articles/{quote(article)}.html", head.title or article)
        parts.append(
            f"<p class=where>{where}, {escape(head.published)}, {escape(passage)}</p>"
            f"<blockquote>{marked(head.text, [d.quote for d in own])}</blockquote>"
            f"<ul class=claims>{''.join(claim(d, root, decided=decided) for d in own)}</ul>"
        )
    return "".join(parts) or "<p>No claim.</p>"


def mark_sections(marks: list[Mark], known: dict[str, Dossier], words: Words, root: str) -> str:
    """The marks of a chart with their claims, nested as their keys are: what begins alike stands in one section.

    Marks of a section that count the same claims share one list.
    """
    decided = sum(len(mark.claims) for mark in marks) <= MOST

    def listed(claims: tuple[str, ...]) -> str:
        return evidence(find(known, claims), root, decided)

    return "".join(_sections(marks, 0, listed, words))


def _sections(marks: list[Mark], depth: int, listed: Callable[[tuple[str, ...]], str], words: Words) -> Iterator[str]:
    groups: dict[str, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(list(mark.values.values())[depth], []).append(mark)
    for group in groups.values():
        columns = list(group[0].values.items())
        prefix = key(*(value for _, value in columns[: depth + 1]))
        heading = f"<h2>{escape(words.label(*columns[0]))}</h2>" if depth == 0 and len(columns) > 1 else ""
        if len({mark.claims for mark in group}) == 1:
            name = f' id="{escape(prefix)}"' if depth + 1 < len(columns) else ""
            told = {prefix}
            tag = "li" if len(group) > 1 else "h3" if heading or depth else "h2"
            body = "".join(_heading(mark, words, tag, told) for mark in group)
            body = f"<ul>{body}</ul>" if len(group) > 1 else body
            yield f"<section{name}>{heading}{body}{listed(group[0].claims)}</section>"
        else:
            inner = "".join(_sections(group, depth + 1, listed, words))
            yield f'<section id="{escape(prefix)}">{heading}{inner}</section>'


def _heading(mark: Mark, words: Words, tag: str, told: set[str]) -> str:
    """The name of a mark and its numbers, with its anchor and those of beginnings of its key that have none yet.

    Args:
        tag: ``li``, or the heading that follows the last one in depth.
    """
    values = list(mark.values.values())
    open_ = [key(*values[:length]) for length in range(1, len(values)) if key(*values[:length]) not in told]
    open_ = [name for name in open_ if any(name.startswith(other + ".") for other in told)]
    told |= set(open_)
    anchors = "".join(f'<span id="{escape(name)}"></span>' for name in open_)
    numbers = [
        f"{COLUMNS.get(name, name.replace('_', ' '))} {words.fact(name, value)}"
        for name, value in mark.row.items()
        if name not in mark.values and name not in ("claim_ids", "first_day", "last_day") and value and len(value) < 40
    ]
    title, numbers = anchors + escape(words.mark(mark)), escape("; ".join(numbers))
    if tag == "li":
        return f'<li id="{escape(mark.key)}"><b>{title}</b> <small>{numbers}</small></li>'
    return f'<{tag} id="{escape(mark.key)}">{title}</{tag}><p class=facts>{numbers}</p>'


def charts(counted: dict[str, list[Mark]], titles: dict[str, str], words: Words, root: str, most: int = 4) -> str:
    """The charts that count a claim, each with links to the marks that do."""
    items = []
    for figure, marks in counted.items():
        links = [anchor(root + address(figure) + fragment(mark.key), words.mark(mark)) for mark in marks[:most]]
        more = f" and {len(marks) - most} more" if len(marks) > most else ""
        items.append(f"<li>{escape(titles.get(figure, figure))}: {'; '.join(links)}{more}</li>")
    if not items:
        return "<p class=facts>No chart counts it.</p>"
    number = "1 chart counts it" if len(items) == 1 else f"{len(items)} charts count it"
    return f"<details><summary>{number}</summary><ul>{''.join(items)}</ul></details>"
