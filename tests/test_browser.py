"""The site in Chromium, as readers have it: by pointer, by keyboard, in a narrow and a wide window, in the light and in the dark.

With ``--whole`` (``make browser``) every link of every chart is followed in the page; clicked are every mark of the headline chart
and a few of each other one. Every page is shown to axe; colours are judged in the light and in the dark. Without it a few charts
and marks are tried, the front page, and one page of each folder. Not covered: screen
readers, other browsers, and of print only what would be dark or cut off.
"""

from pathlib import Path
from urllib.parse import unquote

import pytest
from conftest import BUILT, SITE

from claimtrace import claims, dossier, marks

#: Workers share what takes long: charts and pages go round by their place in the list.
PARTS = 6
#: Marks of a chart to click, spread over it; of the headline chart all are.
CLICKS = 2
HEADLINE = "fig_motives"
#: Of charts, and of marks of the headline chart, one in so many is tried.
EACH = 10


def some(pages: list[Path], whole: bool) -> list[Path]:
    """All pages, or the front page and the first one of each folder."""
    firsts = {path.parent: path for path in reversed(pages)}.values()
    return [path for path in pages if whole or path in firsts or path == SITE / "index.html"]


@pytest.fixture(scope="session")
def tables(pages, real) -> dict[str, list[marks.Mark]]:
    """The rows of the tables behind the charts."""
    return {name: marks.marks(table) for name, table in marks.read(BUILT, claims.load(real)).items()}


# --- marks -----------------------------------------------------------------------------------------------------------

#: The claims of the sections that anchors of a page of marks name, null where there is no such anchor.
BEHIND = """keys => {
  const known = new Map();
  const claims = section => [...new Set([...section.querySelectorAll("[data-claim]")].map(item => item.dataset.claim))].sort();
  return keys.map(key => {
    const section = document.getElementById(key)?.closest("section");
    if (section && !known.has(section)) known.set(section, claims(section));
    return section ? known.get(section) : null;
  });
}"""

#: Brings a mark into view; its address and a place on it that nothing covers: in its area, or on its line.
PLACE = """number => {
  const mark = document.querySelectorAll(".exhibit svg a")[number];
  mark.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
  const {x, y, width, height} = mark.getBoundingClientRect(), line = mark.querySelector("path");
  const parts = [.5, .25, .75, .12, .88, .04, .96];
  const area = parts.flatMap(across => parts.map(down => [x + across * width, y + down * height]));
  const onLine = line ? parts.map(part => line.getPointAtLength(part * line.getTotalLength()).matrixTransform(line.getScreenCTM())) : [];
  const pixels = [...area, ...onLine.map(point => [point.x, point.y])].map(point => point.map(Math.round));
  const free = pixels.find(([x, y]) => document.elementFromPoint(x, y)?.closest("a") === mark);
  return [mark.href.baseVal, ...(free || [])];
}"""


def expected(table: list[marks.Mark], link: str) -> list[str]:
    """The claims that the rows of a table list whose key is, or begins with, what a link names."""
    rows = [mark for mark in table if mark.key == link or mark.key.startswith(link + ".")]
    assert rows, link
    return sorted({claim for mark in rows for claim in mark.claims})


def show(tab, name: str, fragment: str = "") -> None:
    """Opens a page of the site."""
    tab.goto((SITE / name).as_uri() + fragment)


def links(tab) -> list[str]:
    """Where the marks of the charts of a page lead."""
    return tab.eval_on_selector_all(".exhibit svg a", "all => all.map(a => a.href.baseVal)")


def click(tab, number: int) -> str:
    """Clicks on a mark and gives the key that it arrives at, after comparing it with the link's."""
    link, *place = tab.evaluate(PLACE, number)
    assert place, f"{link} is covered"
    page, _, fragment = link.partition("#")
    tab.mouse.click(*place)
    tab.wait_for_url(f"**/marks/{Path(page).name}#{fragment}")
    return unquote(fragment)


@pytest.mark.parametrize("part", range(PARTS))
def test_each_mark_of_each_chart_leads_to_exactly_its_claims(tables, tab, whole, part):
    """Each link is followed to its anchor in the page, and each row of each table found there too."""
    for name in list(tables)[:: 1 if whole else EACH][part::PARTS]:
        show(tab, f"marks/{name}.html")
        found, rows = links(tab), {mark.key: sorted(set(mark.claims)) for mark in tables[name]}
        assert found or not rows, name
        assert {Path(link.partition("#")[0]).name for link in found} <= {f"{name}.html"}
        wanted = {key: expected(tables[name], key) for key in {unquote(link.partition("#")[2]) for link in found}}
        wanted |= rows
        assert dict(zip(wanted, tab.evaluate(BEHIND, list(wanted)), strict=True)) == wanted, name
        for number in range(0, len(found), max(1, len(found) // CLICKS)):
            key = click(tab, number)
            assert tab.evaluate("document.querySelector(':target').id") == key, (name, key)
    assert tab.complaints == []


def test_a_click_on_any_mark_of_the_headline_chart_arrives_at_its_claims(tables, tab, whole):
    """By pointer: what a reader does. Here the claims stand in the page of the chart itself."""
    show(tab, f"marks/{HEADLINE}.html")
    count = len(links(tab))
    assert count > 80
    arrived = []
    for number in range(0, count, 1 if whole else EACH):
        key = click(tab, number)
        assert tab.evaluate("[document.querySelector(':target').id, scrollY > 0]") == [key, True]
        arrived.append(key)
    assert tab.evaluate(BEHIND, arrived) == [expected(tables[HEADLINE], key) for key in arrived]
    assert tab.complaints == []


def test_the_front_page_leads_to_the_same_claims(tables, tab, whole):
    """From the front page, a few by pointer; all its marks are those of the page of the chart."""
    show(tab, f"marks/{HEADLINE}.html")
    there = [link.partition("marks/")[2] for link in links(tab)]
    show(tab, "index.html")
    here = [link.partition("marks/")[2] for link in links(tab)]
    assert here == there
    for number in range(0, len(here), len(here) // (5 if whole else 2)):
        show(tab, "index.html")
        key = click(tab, number)
        assert tab.evaluate(BEHIND, [key]) == [expected(tables[HEADLINE], key)]
    assert tab.complaints == []


def test_evidence_is_told_in_full(tables, tab, real):
    mark = max(tables[HEADLINE], key=lambda mark: len(mark.claims))
    show(tab, f"marks/{HEADLINE}.html", marks.fragment(mark.key))
    section = tab.locator("section", has=tab.locator(f"[id='{mark.key}']")).last
    text = " ".join(section.text_content().split())
    told = dossier.dossiers(real)
    for name in mark.claims:
        found = told[name]
        for part in (
            found.statement,
            found.title,
            found.published,
            found.says,
            found.codes["voice"][1],
            found.text,
            found.original,
        ):
            assert " ".join(part.split()) in text, (name, part)
        for decided in found.decisions:
            assert decided.reason in text
    quoted = " ".join(section.locator("mark").all_text_contents())
    assert all(told[name].quote.split()[0] in quoted for name in mark.claims)


def test_a_keyboard_is_enough(pages, tab):
    show(tab, f"marks/{HEADLINE}.html")
    if not tab.locator(".exhibit svg a").count():
        pytest.skip("the headline chart of this study has no marks")
    tab.locator(".exhibit .scroll").focus()
    tab.keyboard.press("Tab")
    focused = tab.evaluate("[document.activeElement.tagName, document.activeElement.getAttribute('aria-label')]")
    assert focused[0] == "a"
    assert focused[1]
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    link = tab.evaluate("document.activeElement.href.baseVal")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**#*")
    assert tab.url.endswith(link.partition("#")[2])


# --- claims ----------------------------------------------------------------------------------------------------------


def test_the_claims_can_be_searched_chosen_and_sorted(pages, tab, real):
    table = claims.load(real)
    show(tab, "claims.html")
    shown = "table[data-interactive] tbody tr:not([hidden])"
    assert tab.locator(shown).count() == len(table)
    tab.get_by_label("Voice").select_option(real.codebook.label("voice", "SELF"))
    own = table[table["voice"] == "SELF"]
    assert tab.locator(shown).count() == len(own)
    assert tab.get_by_role("status").text_content() == f"{len(own)} of {len(table)} rows"
    word = own["statement"].iloc[0].split()[0].lower()
    tab.get_by_label("Search").last.fill(own["claim_id"].iloc[0] + " " + word)
    assert tab.locator(shown).count() == 1
    tab.get_by_label("Search").last.fill("")
    tab.get_by_role("button", name="Claim", exact=True).press("Enter")
    tab.get_by_role("button", name="Claim", exact=True).press("Enter")
    assert tab.locator("th[aria-sort=descending]").count() == 1
    ids = tab.locator(f"{shown} td:first-child").all_text_contents()
    assert ids[0] > ids[-1]
    assert set(ids) == set(own["claim_id"])
    assert tab.complaints == []


def test_a_dark_page_is_printed_in_light_colours(pages, tab):
    tab.emulate_media(color_scheme="dark")
    show(tab, "cite.html")
    tab.evaluate("addEventListener('beforeprint', () => { window.printed = document.documentElement.dataset.theme; })")
    tab.pdf()
    assert tab.evaluate("[printed, document.documentElement.dataset.theme]") == ["light", "dark"]


def test_nothing_is_cut_off_in_print(pages, tab, whole):
    tab.set_viewport_size({"width": 720, "height": 1000})
    tab.emulate_media(media="print")
    for name in ("index", f"marks/{HEADLINE}", "articles", "claims")[: 4 if whole else 2]:
        show(tab, f"{name}.html")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 720, name
        cut = "[...document.querySelectorAll('pre, .scroll')].filter(item => item.scrollWidth > item.clientWidth + 1).length"
        assert tab.evaluate(cut) == 0, name


# --- every page ------------------------------------------------------------------------------------------------------

#: Narrow and wide windows.
PHONE, LAPTOP = 360, 1280
COLOURS = ["color-contrast", "link-in-text-block"]

THIN = Path(__file__).with_name("thin.js").read_text(encoding="utf-8")

#: What axe objects to: the rule, and the first place. Of some kinds of texts only, if any are named.
AXE = """([options, kinds]) => {
  const chosen = kinds && window.worded.filter(item => kinds.includes(window.kindOf.get(item)));
  return axe.run(chosen ? {include: chosen} : document, {preload: false, resultTypes: ["violations"], ...options})
    .then(result => result.violations.map(found => [found.id, found.nodes[0].html.slice(0, 120)]));
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    from axe_playwright_python.base import AXE_FILE_PATH

    return AXE_FILE_PATH.read_text(encoding="utf-8")


#: What is unfolded fades in, and colours change by degrees: judged half way, a text is as faint as nobody reads it.
STILL = "*, ::before, ::after { animation: none !important; transition: none !important; }"


def darken(tab) -> None:
    """Lets the page change to its dark looks, as it does when the system does."""
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")


def too_wide(tab, width: int) -> list:
    tab.set_viewport_size({"width": width, "height": 800})
    wide = tab.evaluate("document.documentElement.scrollWidth")
    return [("wide", width, wide)] if wide > width else []


@pytest.fixture(scope="session")
def judged() -> set[int]:
    """The looks of texts whose colours axe has judged: what the pages have in common need not be judged on each."""
    return set()


def faults(tab, axe: str, judged: set[int], path: Path) -> list:
    """What is wrong with a page, everything unfolded: wider than a phone or a laptop, or not to be read by everyone."""
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size({"width": PHONE, "height": 800})
    tab.goto(path.as_uri())
    tab.add_style_tag(content=STILL)
    # The theme draws its icons after the page is there; until then they are large.
    tab.wait_for_function("document.documentElement.classList.contains('fontawesome-i2svg-complete')")
    tab.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    found = too_wide(tab, PHONE) + too_wide(tab, LAPTOP)
    assert tab.evaluate("document.getAnimations().length") == 0
    new = [kind for kind in tab.evaluate(THIN) if kind not in judged]
    tab.evaluate(axe)
    structure = {"rules": {name: {"enabled": False} for name in COLOURS}}
    found += [("structure", *fault) for fault in tab.evaluate(AXE, [structure, None])]
    if new:
        found += [("light", *fault) for fault in tab.evaluate(AXE, [{"runOnly": COLOURS}, new])]
        darken(tab)
        found += [("dark", *fault) for fault in tab.evaluate(AXE, [{"runOnly": COLOURS}, new])]
    judged.update(new)
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_fits_and_axe_finds_nothing(pages, tab, axe, judged, whole, part):
    """Every page, with everything that was folded unfolded, at the width of a phone and of a laptop, and by axe.

    Axe sees one of all elements of a page that are alike (``thin.js``), with all its rules but those of colour, which cannot
    differ between light and dark. The rules of colour see, light and dark, every text that looks, down from the body, as none
    on an earlier page did: contrast follows from looks. So this would miss a text that something else covers, and a claim
    that is wrong for itself alone; ids, headings and links of all are checked in ``test_site.py``.
    """
    found = {}
    for path in some(pages, whole)[part::PARTS]:
        if wrong := faults(tab, axe, judged, path):
            found[str(path.relative_to(SITE))] = wrong
    assert found == {}
    assert len(judged) > (50 if whole else 5)
    assert tab.complaints == []
