import itertools
import tracemalloc

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtrace import agreement, claims

#: Krippendorff's worked example of four observers and twelve units (Computing Krippendorff's Alpha-Reliability, 2011).
EXAMPLE = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


@pytest.mark.parametrize(
    ("scale", "published"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491), ("ratio", 0.7974)]
)
def test_alpha_of_the_published_example(scale, published):
    assert round(agreement.alpha(pd.DataFrame(EXAMPLE).T, scale), 4) == published


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_the_closed_form_is_the_librarys_value(codes):
    data = np.array(codes).T
    if len(np.unique(data)) > 1:
        expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
        assert agreement._nominal_alpha(data) == pytest.approx(expected)


def test_many_codes_take_little_memory():
    """A thousand units of two hundred codes: the library alone would hold tables of a thousand by two hundred by two hundred."""
    codes = pd.DataFrame({"one": np.arange(1000) % 200, "other": np.arange(1000) % 199})
    tracemalloc.start()
    value = agreement.alpha(codes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert value == pytest.approx(krippendorff.alpha(codes.to_numpy().T, level_of_measurement="nominal"))
    assert peak < 10_000_000


def test_alpha_of_words_is_alpha_of_their_numbers():
    words = pd.DataFrame({"one": ["x", "y", "x", "z"], "other": ["x", "y", "y", "z"]})
    numbers = words.replace({"x": 1, "y": 2, "z": 3})
    assert agreement.alpha(words) == agreement.alpha(numbers)


def test_alpha_is_undefined_where_nothing_varies():
    assert np.isnan(agreement.alpha(pd.DataFrame({"one": ["x", "x"], "other": ["x", "x"]})))


@pytest.fixture
def passes(harbours):
    """Two codings of the invented study; in the second one claim is missing and one motive differs."""
    first = claims.load(harbours, "pass_a")
    second = first[first["claim_id"] != "ledger-1704.p01.s1.c1"].reset_index(drop=True)
    second.loc[second["claim_id"] == "ledger-1704.p01.s2.c1", "motive"] = "SALT"
    return first, second


def test_an_interval_is_the_middle_95_per_cent_of_the_draws(monkeypatch):
    values = itertools.count()
    monkeypatch.setattr(agreement, "_nominal_alpha", lambda sample: float(next(values)))
    units = pd.DataFrame({"article": ["a", "b"], "sentence": "s1", "one": ["x", "y"], "other": ["x", "y"]})
    assert agreement.bootstrap(units, draws=1001) == (25, 975)


def test_claims_are_matched_one_to_one(passes):
    pairs = agreement.match(*passes)
    assert list(pairs[pairs["other"] == ""]["one"]) == ["ledger-1704.p01.s1.c1"]
    both = pairs[pairs["other"] != ""]
    assert (both["one"] == both["other"]).all()
    assert (both["similarity"] == 1).all()


def test_a_claim_with_other_words_and_actors_is_no_match(passes):
    first, second = passes
    far = second.assign(subject="GUILD", target="OSK", original_start="0", original_end="1")
    assert (agreement.match(first, far)["similarity"].dropna() >= agreement.THRESHOLD).all()


def test_claims_that_point_to_no_words_are_matched_by_their_actors(passes):
    nowhere = [table.assign(original_end=table["original_start"]) for table in passes]
    assert agreement.match(*nowhere)["similarity"].dropna().tolist() == [0.5] * 9


def test_the_order_of_rows_matches_no_other_claim_where_two_are_alike(passes):
    first, _ = passes
    alike = pd.concat([first, first.assign(claim_id=first["claim_id"] + "9")], ignore_index=True)
    straight = agreement.match(alike, alike)
    assert (straight["one"] == straight["other"]).all()
    pd.testing.assert_frame_equal(agreement.match(alike, alike[::-1]), straight)


def test_the_tables_of_the_two_passes(passes, harbours):
    first, second = passes
    counts = agreement.sentences(first, second, harbours)
    assert counts[["one", "other"]].sum().to_dict() == {"one": 10, "other": 9}
    assert len(counts) == 10
    pairs = agreement.match(first, second)
    motives = agreement.paired(first, second, pairs, "motive", harbours.codebook)
    assert sorted(zip(motives["one"], motives["other"], strict=True)) == [
        ("PRIDE", "SALT"), ("SALT", "SALT"), ("TOLL", "TOLL"), ("TOLL", "TOLL"), ("TOLL", "TOLL"),
    ]  # fmt: skip
    parted = agreement.partings(first, second, harbours)
    assert parted[["sentence", "only_one", "only_other"]].to_numpy().tolist() == [["p01.s2", "VARN PRIDE", "VARN SALT"]]
    found = [agreement.motive_pairs(table, harbours).assign(corpus="all") for table in passes]
    assert agreement.overlap(*found, ["corpus"])[["n_one", "n_other", "both", "f1"]].to_numpy().tolist() == [
        [5, 5, 4, 0.8]
    ]


def test_a_variable_that_qualifies_another_is_compared_where_both_used_it(passes, harbours):
    first, second = passes
    second.loc[second["claim_id"] == "gazette-1703.p02.s1.c1", ["motive", "voice"]] = ""
    pairs = agreement.match(first, second)
    sizes = {v: len(agreement.paired(first, second, pairs, v, harbours.codebook)) for v in ("motive", "voice")}
    assert sizes == {"motive": 5, "voice": 4}


def test_an_ordinal_variable_may_have_words_for_codes(passes, harbours):
    """Worse, better and best agree as 1, 2 and 3 do; a unit that one coder left empty is compared with nothing."""
    first, second = passes
    entry = harbours.codebook.variables["claim_type"]
    given = {"one": first["claim_type"].value_counts(), "other": second["claim_type"].value_counts()}
    assert min(map(len, given.values())) > 1
    table = agreement.reliability(first, second, harbours, draws=5).set_index("id")
    assert table.loc["claim_type", "value"] == 1  # nominal: every matched claim has one type
    entry["scale"] = "ordinal"
    second.loc[second["claim_type"] == "MOTIVE", "claim_type"] = "ACTION"
    table = agreement.reliability(first, second, harbours, draws=5).set_index("id")
    pairs = agreement.match(first, second)
    units = agreement.paired(first, second, pairs, "claim_type", harbours.codebook)
    places = [
        [harbours.codebook.codes("claim_type").index(code) + 1 for code in units[side]] for side in ("one", "other")
    ]
    expected = krippendorff.alpha(reliability_data=places, level_of_measurement="ordinal")
    assert expected < 1
    assert table.loc["claim_type", "value"] == pytest.approx(expected)
    second.loc[second.index[0], "claim_type"] = ""
    assert agreement.reliability(first, second, harbours, draws=5).set_index("id").loc["claim_type", "n"] == len(units)


def test_neither_the_order_of_rows_nor_of_coders_changes_a_number(real):
    first, second = (claims.load(real, name) for name in ("pass_a", "pass_b"))
    straight = agreement.match(first, second)
    turned = agreement.match(second.sample(frac=1, random_state=1), first.sample(frac=1, random_state=2))
    turned = turned.rename(columns={"one": "other", "other": "one"})[straight.columns]
    pd.testing.assert_frame_equal(
        straight, turned.sort_values(["article", "sentence", "one", "other"], ignore_index=True)
    )
    for variable in ("claim_type", "motive", "position"):
        scale = "ordinal" if variable == "position" else "nominal"
        one = agreement.paired(first, second, straight, variable, real.codebook)
        other = agreement.paired(
            second, first, straight.rename(columns={"one": "other", "other": "one"}), variable, real.codebook
        )
        assert agreement.alpha(one[["one", "other"]], scale) == pytest.approx(
            agreement.alpha(other[["one", "other"]], scale)
        )
        assert agreement.bootstrap(one, scale, 20) == agreement.bootstrap(one.sample(frac=1, random_state=3), scale, 20)


def test_the_library_alone_gives_the_same_alpha(real):
    """Claim types of matched claims, recomputed from the committed passes with nothing but the library."""
    first, second = (claims.load(real, name) for name in ("pass_a", "pass_b"))
    pairs = agreement.match(first, second)
    pairs = pairs[(pairs["one"] != "") & (pairs["other"] != "")]
    codes = sorted(set(first["claim_type"]) | set(second["claim_type"]))
    data = [
        [codes.index(table.set_index("claim_id")["claim_type"][name]) for name in pairs[side]]
        for table, side in ((first, "one"), (second, "other"))
    ]
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    table = agreement.paired(first, second, pairs, "claim_type", real.codebook)
    assert agreement.alpha(table[["one", "other"]]) == pytest.approx(expected)


def test_two_readers_wrote_the_two_passes(real):
    first, second = (claims.load(real, name) for name in ("pass_a", "pass_b"))
    shared = set(first["statement"]) & set(second["statement"])
    assert len(shared) < 0.05 * len(second)


def test_overlap_of_two_sets_of_pairs():
    """Three against two, of which one is in both; where one side has nothing there is no precision, or no recall."""
    columns = ["article", "pair"]
    one = pd.DataFrame([("a", "1"), ("a", "2"), ("a", "3"), ("b", "1")], columns=columns)
    other = pd.DataFrame([("a", "3"), ("a", "4"), ("c", "1")], columns=columns)
    found = agreement.overlap(one, other, ["article"]).set_index("article")
    assert found.loc["a"].tolist() == [3, 2, 1, pytest.approx(1 / 3), pytest.approx(1 / 2), pytest.approx(2 / 5)]
    assert found.loc["b", ["precision", "f1"]].tolist() == [0, 0]
    assert np.isnan(found.at["b", "recall"])
    assert np.isnan(found.at["c", "precision"])


def test_without_a_second_round_there_is_none(harbours):
    assert len(agreement.second_round(harbours))
    harbours.settings["recodings"] = []
    assert agreement.second_round(harbours) == {}
    assert agreement.reliability_again(harbours).empty
