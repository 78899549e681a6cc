import io
import os
import re
import subprocess
import time
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from conftest import HARBOURS
from PIL import Image

from claimtrace import claims, compare, exhibits, figures, marks
from claimtrace.exhibits.motives import _leads
from claimtrace.exhibits.relations import _moved
from claimtrace.exhibits.words import leading
from claimtrace.figures import ties
from claimtrace.study import Study

SVG = "{http://www.w3.org/2000/svg}"


def all_exhibits(study, scope):
    table = claims.load(study)
    held = compare.motives_of(claims.select(table, scope=scope), study)
    actor = compare.profiles(table, study)["actor"].iloc[1]
    subject = claims.with_list(table, "subject", study)
    return [
        exhibits.corpus(study),
        exhibits.claims_per_article(study, table),
        exhibits.claim_types(study, table),
        exhibits.motives(study, held, minimum=1),
        exhibits.motives_before_after(study, held, minimum=1),
        exhibits.motives_by_article(study, held),
        exhibits.sought(study, compare.sought_from(table, study), minimum=1),
        exhibits.voices(study, held, minimum=1),
        exhibits.change(study, held, minimum=1),
        exhibits.profile(study, actor, subject[subject["actor"] == actor]),
    ]


@pytest.fixture(scope="module")
def drawn():
    return all_exhibits(Study(HARBOURS), "DEALINGS")


def test_codes_that_a_chart_has_no_shade_for_are_counted_all_the_same(harbours):
    """A codebook may name other kinds of claimant and other degrees of certainty than this study's."""
    table = claims.load(harbours)
    codes = harbours.codebook.variables["attribution"]["codes"]
    for number in range(1, 9):
        codes[f"RUMOUR_{number}"] = {"label": f"Rumour {number}"}
    table.loc[table.index[:7], "attribution"] = [f"RUMOUR_{number}" for number in range(1, 8)]
    table.loc[table.index[:3], "factuality_author"] = "SWORN"
    shaded = 5
    kinds = table["attribution"].nunique()
    last = sorted(set(table["attribution"]), key=list(codes).index)[shaded:]
    others = int(table["attribution"].isin(last).sum())
    assert kinds > shaded
    for draw, part, number in (
        (exhibits.claims_per_article, "speaker", others),
        (exhibits.claim_types, "certainty", 3),
    ):
        numbers = draw(harbours, table).table
        assert numbers["n"].sum() == len(table)
        assert numbers.loc[numbers[part] == "other", "n"].sum() == number


def test_two_drawings_give_the_same_bytes(harbours, drawn, tmp_path):
    """Of one exhibit in five, to the last of their files."""
    for exhibit in drawn[::5]:
        exhibit.save(tmp_path / "one")
    for exhibit in all_exhibits(harbours, "DEALINGS")[::5]:
        exhibit.save(tmp_path / "two")
    names = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(names) == 4 * len(drawn[::5])
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_picture_can_be_read_aloud(drawn):
    for exhibit in drawn:
        root = ET.fromstring(exhibit.svg)
        assert root.get("role") == "img"
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
        assert description.text == exhibit.alt
        assert len(exhibit.alt) > 30


def test_every_exhibit_says_what_it_shows(drawn):
    for exhibit in drawn:
        assert exhibit.caption.startswith("**")
        assert len(exhibit.caption.split()) > 25


def test_numbers_drawn_are_in_the_table_with_their_claims(harbours, drawn):
    known = set(claims.load(harbours)["claim_id"])
    for exhibit in drawn[1:]:
        ids = exhibit.table["claim_ids"].map(claims.split_cell)
        n = exhibit.table["n"] if "n" in exhibit.table else exhibit.table["before"] + exhibit.table["after"]
        assert (ids.map(len) == n).all(), exhibit.name
        assert set(ids.explode().dropna()) <= known


def bars(figure) -> int:
    return sum(len(axes.patches) for axes in figure.axes)


def test_each_row_of_the_table_is_one_bar(drawn):
    by_name = {exhibit.name: exhibit for exhibit in drawn}
    for name in ("fig_claims_per_article", "fig_claim_types", "fig_motives", "fig_motives_by_article", "fig_sought"):
        table = by_name[name].table
        drawn_rows = table[table["direction"] != "denied"] if "direction" in table else table
        assert bars(by_name[name].figure) == len(drawn_rows), name


def test_the_length_of_a_bar_is_its_number():
    counts = pd.DataFrame(
        {
            "row": ["A drive", "A drive", "B drive"],
            "column": ["x", "x", "x"],
            "part": ["p", "q", "p"],
            "n": [3, 1, 2],
            "articles_cell": [2, 2, 1],
        }
    )
    figure = figures.bar_matrix(
        counts,
        rows=[("A drive", "A", "G"), ("B drive", "B", "G")],
        columns=[("x", "X", "")],
        parts=[("p", "P", figures.DARK), ("q", "Q", figures.LIGHT)],
        heading="h",
        key="k",
    )
    lengths = [patch.get_width() for patch in figure.axes[0].patches]
    assert [round(length / lengths[1], 6) for length in lengths] == [3, 1, 2]


def test_shades_differ_without_colour():
    def grey(colour: str) -> float:
        r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    shades = [grey(colour) for colour in (figures.DARK, figures.MIDDLE, figures.PALE, figures.LIGHT)]
    assert all(second - first > 0.1 for first, second in pairwise(shades))


def test_no_text_runs_over_the_edge(real):
    """Every text of the real charts lies inside the page."""
    for exhibit in all_exhibits(real, "TALIBAN"):
        width, height = exhibit.figure.get_size_inches() * exhibit.figure.dpi
        renderer = exhibit.figure.canvas.get_renderer()
        for axes in exhibit.figure.axes:
            for text in axes.texts:
                box = text.get_window_extent(renderer)
                inside = box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1
                assert inside, (exhibit.name, text.get_text())


def test_no_date_and_no_version_in_the_files(drawn, tmp_path):
    drawn[0].save(tmp_path)
    svg = (tmp_path / "figures/fig_corpus.svg").read_text(encoding="utf-8")
    assert not re.search(r"dc:date|Matplotlib v", svg)
    pdf = (tmp_path / "figures/fig_corpus.pdf").read_bytes()
    assert b"CreationDate" not in pdf
    assert b"Matplotlib" not in pdf
    assert Image.open(io.BytesIO((tmp_path / "figures/fig_corpus.png").read_bytes())).info.get("Software") is None


def test_an_empty_selection_is_drawn_as_such(harbours, tmp_path):
    nothing = compare.motives_of(claims.load(harbours), harbours, ["GUILD"])
    for exhibit in (
        exhibits.motives(harbours, nothing),
        exhibits.motives_before_after(harbours, nothing),
        exhibits.motives_by_article(harbours, nothing),
        exhibits.sought(harbours, compare.sought_from(nothing, harbours)),
        exhibits.voices(harbours, nothing),
    ):
        exhibit.save(tmp_path)
        assert [text.get_text() for text in exhibit.figure.axes[0].texts][1] == "No claim is left by these parameters."
        assert list(exhibit.table["n"]) == []


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_nothing_half_written_stays(tmp_path, monkeypatch, step):
    from pathlib import Path

    from claimtrace.files import write_whole

    (tmp_path / "a.csv").write_text("old", encoding="utf-8")

    def broken(self, content):
        raise OSError("disk full")

    monkeypatch.setattr(Path, step, broken)
    with pytest.raises(OSError, match="disk full"):
        write_whole(tmp_path / "a.csv", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"


def test_what_is_named_has_more_than_what_is_not():
    table = pd.DataFrame({"n": [5, 3, 2, 2, 1]})
    assert leading(table, "n", 3)["n"].tolist() == [5, 3]
    assert leading(table, "n", 4)["n"].tolist() == [5, 3, 2, 2]
    assert leading(table, "n", 9)["n"].tolist() == [5, 3, 2, 2, 1]
    assert leading(table.iloc[2:4], "n", 1)["n"].tolist() == [2]


def test_a_small_study_has_charts_too(harbours):
    """Where no actor has the least number of claims for a column, the chart shows those that there are."""
    held = compare.motives_of(claims.select(claims.load(harbours), scope="DEALINGS"), harbours)
    for draw in (exhibits.motives, exhibits.motives_before_after):
        few, all_ = draw(harbours, held, minimum=100), draw(harbours, held, minimum=1)
        pd.testing.assert_frame_equal(few.table, all_.table)
        assert len(few.table) > 0
        assert few.alt == all_.alt
        assert few.caption == all_.caption + " No actor reaches 100; those with the most are shown."
    assert exhibits.voices(harbours, held, minimum=100).alt == exhibits.voices(harbours, held, minimum=1).alt


def test_a_picture_without_marks_promises_none():
    assert marks.hint("fig_x", pd.DataFrame(columns=["actor", "n", "claim_ids"])) == "No claim is behind this picture."


def test_a_tie_bends_round_a_third_actor():
    box = (0.0, 0.0, 0.5, 0.1)
    west, east = (-1.0, 0.0), (1.0, 0.0)
    assert ties._crosses(west, east, 0.0, [box])
    assert not ties._crosses(west, east, 0.25, [box])
    assert not ties._crosses(west, east, 0.0, [(0.0, 1.0, 0.5, 0.1)])
    # To the right of its way, as matplotlib's arc3 bends: from west to east that is below.
    assert ties._crosses(west, east, 0.25, [(0.0, -0.25, 0.1, 0.1)])


def test_ties_that_run_along_one_another_are_told_from_those_that_cross():
    level = ties._way((-1.0, 0.0), (1.0, 0.0), 0.0)
    assert ties._beside(level, [ties._way((-1.0, 0.01), (1.0, 0.01), 0.0)]) == 1
    assert 0 < ties._beside(level, [ties._way((0.0, -1.0), (0.0, 1.0), 0.0)]) < 0.1
    assert ties._beside(level, [ties._way((-1.0, 0.0), (1.0, 0.0), 0.25)]) == 0
    assert ties._beside(level, []) == 0


def test_a_profile_counts_no_act_that_did_not_happen_and_says_in_whose_voice(harbours):
    table = claims.load(harbours)
    own = claims.with_list(table, "subject", harbours).query("actor == 'OSK'")
    numbers = exhibits.profile(harbours, "OSK", own).table
    denied = set(own.loc[(own["event_type"] != "") & (own["factuality_source"] == "CT-"), "claim_id"])
    assert denied
    assert set(";".join(numbers.loc[numbers["part"] == "denied", "claim_ids"]).split(";")) == denied
    drawn = "".join(text.get_text() + "\n" for text in exhibits.profile(harbours, "OSK", own).figure.axes[0].texts)
    assert "in 2, 1 reported" in drawn
    assert f"{len(denied)} denied" in drawn


def test_a_profile_counts_no_motive_that_is_denied(harbours):
    table = claims.load(harbours)
    own = claims.with_list(table, "subject", harbours).query("actor == 'GUILD'")
    exhibit = exhibits.profile(harbours, "GUILD", own)
    numbers = exhibit.table.set_index(["panel", "row", "part"])["n"]
    assert numbers["motive"].to_dict() == {("TOLL drive", "denied"): 1}
    drawn = "".join(text.get_text() + "\n" for text in exhibit.figure.axes[0].texts)
    assert "\n0\n1 denied\n" in drawn
    assert "Motives in dealing with anyone count. " in exhibit.caption
    osk = exhibits.profile(harbours, "OSK", claims.with_list(table, "subject", harbours).query("actor == 'OSK'"))
    assert "count, not only with the Salt Guild. " in osk.caption


def test_a_profile_says_only_what_it_draws(harbours):
    table = claims.with_list(claims.load(harbours), "subject", harbours).query("actor == 'OSK'")
    bare = table.assign(motive="", motive_polarity="", event_type="")
    exhibit = exhibits.profile(harbours, "OSK", bare)
    assert "They give neither a motive nor an act" in exhibit.figure.axes[0].texts[1].get_text()
    assert exhibit.caption.endswith("gives a motive or an act.")
    old = table[table["motive"] != ""].assign(event_type="", period="OLD", motive_polarity="drive")
    exhibit = exhibits.profile(harbours, "OSK", old)
    legend = {text.get_text() for text in exhibit.figure.texts}
    assert harbours.settings["divide"]["before"]["label"] in legend
    assert harbours.settings["divide"]["after"]["label"] not in legend
    assert (
        f"{old['claim_id'].nunique()} of the {old['claim_id'].nunique()} claims have a bar. The counts"
        in exhibit.caption
    )
    both = pd.concat([old, bare.head(1).assign(claim_id="other")])
    assert "have a bar; the others are" in exhibits.profile(harbours, "OSK", both).caption


def test_headings_say_what_moved_and_what_comes_first():
    moved = pd.DataFrame({"change": [-1.0, -0.5, 0.2, 0.0]})
    assert (
        _moved(moved)
        == "Cooperation and conflict: of 4 pairs, 2 lean more to conflict later, 1 to cooperation, 1 to neither"
    )
    assert (
        _moved(moved.head(3)) == "Cooperation and conflict: of 3 pairs, 2 lean more to conflict later, 1 to cooperation"
    )
    held = pd.DataFrame(
        [("a", "M", 1), ("a", "N", 2), ("b", "M", 3), ("c", "N", 4), ("c", "N", 5), ("c", "M", 6)],
        columns=["article", "motive", "claim_id"],
    )
    assert _leads(held) == "none comes first in more than 2 of 3 articles"


def test_the_heading_speaks_of_voices_only_where_none_was_left_out(real):
    table = claims.load(real)
    whole = compare.motives_of(claims.select(table, scope=real.settings["headline_scope"]), real)
    heads = [
        exhibits.motives(real, part).figure.axes[0].texts[0].get_text()
        for part in (whole, whole[whole["voice"] != "SELF"])
    ]
    assert ["mostly imputed" in head for head in heads] == [True, False]
    types = whole[~compare.is_absent(whole)].drop_duplicates("claim_id")["claim_type"].value_counts()
    assert f"(motive {types['MOTIVE']}, interest {types['INTEREST']}, " in exhibits.motives(real, whole).caption


def test_a_cross_counts_an_article_once(harbours):
    """However many voices of it deny the motive."""
    table = compare.motives_of(claims.load(harbours), harbours)
    first = table[table["claim_id"] == "courier-1701.p01.s2.c1"].assign(motive_polarity="denied")
    more = [
        first.assign(claim_id=f"courier-1701.p01.s2.c{n}", voice=voice) for n, voice in ((8, "SELF"), (9, "IMPUTED"))
    ]
    exhibit = exhibits.motives(harbours, pd.concat([table, *more], ignore_index=True), unit="articles", minimum=1)
    drawn = [text.get_text() for text in exhibit.figure.axes[0].texts]
    denied = exhibit.table[exhibit.table["direction"] == "denied"]
    assert denied["n"].tolist() == [1, 1]
    assert [text for text in drawn if text.startswith("×")] == ["×1"]


def test_a_count_of_articles_has_no_second_number_of_articles(harbours):
    table = compare.motives_of(claims.load(harbours), harbours)
    exhibit = exhibits.motives(harbours, table, unit="articles", minimum=1)
    drawn = " ".join(text.get_text() for text in exhibit.figure.axes[0].texts)
    assert "in grey" not in drawn + exhibit.caption
    assert " in 1" not in drawn


def test_removed_profiles_leave_nothing_behind(tmp_path):
    for actor in ("OSK", "VARN"):
        for name in (
            f"notebooks/05_country/{actor}.ipynb",
            f"figures/fig_country_{actor}.svg",
            f"tables/fig_country_{actor}.csv",
        ):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
    (tmp_path / "figures/fig_motives.svg").touch()
    (tmp_path / "actors.mk").touch()
    asked = tmp_path / "notebooks/05_country/GUILD.ipynb"  # by hand, after the list of actors was made
    asked.touch()
    os.utime(asked, (time.time() + 9,) * 2)
    subprocess.run(
        ["sh", str(Path(__file__).parents[1] / "tools/stale_profiles.sh"), str(tmp_path), "VARN", "PIRATES"], check=True
    )
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert left == [
        "actors.mk", "figures/fig_country_VARN.svg", "figures/fig_motives.svg", "notebooks/05_country/GUILD.ipynb", "notebooks/05_country/VARN.ipynb", "tables/fig_country_VARN.csv",
    ]  # fmt: skip
