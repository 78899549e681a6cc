import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtrace import claims, compare, evidence
from claimtrace.dates import alternatives, span, year
from claimtrace.errors import StudyError
from claimtrace.exhibits.words import sources_of_sides


def test_motives_of_the_invented_study(harbours):
    held = compare.motives_of(claims.load(harbours), harbours)
    counted = claims.count(held, ["actor", "motive", "motive_polarity", "voice"])
    assert counted.to_csv(index=False).splitlines() == [
        "actor,motive,motive_polarity,voice,n,articles,claim_ids",
        "OSK,TOLL,brake,IMPUTED,1,1,gazette-1703.p02.s1.c1",
        "OSK,TOLL,brake,REPORTED,1,1,courier-1701.p01.s2.c1",
        "VARN,PRIDE,drive,IMPUTED,1,1,ledger-1704.p01.s2.c1",
        "VARN,SALT,drive,SELF,1,1,gazette-1703.p01.s2.c1",
    ]


def test_what_the_focal_actor_seeks(harbours):
    table = claims.load(harbours)
    own = compare.sought_from(table, harbours)
    assert list(zip(own["claim_id"], own["actor"], strict=True)) == [("courier-1701.p01.s3.c2", "OSK")]
    table.loc[table["claim_id"] == "courier-1701.p01.s3.c2", "target"] = ""
    assert list(compare.sought_from(table, harbours)["actor"]) == [compare.NOBODY]
    table.loc[table["claim_id"] == "courier-1701.p01.s3.c2", ["subject", "claim_type"]] = [
        "VARN;GUILD",
        "MOTIVE",
    ]  # a mutual act
    assert list(compare.sought_from(table, harbours)["actor"]) == ["VARN"]
    table.loc[table["claim_id"] == "courier-1701.p01.s3.c2", "claim_type"] = "INTEREST"  # that two have alike
    assert list(compare.sought_from(table, harbours)["actor"]) == [compare.NOBODY]


def test_a_direction_toward_others_says_nothing_of_the_focal_actor(harbours):
    table = claims.load(harbours)
    held = compare.motives_of(table, harbours).set_index("claim_id")
    toward = held[held["target"] == harbours.focus].index[0]
    assert held.at[toward, "motive_polarity"] in ("drive", "brake")
    table.loc[table["claim_id"] == toward, "target"] = "VARN"
    assert compare.motives_of(table, harbours).set_index("claim_id").at[toward, "motive_polarity"] == "unclear"
    table.loc[table["claim_id"] == toward, "scope"] = "OTHER"
    assert compare.motives_of(table, harbours).set_index("claim_id").at[toward, "motive_polarity"] != "unclear"


def test_sides_of_the_dividing_date(harbours):
    sided = compare.with_side(claims.load(harbours), harbours)
    assert claims.count(sided, ["side"]).set_index("side")["n"].to_dict() == {"after": 6, "before": 4}


def test_whom_others_act_upon_is_treated_too(harbours):
    found = compare.treated(claims.load(harbours), harbours)
    assert found == {(actor, side) for actor in ("GUILD", "OSK", "VARN") for side in ("before", "after")} - {
        ("VARN", "before")
    }


def test_what_the_sides_share_is_counted():
    sided = pd.DataFrame({"article": list("aaabc"), "side": ["before", "after", "after", "before", "after"]})
    sided["claim_id"] = [f"c{n}" for n in range(5)]
    assert compare.shared(sided) == (1, {"before": 1, "after": 2})
    assert sources_of_sides(sided) == (
        "1 of the articles gives motives on both sides (1 of the 2 claims before and 2 of the 3 after come from it)"
    )
    assert sources_of_sides(sided[sided["article"] != "a"]) == "No article gives motives on both sides"


def test_ranking_breaks_ties_by_name(harbours):
    own = claims.with_list(claims.load(harbours), "subject", harbours)
    assert compare.ranked(own, "actor") == ["OSK", "VARN", "GUILD"]
    assert compare.ranked(own, "actor", minimum=3) == ["OSK", "VARN"]


def test_profiles_need_enough_claims(harbours):
    assert list(compare.profiles(claims.load(harbours), harbours)["actor"]) == ["GUILD", "OSK", "VARN"]


def test_an_actor_counts_once_a_claim_after_rolling_up(real):
    table = claims.load(real)
    rolled = claims.with_list(table, "subject", real)
    assert not rolled.duplicated(["claim_id", "actor"]).any()
    assert set(rolled["actor"]).isdisjoint(real.settings["exclude_actors"])


def test_the_chain_of_claimants_is_told_from_the_inside_out(harbours):
    table = claims.load(harbours).set_index("claim_id", drop=False)
    trace = evidence.trace(table.loc[["gazette-1703.p01.s2.c1", "courier-1701.p01.s1.c1"]], harbours)
    assert list(trace["says"]) == ["Mayor of Varn via A. Holm", "author not known"]
    assert list(trace["original"]) == ["one.txt, characters 106-132 (p01.s2)", "two.txt, characters 162-185 (p01.s1)"]


@pytest.mark.parametrize(
    ("text", "first", "last", "opens"),
    [
        ("2019-10", "2019-10-01", "2019-10-31", (False, False)),
        ("2019-09~", "2019-09-01", "2019-09-30", (False, False)),
        ("1996/2001", "1996-01-01", "2001-12-31", (False, False)),
        ("2021-08/..", "2021-08-01", "2021-08-01", (False, True)),
        ("../2021-08", "2021-08-31", "2021-08-31", (True, False)),
        ("[2018-06,2019-06]", "2018-06-01", "2019-06-30", (False, False)),
        ("199X", "1990-01-01", "1999-12-31", (False, False)),
        ("2024-12-24", "2024-12-24", "2024-12-24", (False, False)),
        ("1984/", "1984-01-01", "1984-01-01", (False, True)),
        ("/1984", "1984-12-31", "1984-12-31", (True, False)),
    ],
)
def test_a_date_is_as_exact_as_it_says(text, first, last, opens):
    found = span(text)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert (found.open_start, found.open_end) == opens


@pytest.mark.parametrize("text", ["last month", "../..", "-0044", "0000", "Y17000", "XXXX", "", "[]", "/"])
def test_what_is_no_date_is_refused(text):
    assert not claims.is_edtf(text)
    with pytest.raises(StudyError, match="is not EDTF"):
        span(text)


@pytest.mark.parametrize("text", ["1704/1701", "1703-02/1703-01", "[1704..1701]"])
def test_what_ends_before_it_begins_is_no_date(text):
    assert not claims.is_edtf(text)
    with pytest.raises(StudyError, match="ends before it begins; write the earlier date first"):
        alternatives(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("[1700,1701..1702]", [("1700-01-01", "1700-12-31"), ("1701-01-01", "1702-12-31")]),
        ("{2018..2020}", [("2018-01-01", "2020-12-31")]),
        ("[..1760-12-03]", [("1760-12-03", "1760-12-03")]),
    ],
)
def test_a_set_of_dates_may_hold_a_range(text, spans):
    assert claims.is_edtf(text)
    assert [(s.first.isoformat(), s.last.isoformat()) for s in alternatives(text)] == spans
    assert alternatives(text)[0].open_start == text.startswith("[..")


@given(st.dates(), st.dates())
def test_years_keep_the_order_of_days(one, other):
    assert (one < other) == (year(one) < year(other))


def test_claims_are_sorted_by_what_their_time_means():
    table = pd.DataFrame({"claim_id": ["a", "b", "c"], "event_time": ["2021-08/..", "1996/2001", "2021-07-31"]})
    assert list(compare.by_time(table)["claim_id"]) == ["b", "c", "a"]
