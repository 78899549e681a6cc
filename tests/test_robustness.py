"""Uncertainty and robustness: intervals, ranges, specifications."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtrace import agreement, claims, compare, exhibits, robustness, uncertainty
from claimtrace.errors import StudyError
from claimtrace.study import Study

DECLARED = {
    "coding": ["claims", "pass_b"],
    "unit": ["claims", "articles"],
    "scope": ["DEALINGS", "all"],
    "voice": ["all", "SELF;REPORTED"],
    "strength": ["all", "explicit"],
    "weighting": ["full", "divided"],
}


def rows(*cells):
    """A table of claims from (article, actor, voice) triples."""
    table = pd.DataFrame(cells, columns=["article", "actor", "voice"])
    return table.assign(claim_id=[f"c{n}" for n in range(len(table))], prop_id=[f"c{n}" for n in range(len(table))])


def test_shares_and_their_counts():
    table = rows(
        ("a", "X", "SELF"), ("a", "X", "IMPUTED"), ("b", "X", "IMPUTED"), ("b", "X", "IMPUTED"), ("b", "Y", "SELF")
    )
    found = uncertainty.shares(table, "actor", "voice").set_index(["actor", "voice"])
    assert found.loc[("X", "IMPUTED"), ["value", "n", "total", "articles"]].tolist() == [0.75, 3, 4, 2]
    assert found.at[("X", "IMPUTED"), "claim_ids"] == "c1;c2;c3"
    # Of so few articles there is no interval.
    assert found["low"].isna().all()


def test_the_interval_of_a_share_reaches_from_one_article_to_another():
    voices = ["IMPUTED", *["SELF"] * (uncertainty.LEAST - 1)]
    table = rows(*[(article, "X", voice) for article, voice in zip("abcde", voices, strict=True)])
    found = uncertainty.shares(table, "actor", "voice").set_index("voice")
    # The share of the one article is that of its draws: none in about a third of them, three of five in one in twenty.
    assert found.loc["IMPUTED", ["value", "low", "high"]].tolist() == [0.2, 0.0, 0.6]
    assert uncertainty.shares(table.iloc[1:], "actor", "voice")["low"].isna().all()


def test_an_interval_is_the_middle_95_per_cent_of_the_draws():
    values = np.append(np.arange(1001.0), np.nan)
    assert uncertainty._interval(values) == (25, 975)


def test_an_article_with_two_voices_is_one_article():
    table = rows(("a", "X", "SELF"), ("a", "X", "IMPUTED"), ("b", "X", "IMPUTED"))
    found = uncertainty.shares(table, "actor", "voice", "articles").set_index("voice")
    assert found[["value", "n", "total"]].loc[["IMPUTED", "SELF"]].to_numpy().tolist() == [[1.0, 2, 2], [0.5, 1, 2]]
    sided = table.assign(side=["before", "before", "after"])
    differ = uncertainty.differences(sided, "voice", "side", "articles").set_index("voice")["value"]
    assert differ.to_dict() == {"IMPUTED": 0.0, "SELF": -1.0}


def test_of_no_claim_there_are_no_shares():
    assert uncertainty.shares(rows(), "actor", "voice").empty


def test_a_cell_counts_an_article_once(real):
    table = claims.select(claims.load(real), scope=real.settings["headline_scope"])
    held = compare.present(compare.motives_of(table, real))
    held = held.assign(row=held["motive"] + " " + held["motive_polarity"])
    cells = held.groupby(["row", "actor"])["article"].nunique()
    figure = exhibits.motives(real, compare.motives_of(table, real), "articles", minimum=1).alt
    (row, actor), n = max(cells.items(), key=lambda item: item[1])
    assert held[(held["row"] == row) & (held["actor"] == actor)]["voice"].nunique() > 1
    named = f"{real.codebook.actor_label(actor, short=True)}, {real.codebook.phrase('motive', row.split()[0])}"
    assert f" {named} {n};" in figure


def test_the_first_specification_keeps_the_first_choices(harbours):
    held = robustness.held_by(harbours, "claims")
    for choice, values in (("strength", ["explicit", "all"]), ("voice", ["SELF;REPORTED", "all"])):
        first = next(robustness.grid(harbours, DECLARED | {choice: values}).itertuples())
        kept = held[robustness.kept(held, first)]
        assert set(kept[choice]) <= set(values[0].split(";"))
        assert 0 < len(kept) < len(held)


def test_a_difference_of_shares():
    table = rows(*[("a", "X", "SELF")] * 2, *[("b", "X", "IMPUTED")] * 2, ("c", "X", "SELF"), ("d", "X", "IMPUTED"))
    table = table.assign(side=["before", "before", "before", "before", "after", "after"])
    assert uncertainty.differences(table, "voice", "side")["low"].isna().all()
    more = rows(("e", "X", "SELF"), ("e", "X", "IMPUTED")).assign(side="after", claim_id=["c7", "c8"])
    table = pd.concat([table, more], ignore_index=True)
    found = uncertainty.differences(table, "voice", "side").set_index("voice")
    assert found.at["SELF", "value"] == 0
    assert found.loc["SELF", ["before", "after"]].tolist() == [2, 2]
    assert found.at["SELF", "low"] < 0 < found.at["SELF", "high"]


def test_a_side_of_one_article_has_no_interval():
    table = rows(("a", "X", "SELF"), ("b", "X", "SELF"), ("c", "X", "IMPUTED")).assign(
        side=["before", "after", "after"]
    )
    found = uncertainty.differences(table, "voice", "side")
    assert found["low"].isna().all()
    assert found["value"].tolist() == [0.5, -0.5]


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_intervals_do_not_depend_on_the_order_of_rows(random):
    table = rows(
        ("a", "X", "SELF"), ("a", "X", "IMPUTED"), ("b", "X", "IMPUTED"), ("c", "Y", "SELF"), ("b", "Y", "IMPUTED")
    )
    order = list(range(len(table)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(
        uncertainty.shares(table, "actor", "voice", draws=50),
        uncertainty.shares(table.iloc[order], "actor", "voice", draws=50),
    )


def test_the_range_over_codings_counts_a_missing_cell_as_nothing():
    one = pd.DataFrame({"row": ["a", "b"], "n": [3, 1]})
    other = pd.DataFrame({"row": ["a"], "n": [5]})
    found = uncertainty.across_codings([one, other], ["row"]).set_index("row")
    assert found.loc["a"].tolist() == [3, 5]
    assert found.loc["b"].tolist() == [0, 1]


def test_silence_and_denial_are_told_apart(harbours):
    held = compare.motives_of(claims.load(harbours), harbours)
    assert set(compare.absent(held)["motive_polarity"]) <= {"denied"}
    own = compare.sought_from(claims.load(harbours), harbours)
    exhibit = exhibits.sought(harbours, own, minimum=1)
    denied = exhibit.table[exhibit.table["direction"] == "denied"]
    assert denied["claim_ids"].tolist() == ["courier-1701.p01.s3.c2"]


def test_the_grid_is_every_combination(harbours):
    grid = robustness.grid(harbours, DECLARED)
    left_out = robustness.leave_outs(harbours)
    assert left_out[:4] == ["all", "article courier-1701", "article gazette-1703", "article ledger-1704"]
    assert len(grid) == 2**6 * len(left_out)
    assert not grid.duplicated().any()


@pytest.fixture
def counted(harbours):
    grid = robustness.grid(harbours, DECLARED)
    return grid, robustness.run(harbours, grid, ["OSK", "VARN"])


def test_the_first_specification_is_the_headline(harbours, counted):
    _, counts = counted
    held = compare.present(compare.motives_of(claims.select(claims.load(harbours), scope="DEALINGS"), harbours))
    expected = claims.count(held.assign(row=held["motive"] + " " + held["motive_polarity"]), ["actor", "row"])
    found = counts[counts["spec"] == 0].sort_values(["actor", "row"])
    assert found["n"].tolist() == expected["n"].tolist()


def test_every_count_is_what_pandas_counts(harbours, counted):
    grid, counts = counted
    found = counts.set_index(["spec", "actor", "row"])["n"]
    for spec in grid.sample(40, random_state=1).itertuples():
        held = robustness.held_by(harbours, spec.coding)
        held = held[robustness.kept(held, spec) & held["actor"].isin(["OSK", "VARN"])]
        weight = held["weight"] if spec.weighting == "divided" else held["weight"] * 0 + 1
        once = (
            weight.groupby([held["actor"], held["row"], held[claims.UNITS[spec.unit]]])
            .max()
            .groupby(level=[0, 1])
            .sum()
        )
        for key, n in once.items():
            assert found[(spec.Index, *key)] == pytest.approx(n, abs=1e-6)
        assert len(once) == (counts["spec"] == spec.Index).sum()


def test_a_left_out_article_gives_no_claim(harbours, counted):
    grid, counts = counted
    without = grid.index[(grid["left_out"] == "article ledger-1704") & (grid["unit"] == "claims")]
    assert "PRIDE drive" not in set(counts[counts["spec"].isin(without)]["row"])
    assert "PRIDE drive" in set(counts["row"])


def test_verdicts_add_up(counted):
    grid, counts = counted
    found = robustness.verdicts(counts, grid)
    assert (found.groupby("actor").size() == len(grid)).all()
    table = robustness.by_choice(found)
    assert (table.groupby(["actor", "choice"])[["leads", "ties", "loses", "none"]].sum().sum(axis=1) == len(grid)).all()
    assert ((found["margin"] > 0) == (found["holds"] == "leads")).all()


def test_a_second_run_reads_what_the_first_wrote(harbours, tmp_path, monkeypatch):
    grid = robustness.grid(harbours, DECLARED)
    first = robustness.run(harbours, grid, ["OSK"], cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 2
    monkeypatch.setattr(robustness._Counter, "counts", lambda *_: pytest.fail("computed again"))
    pd.testing.assert_frame_equal(robustness.run(harbours, grid, ["OSK"], cache=tmp_path / "cache"), first)


def test_an_actor_may_have_an_id_that_pandas_takes_for_nothing(harbours, tmp_path):
    for path in (harbours.root / "codebook" / "actors.yaml", harbours.coding_path("claims")):
        path.write_text(re.sub(r"\bOSK\b", "NA", path.read_text()))
    study = Study(harbours.root)
    grid = robustness.grid(study, DECLARED | {"coding": ["claims"]})
    for _ in range(2):  # counted, then read
        counts = robustness.run(study, grid, ["NA", "VARN"], cache=tmp_path / "cache")
        assert set(counts["actor"]) == {"NA", "VARN"}
        assert robustness.headline(counts)["NA"] == "TOLL brake"


def test_changed_claims_are_not_read_from_the_cache(harbours, tmp_path):
    grid = robustness.grid(harbours, DECLARED)
    robustness.run(harbours, grid, ["OSK"], cache=tmp_path / "cache")
    path = harbours.coding_path("claims")
    path.write_text(path.read_text().replace("TOLL,brake", "PRIDE,brake"))
    changed = robustness.run(harbours, grid, ["OSK"], cache=tmp_path / "cache")
    assert "PRIDE brake" in set(changed["row"])
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_an_article_of_another_outlet_is_not_read_from_the_cache(harbours, tmp_path):
    grid = robustness.grid(harbours, DECLARED | {"coding": ["claims"], "left_out": ["outlet Courier"]})
    before = robustness.run(harbours, grid, ["OSK", "VARN"], cache=tmp_path / "cache")
    path = harbours.root / "articles.csv"
    path.write_text(path.read_text().replace(",Ledger,", ",Courier,"))
    after = robustness.run(Study(harbours.root), grid, ["OSK", "VARN"], cache=tmp_path / "cache")
    assert "PRIDE drive" in set(before["row"])  # told by the ledger alone
    assert "PRIDE drive" not in set(after["row"])


def test_a_unit_counts_with_its_largest_weight():
    """Whichever of its claims comes last."""
    weights = [0.5, 1.0, 0.5]
    held = pd.DataFrame({"claim_id": ["c1", "c2", "c3"], "prop_id": "c1", "article": "a", "weight": weights})
    held = held.assign(actor="X", row="M drive")
    spec = SimpleNamespace(
        unit="articles", weighting="divided", scope="all", voice="all", strength="all", left_out="all"
    )
    assert robustness._Counter(held).counts(spec)["n"].tolist() == [1.0]


def test_the_second_round_is_the_librarys_alpha(real):
    import krippendorff

    one, other = (claims.load_recoding(real, name) for name in real.settings["recodings"])
    for variable, units in agreement.second_round(real).items():
        pairs = pd.DataFrame({"a": one[variable], "b": other[variable].reindex(one.index)})
        pairs = pairs[(pairs["a"] != "") | (pairs["b"] != "")]
        codes, _ = pd.factorize(pairs.to_numpy().T.ravel())
        expected = krippendorff.alpha(codes.reshape(2, -1), level_of_measurement="nominal")
        assert agreement.alpha(units[["one", "other"]]) == pytest.approx(expected)


def test_no_chart_uses_a_variable_below_the_tentative_bound(real):
    first, second = claims.load(real, "pass_a"), claims.load(real, "pass_b")
    numbers = pd.concat([agreement.reliability(first, second, real, 2), agreement.reliability_again(real, 2)])
    last = agreement.final(numbers).reindex(exhibits.CHARTED).dropna()
    assert len(last) == len(exhibits.CHARTED)
    assert last.min() >= exhibits.TENTATIVE


def test_no_actor_with_enough_claims_is_told(harbours):
    with pytest.raises(StudyError, match="minimum: no actor has as many claims"):
        robustness.run(harbours, robustness.grid(harbours, DECLARED | {"coding": ["claims"]}), [])


def test_a_part_that_a_side_does_not_have_has_no_interval():
    """No draw of articles could give it one, so that the interval would always be clear of zero."""
    held = [("a", "X", "SELF"), *((article, "X", "IMPUTED") for article in "bcde")]
    table = rows(*held).assign(side=["before", "before", "after", "after", "after"])
    found = uncertainty.differences(table, "voice", "side").set_index("voice")
    assert found.at["SELF", "value"] == -0.5
    assert found["low"].isna().to_dict() == {"IMPUTED": False, "SELF": True}


def test_of_motives_counted_alike_the_one_in_more_articles_leads():
    counts = pd.DataFrame(
        [(0, "X", "A drive", 3.0, 1), (0, "X", "B drive", 3.0, 2), (0, "X", "C drive", 3.0, 2), (1, "X", "A drive", 9.0, 9)],
        columns=["spec", "actor", "row", "n", "articles"],
    )  # fmt: skip
    assert robustness.headline(counts) == {"X": "B drive"}
    assert robustness.equals(counts) == {"X": "A drive;C drive"}


def test_an_outlet_is_left_out_where_it_has_several_articles(harbours):
    articles = [f"article {slug}" for slug in harbours.articles["slug"]]
    for outlets, several in (("XXY", ["outlet X"]), ("XYZ", []), (["", "", "Z"], [])):
        harbours.articles["outlet"] = list(outlets)
        assert robustness.leave_outs(harbours) == ["all", *articles, *several]
