"""The site: from every mark to its claims and back, in Chromium; nothing is fetched, nothing harms, nothing dangles."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest
from conftest import ROOT
from test_figures import all_exhibits

from claimtrace import adjudication, claims, dossier, marks, tracing
from claimtrace.errors import StudyError
from claimtrace.site import build
from claimtrace.site.html import marked
from claimtrace.site.words import markdown
from claimtrace.study import Study

BUILT = ROOT / "build"
SITE = BUILT / "site"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Axe reads every node many times; of lists that one function writes it is shown this many items.
ITEMS = 30

#: Slow: every mark of every chart is clicked. `make browser` runs them.
needs_chromium = pytest.mark.skipif(not (CHROMIUM and os.environ.get("BROWSER")), reason="run make browser")


@pytest.fixture(scope="session")
def pages():
    if not (SITE / "index.html").is_file():
        if os.environ.get("CI"):
            pytest.fail("the site was not made; run make site")
        pytest.skip("the site was not made; run make site")
    return sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium):
    """A page that keeps what it complained of and asked for."""
    page = chromium.new_page()
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    page.on(
        "request",
        lambda request: request.url.startswith(("file:", "data:")) or page.complaints.append(f"fetches {request.url}"),
    )
    yield page
    page.close()


# --- keys ------------------------------------------------------------------------------------------------------------


def test_the_key_is_what_names_a_row():
    table = pd.DataFrame(
        {"a": ["x", "x"], "b": ["p q", ""], "n": ["1", "2"], "note": ["t", "t"], "claim_ids": ["", "c"]}
    )
    assert marks.key_columns(table) == ["a", "b"]
    assert marks.keys(table) == ["x.p.q", "x.-"]
    assert marks.fragment("CT+", "a b") == "#CT%2B.a.b"


def test_a_number_is_part_of_the_key_where_it_must():
    table = pd.DataFrame({"a": ["x", "x"], "year": ["2020", "2021"], "n": ["1", "1"]})
    assert marks.key_columns(table) == ["a", "year"]


def test_a_chart_that_counts_no_claims_leads_to_those_of_what_it_names(harbours):
    table = claims.load(harbours)
    articles = marks.with_claims(pd.DataFrame({"article": ["ledger-1704", "nowhere"], "n": ["2", "0"]}), table)
    assert articles["claim_ids"].tolist() == ["ledger-1704.p01.s1.c1;ledger-1704.p01.s2.c1", ""]
    differ = pd.DataFrame({"id": ["voice"], "differ_in": ["gazette-1703.p01.s2;ledger-1704.p01.s1"]})
    found = marks.with_claims(differ, table)["claim_ids"].tolist()
    assert found == ["gazette-1703.p01.s2.c1;ledger-1704.p01.s1.c1"]
    counted = pd.DataFrame({"article": ["ledger-1704"], "claim_ids": [""]})
    assert marks.with_claims(counted, table)["claim_ids"].tolist() == [""]


def test_two_rows_of_one_name_are_refused():
    with pytest.raises(StudyError, match=r"two rows have the key 'x\.y\.z'"):
        marks.marks(pd.DataFrame({"a": ["x", "x y"], "b": ["y z", "z"], "n": [1, 2]}))


def test_every_link_of_a_picture_is_a_key_of_its_table(harbours):
    for exhibit in all_exhibits(harbours, "DEALINGS"):
        links = [
            unquote(found)
            for found in re.findall(rf'<a xlink:href="\.\./site/marks/{exhibit.name}\.html#([^"]*)"', exhibit.svg)
        ]
        known = marks.keys(exhibit.table)
        assert links, exhibit.name
        for link in links:
            assert any(name == link or name.startswith(link + ".") for name in known), (exhibit.name, link)


def test_every_bar_leads_to_its_own_row(harbours):
    by_name = {exhibit.name: exhibit for exhibit in all_exhibits(harbours, "DEALINGS")}
    for name in ("fig_motives", "fig_sought", "fig_claim_types", "fig_claims_per_article", "fig_motives_by_article"):
        exhibit = by_name[name]
        bars = [unquote(patch.get_url()[1:]) for axes in exhibit.figure.axes for patch in axes.patches]
        denied = [key for key in marks.keys(exhibit.table) if ".denied." in key]
        assert sorted([*bars, *denied]) == sorted(marks.keys(exhibit.table)), name


# --- dossiers and the shell ------------------------------------------------------------------------------------------


def test_decisions_reach_the_claims_they_made(real):
    passes, decided = adjudication.Passes(real), adjudication.decisions(real)
    origins = adjudication.origins(passes, decided)
    table = claims.load(real)
    assert list(origins) != []
    assert set(origins) == set(table["claim_id"])
    told = dossier.dossiers(real)
    row = decided[
        (decided["variable"] == "voice") & (decided["decision"] != "") & decided["claim_a"].isin(table["claim_id"])
    ].iloc[0]
    found = [d for d in told[row["claim_a"]].decisions if d.variable == "voice"]
    assert [(d.first, d.second, d.decision) for d in found] == [(row["value_a"], row["value_b"], row["decision"])]
    assert told[row["claim_a"]].codes["voice"][0] == row["decision"]


def test_every_quote_is_in_its_passage(real):
    for found in dossier.dossiers(real).values():
        assert found.quote in found.text
        assert "<mark>" in marked(found.text, [found.quote])


@pytest.fixture
def built(harbours, tmp_path):
    """The exhibits of the invented study, saved."""
    for exhibit in all_exhibits(harbours, "DEALINGS"):
        exhibit.save(tmp_path / "build")
    return tmp_path / "build"


def test_trace_gives_the_claims_of_the_chosen_marks(harbours, built):
    found = tracing.trace(harbours, built, "fig_motives", tracing.options(["--actor", "OSK", "--motive=TOLL"]))
    assert [(mark.key, [claim.claim for claim in told]) for mark, told in found] == [
        ("TOLL.brake.OSK.IMPUTED", ["gazette-1703.p02.s1.c1"]),
        ("TOLL.brake.OSK.REPORTED", ["courier-1701.p01.s2.c1"]),
    ]
    text = tracing.as_text(found)
    assert "A trader from Varn puts it down to fear of a toll." in text
    assert "two.txt, characters 216-243 (p01.s2)" in text
    rows = json.loads(tracing.as_json(found))
    assert rows[1]["actor"] == "OSK"
    assert rows[1]["claims"][0]["says"] == found[1][1][0].says
    assert rows[1]["claims"][0]["codes"]["voice"][0] == "REPORTED"


@pytest.mark.parametrize(
    ("figure", "arguments", "message"),
    [
        ("fig_nothing", [], "no such figure"),
        ("fig_motives", ["--actr", "OSK"], "its keys are: motive, direction, actor, voice"),
        ("fig_motives", ["--actor", "NONE"], "there are: VARN, OSK"),
        ("fig_motives", ["--actor", "VARN", "--motive", "TOLL"], "together"),
        ("fig_motives", ["--actor"], "needs a value"),
        ("fig_motives", ["OSK"], "write --COLUMN VALUE"),
    ],
)
def test_a_wrong_trace_says_what_there_is(harbours, built, figure, arguments, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        tracing.trace(harbours, built, figure, tracing.options(arguments))


def test_nothing_built_is_said_in_one_line(tmp_path):
    program = str(Path(sys.executable).with_name("claimtrace"))
    for command in (["trace", "fig_motives", "--build", str(tmp_path)], ["site", str(tmp_path)]):
        done = subprocess.run([program, *command], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 1
        assert done.stderr == f"claimtrace: {tmp_path}/figures: no figure was built; run make\n"


# --- escaping and bytes, on a small site of hostile texts --------------------------------------------------------------

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def notebook_of(exhibit) -> nbformat.NotebookNode:
    """A notebook that shows an exhibit, as an executed one does."""
    data = {"image/svg+xml": exhibit.svg, "text/plain": f"{exhibit.name}: {exhibit.alt}"}
    shown = nbformat.v4.new_code_cell("exhibit", outputs=[nbformat.v4.new_output("display_data", data=data)])
    told = nbformat.v4.new_output("display_data", data={"text/markdown": f"{exhibit.caption} {HOSTILE}"})
    cells = [nbformat.v4.new_markdown_cell("# Notebook"), shown, nbformat.v4.new_code_cell("caption", outputs=[told])]
    return nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


@pytest.fixture
def hostile(harbours, tmp_path):
    """A study in whose catalogue, claims and actors stand scripts and formulas, and its site built twice."""
    for name, old in (("articles.csv", "Salt and Silver"), ("coding/claims.csv", "Osk stays away from the Guild.,OSK")):
        path = harbours.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        quoted = HOSTILE.replace('"', '""')
        new = f'"{quoted}"' + (",OSK" if old.endswith("OSK") else "")
        path.write_text(text.replace(old, new, 1).replace("A. Holm", "=2+5"), encoding="utf-8")
    study = Study(harbours.root)
    place, repository = tmp_path / "build", tmp_path / "repository"
    (place / "notebooks").mkdir(parents=True)
    for number, exhibit in enumerate(all_exhibits(study, "DEALINGS")):
        exhibit.save(place)
        nbformat.write(notebook_of(exhibit), place / "notebooks" / f"{number:02}.ipynb")
    repository.mkdir()
    (repository / "README.md").write_text(
        f"# Harbours {HOSTILE}\n\nText {HOSTILE}\n\n![x](docs/fig_motives.png)\n", encoding="utf-8"
    )
    (repository / "CITATION.cff").write_text("title: Harbours\nversion: 1\nmessage: cite\n", encoding="utf-8")
    for name in ("one", "two"):
        build(study, repository, place, tmp_path / name)
    return tmp_path


def test_texts_of_tables_do_no_harm_and_two_builds_are_equal(hostile):
    one, two = hostile / "one", hostile / "two"
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert [name for name in names if (one / name).read_bytes() != (two / name).read_bytes()] == []
    for path in one.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
    assert html.escape("<script>alert(", quote=False) in (one / "claims.html").read_text(encoding="utf-8")
    assert "<h1>" in (one / "articles/gazette-1703.html").read_text(encoding="utf-8")
    assert "=2+5" in (one / "articles.html").read_text(encoding="utf-8")


def test_markdown_shows_a_text_as_it_is():
    assert markdown("a*b* <i>") == "a\\*b\\* \\<i\\>"


@needs_chromium
def test_hostile_texts_run_nothing(hostile, tab):
    for name in (
        "index.html",
        "claims.html",
        "articles/gazette-1703.html",
        "marks/fig_motives.html",
        "notebooks/00.html",
    ):
        tab.goto((hostile / "one" / name).as_uri())
        assert tab.locator("img[src=x]").count() == 0
    assert tab.complaints == []


# --- the site of this study ------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """Ids of a page, and what it links to or loads."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.doubled, self.links, self.loads = set(), set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if name := found.get("id"):
            (self.doubled if name in self.ids else self.ids).add(name)
        if tag == "a" and found.get("href"):
            self.links.add(found["href"])
        elif tag in ("link", "script", "img", "iframe") and (found.get("src") or found.get("href")):
            self.loads.add(found.get("src") or found["href"])


@pytest.fixture(scope="session")
def linked(pages):
    return {path.resolve(): Links(path.read_text(encoding="utf-8")) for path in pages}


def test_every_link_resolves(linked):
    wrong = []
    for path, page in linked.items():
        for link in page.links | page.loads:
            target, _, fragment = link.partition("#")
            if re.match(r"https?:|mailto:", target):
                if link in page.loads:
                    wrong.append((path.name, link))
                continue
            other = (path.parent / unquote(target.split("?")[0])).resolve() if target else path
            if not other.is_file() or (fragment and other in linked and unquote(fragment) not in linked[other].ids):
                wrong.append((path.name, link))
    assert wrong[:10] == []


def test_no_id_occurs_twice_in_a_page(linked):
    assert {path.name: list(page.doubled)[:5] for path, page in linked.items() if page.doubled} == {}


def test_no_page_is_too_large(pages):
    assert max(path.stat().st_size for path in pages) < 1_500_000


def test_every_chart_is_on_the_site_and_every_claim_leads_to_its_charts(linked, real):
    tables = marks.read(BUILT, claims.load(real))
    for name in tables:
        assert (SITE / f"marks/{name}.html").is_file(), name
    counted = marks.counting(tables)
    for claim, figures in list(counted.items())[::50]:
        text = (SITE / f"articles/{claim.split('.')[0]}.html").read_text(encoding="utf-8")
        own = text.split(f'data-claim="{claim}"')[1].split("<li id=")[0].split("</section>")[0]
        assert all(f"../marks/{name}.html#" in own for name in figures), claim


#: The claims of the section that an anchor of a page of marks names.
BEHIND = """key => {
  const section = document.getElementById(key).closest("section");
  return [...new Set([...section.querySelectorAll("[data-claim]")].map(item => item.dataset.claim))].sort();
}"""


def expected(table: pd.DataFrame, link: str) -> list[str]:
    """The claims that the rows of a table list whose key is, or begins with, what a link names."""
    rows = [mark for mark in marks.marks(table) if mark.key == link or mark.key.startswith(link + ".")]
    assert rows, link
    return sorted({claim for mark in rows for claim in mark.claims})


@needs_chromium
def test_each_mark_of_each_chart_leads_to_exactly_its_claims(pages, tab, real):
    checked = 0
    for name, table in marks.read(BUILT, claims.load(real)).items():
        tab.goto((SITE / f"marks/{name}.html").as_uri())
        links = tab.eval_on_selector_all(".exhibit svg a", "all => all.map(a => a.href.baseVal)")
        assert links or not len(table), name
        for link in links:
            page, _, fragment = link.partition("#")
            assert page.endswith(f"marks/{name}.html"), link
            assert tab.evaluate(BEHIND, unquote(fragment)) == expected(table, unquote(fragment)), (name, link)
        checked += len(links)
        for mark in marks.marks(table):
            assert tab.evaluate(BEHIND, mark.key) == sorted(set(mark.claims)), mark.key
    assert checked > 500
    assert tab.complaints == []
    print(f"{checked} marks")


@needs_chromium
def test_a_click_on_a_mark_of_the_front_page_arrives_at_its_claims(pages, tab, real):
    """By pointer, for every mark of the headline chart: what a reader does."""
    table = marks.read(BUILT, claims.load(real))["fig_motives"]
    tab.goto((SITE / "index.html").as_uri())
    count = tab.locator(".exhibit svg a").count()
    assert count > 80
    for number in range(count):
        tab.goto((SITE / "index.html").as_uri())
        mark = tab.locator(".exhibit svg a").nth(number)
        link = mark.evaluate("a => a.href.baseVal")
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        # The area of a cell has bars upon it: its upper left corner is its own.
        tab.mouse.click(box["x"] + min(3, box["width"] / 2), box["y"] + min(3, box["height"] / 2))
        tab.wait_for_url("**/marks/fig_motives.html#*")
        key = unquote(tab.url.partition("#")[2])
        assert key == unquote(link.partition("#")[2])
        assert tab.evaluate(BEHIND, key) == expected(table, key)
    assert tab.complaints == []


@needs_chromium
def test_evidence_is_told_in_full(pages, tab, real):
    table = marks.read(BUILT, claims.load(real))["fig_motives"]
    mark = max(marks.marks(table), key=lambda mark: len(mark.claims))
    tab.goto((SITE / "marks/fig_motives.html").as_uri() + marks.fragment(mark.key))
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


@needs_chromium
def test_a_keyboard_is_enough(pages, tab):
    tab.goto((SITE / "marks/fig_motives.html").as_uri())
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


@needs_chromium
def test_the_claims_can_be_searched_chosen_and_sorted(pages, tab, real):
    table = claims.load(real)
    tab.goto((SITE / "claims.html").as_uri())
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


@needs_chromium
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(pages, chromium, width):
    page = chromium.new_page(viewport={"width": width, "height": 800})
    chosen = [*SITE.glob("*.html"), *sorted(SITE.glob("notebooks/*.html")), SITE / "marks/fig_motives.html"]
    chosen += [*sorted(SITE.glob("articles/*.html"))[:2], *sorted(SITE.glob("data/**/*.html"))]
    for path in chosen:
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()


CUT = """limit => {
  for (const selector of ["[data-claim]", "table[data-interactive] tbody tr", "td"])
    [...document.querySelectorAll(selector)].slice(selector === "td" ? 20 * limit : limit).forEach(item => item.remove());
  for (const list of document.querySelectorAll("ul.claims:empty")) list.remove();
}"""
COLOURS = ["color-contrast", "link-in-text-block"]


@needs_chromium
@pytest.mark.parametrize("part", range(4))
def test_axe_finds_nothing(pages, tab, part):
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    for path in pages[part::4]:
        for scheme, rules in (("light", {}), ("dark", {"runOnly": COLOURS})):
            tab.emulate_media(color_scheme=scheme)
            tab.goto(path.as_uri())
            assert tab.evaluate("document.documentElement.dataset.theme") == scheme
            tab.evaluate(CUT, ITEMS)
            result = axe.run(tab, options={"preload": False, "resultTypes": ["violations"], **rules})
            found += [
                (str(path.relative_to(SITE)), scheme, v["id"], v["nodes"][0]["html"][:120])
                for v in result.response["violations"]
            ]
    assert found == []
    assert tab.complaints == []
