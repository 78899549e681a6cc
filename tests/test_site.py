"""The site as files: every mark has its claims and every claim its marks; nothing is fetched, harms or dangles."""

import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest
from conftest import BUILT, HARBOURS, ROOT, SITE
from test_figures import all_exhibits

from claimtrace import adjudication, claims, compare, crate, dossier, exhibits, marks, tracing
from claimtrace.cli import _repository
from claimtrace.errors import StudyError
from claimtrace.site import build, gallery
from claimtrace.site.build import Sources
from claimtrace.site.html import marked
from claimtrace.site.words import Words, markdown
from claimtrace.study import Study

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
    assert set(origins) | set(passes.added["claim_id"]) == set(table["claim_id"])
    told = dossier.dossiers(real)
    row = decided[
        (decided["variable"] == "voice") & (decided["decision"] != "") & decided["claim_a"].isin(table["claim_id"])
    ].iloc[0]
    found = [d for d in told[row["claim_a"]].decisions if d.variable == "voice"]
    assert [(d.first, d.second, d.decision) for d in found] == [(row["value_a"], row["value_b"], row["decision"])]
    assert told[row["claim_a"]].codes["voice"][0] == row["decision"]


def test_a_dossier_names_the_coders_and_the_objections(real, harbours):
    told = dossier.dossiers(real)
    objected = real.table("coding/objections.csv").query("kind != 'missing'")
    for row in objected[objected["claim_id"].isin(told)].itertuples():
        assert (row.variable, row.verdict, row.answer) in [
            (o.variable, o.verdict, o.answer) for o in told[row.claim_id].objections
        ]
    table = {name: set(claims.load(real, name)["claim_id"]) for name in ("pass_a", "pass_b")}
    assert all(own in table[name] for found in told.values() for name, own in found.coders)
    alone = [found for found in told.values() if len(found.coders) == 1]
    assert alone
    assert all("coder only: keep" in found.decisions[0].outcome() for found in alone)
    agreed = next(
        found for found in dossier.dossiers(harbours).values() if len(found.coders) == 2 and not found.decisions
    )
    both = tracing.show(harbours, agreed.claim, "claims", None)
    assert f"coded by: pass_a ({agreed.coders[0][1]}), pass_b ({agreed.coders[1][1]})" in both
    assert "decided: nothing, as both coders agree" in both
    assert "objected: claim_type: ACTION; proposed: POSITION." in tracing.show(
        harbours, "courier-1701.p01.s3.c1", "claims", None
    )
    assert dossier.Decision("motive", "A", "A", "B", "U1", "").outcome() == "both A: B"
    assert dossier.Decision("motive", "A", "", "A", "U1", "").outcome() == "A or empty: A"


def test_a_claim_is_shown_with_its_words_in_the_original(harbours):
    told = tracing.show(harbours, "courier-1701.p01.s2.c1", "claims", harbours.originals)
    words = (harbours.originals / "two.txt").read_text(encoding="utf-8")[216:243]
    assert told.endswith(f"words there: {' '.join(words.split())} (SHA-256 as coded)")
    with pytest.raises(StudyError, match=r"nobody: no claim of the coding claims; ids are such as courier-1701"):
        tracing.show(harbours, "nobody", "claims", None)
    coded = claims.load(harbours).set_index("claim_id").at["courier-1701.p01.s2.c1", "original_sha256"]
    for path in sorted((harbours.root / "coding").glob("*.csv")):  # alike in the passes and in what follows from them
        path.write_text(path.read_text(encoding="utf-8").replace(coded, "0" * 64), encoding="utf-8")
    with pytest.raises(StudyError, match=r"have another hash than claims\.csv"):
        tracing.show(Study(harbours.root), "courier-1701.p01.s2.c1", "claims", harbours.originals)


def test_every_quote_is_in_its_passage(real):
    for found in dossier.dossiers(real).values():
        assert found.quote in found.text
        assert "<mark>" in marked(found.text, [found.quote])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The exhibits of the invented study, saved once."""
    folder = tmp_path_factory.mktemp("built")
    for exhibit in all_exhibits(Study(HARBOURS), "DEALINGS"):
        exhibit.save(folder)
    return folder


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


def test_trace_takes_the_coding_that_the_build_is_named_after(harbours, tmp_path):
    """The same id names another claim in another coding."""
    table = claims.load(harbours, "pass_b")
    exhibits.motives(harbours, compare.motives_of(table, harbours), minimum=1).save(tmp_path / "pass_b")
    [(_, told), *_] = tracing.trace(harbours, tmp_path / "pass_b", "fig_motives", {"actor": "OSK", "motive": "TOLL"})
    said = table.set_index("claim_id")["statement"]
    assert [claim.statement for claim in told] == [said[claim.claim] for claim in told]
    assert said[told[0].claim] != claims.load(harbours).set_index("claim_id")["statement"][told[0].claim]


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


def test_charts_without_their_notebook_are_no_site_and_no_crate(harbours, built, tmp_path):
    with pytest.raises(StudyError, match="notebooks: no executed notebook"):
        Sources(harbours, ROOT, built, tmp_path, "claims")
    with pytest.raises(StudyError, match="notebooks: no executed notebook"):
        crate.build(harbours, ROOT, built)


# --- escaping and bytes, on a small site of hostile texts --------------------------------------------------------------

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def notebook_of(exhibit) -> nbformat.NotebookNode:
    """A notebook that shows an exhibit, as an executed one does."""
    data = {"image/svg+xml": exhibit.svg, "text/plain": f"{exhibit.name}: {exhibit.alt}"}
    shown = nbformat.v4.new_code_cell("exhibit", outputs=[nbformat.v4.new_output("display_data", data=data)])
    told = nbformat.v4.new_output("display_data", data={"text/markdown": f"{exhibit.caption} {HOSTILE}"})
    cells = [nbformat.v4.new_markdown_cell("# Notebook"), shown, nbformat.v4.new_code_cell("caption", outputs=[told])]
    return nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A study in whose catalogue, claims and actors stand scripts, and its site, made twice."""
    tmp_path = tmp_path_factory.mktemp("hostile")
    shutil.copytree(HARBOURS, tmp_path / "data")
    study = Study(tmp_path / "data")
    for name, old in (("articles.csv", "Salt and Silver"), ("coding/claims.csv", "Osk stays away from the Guild.,OSK")):
        path = study.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        quoted = HOSTILE.replace('"', '""')
        new = f'"{quoted}"' + (",OSK" if old.endswith("OSK") else "")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    study = Study(study.root)
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

    sites = tmp_path / "one", tmp_path / "two"
    for site in sites:
        build(study, repository, place, site)
    return sites


def test_texts_of_tables_do_no_harm_and_two_builds_are_equal(hostile):
    one, two = hostile
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert [name for name in names if (one / name).read_bytes() != (two / name).read_bytes()] == []
    for path in one.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
    assert html.escape("<script>alert(", quote=False) in (one / "claims.html").read_text(encoding="utf-8")
    assert "<h1>" in (one / "articles/gazette-1703.html").read_text(encoding="utf-8")


def test_a_study_without_a_readme_has_a_front_page_of_its_own(harbours, tmp_path):
    """The front page of whatever stands above it, another study's perhaps, is not taken for its own."""
    assert _repository(Path("mine"), None) == Path("mine")
    assert _repository(Path("data"), None) == Path()
    assert _repository(Path("mine"), Path("other")) == Path("other")
    exhibit = next(shown for shown in all_exhibits(harbours, "DEALINGS") if shown.name == "fig_motives")
    exhibit.save(tmp_path / "build")
    (tmp_path / "build/notebooks").mkdir()
    nbformat.write(notebook_of(exhibit), tmp_path / "build/notebooks/00.ipynb")
    Sources(harbours, harbours.root, tmp_path / "build", tmp_path / "site", "claims").front()
    front = (tmp_path / "site/index.md").read_text(encoding="utf-8")
    assert front.startswith(
        "# How harbours deal with the Salt Guild\n\n```{raw} html\n:file: _raw/fig_motives.front.html"
    )
    assert "Each mark leads to its claims. [All charts](charts.md)." in front


def test_no_site_is_made_of_a_catalogue_that_holds_a_formula(harbours, tmp_path):
    path = harbours.root / "articles.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("A. Holm", "=2+5"), encoding="utf-8")
    with pytest.raises(StudyError, match=r"column authors, value '=2\+5': begins with '='"):
        build(Study(harbours.root), tmp_path, tmp_path, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_markdown_shows_a_text_as_it_is():
    assert markdown("a*b* <i>") == "a\\*b\\* \\<i\\>"


def test_hostile_texts_run_nothing(hostile, tab):
    site, _ = hostile
    for name in ("index", "claims", "articles", "articles/gazette-1703", "marks/fig_motives", "notebooks/00"):
        tab.goto((site / f"{name}.html").as_uri())
        assert tab.locator("img[src=x]").count() == 0
    assert tab.complaints == []


# --- the site of this study ------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """Ids of a page, what it links to or loads, and the levels of its headings."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.doubled, self.links, self.loads = set(), set(), set(), set()
        self.levels = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if name := found.get("id"):
            (self.doubled if name in self.ids else self.ids).add(name)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
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


def test_no_heading_skips_a_level(linked):
    skipped = {
        str(path): [(above, below) for above, below in pairwise([0, *page.levels]) if below > above + 1]
        for path, page in linked.items()
    }
    assert {name: found for name, found in skipped.items() if found} == {}


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


def test_a_link_to_a_notebook_that_was_not_run_is_left_out(harbours):
    text = "See [notebook 9](09_rules.ipynb) and [8](08_robustness.ipynb)."
    cell = nbformat.v4.new_markdown_cell(text)
    page = gallery.page(nbformat.v4.new_notebook(cells=[cell]), "", Words(harbours), {}, {}, {"08_robustness.ipynb"})
    assert page.cells[0].source == "See notebook 9 and [8](08_robustness.ipynb)."
