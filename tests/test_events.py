"""Events: who reports what, who corroborates whom, where accounts conflict; dates of every kind; relations."""

import io
import itertools
from datetime import date

import pandas as pd
import pytest
from conftest import HARBOURS
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtrace import adjudication, claims, compare, dates, events, exhibits, relations
from claimtrace.check import check
from claimtrace.errors import StudyError
from claimtrace.study import Study

#: Two independent articles tell of the treaty, at different dates; the Guild denies a toll that a merchant alleges.
EVENTS = (HARBOURS / "coding" / "events.csv").read_text()
REPORTS = (HARBOURS / "coding" / "reports.csv").read_text()


def with_events(study, table=EVENTS, reports=REPORTS):
    """The study with events, its adjudicated coding made anew."""
    (study.root / "coding" / "events.csv").write_text(table)
    (study.root / "coding" / "reports.csv").write_text(reports)
    study = Study(study.root)
    made = adjudication.apply(adjudication.Passes(study), adjudication.decisions(study))
    made.to_csv(study.root / "coding" / "claims.csv", index=False, lineterminator="\n")
    return study


@pytest.fixture
def told(harbours):
    return harbours


def standing(study, table):
    found = events.corroborated(study, table)
    return dict(zip(zip(found["event_id"], found["claim_id"], strict=True), found["corroboration"], strict=True))


def test_corroboration_is_computed(told):
    found = standing(told, claims.load(told))
    assert found == {
        ("payment-1704", "gazette-1703.p02.s1.c1"): "AGREE",
        ("payment-1704", "ledger-1704.p01.s1.c1"): "REFINE",
        ("toll-1701", "courier-1701.p01.s2.c1"): "CONFLICT",
        ("toll-1701", "courier-1701.p01.s3.c1"): "DENIAL",
        ("treaty-1702", "gazette-1703.p01.s1.c1"): "CONFLICT",
        ("treaty-1702", "ledger-1704.p01.s1.c1"): "CONFLICT",
    }


def test_claims_name_their_events_in_one_order(told):
    row = claims.load(told).set_index("claim_id").loc["ledger-1704.p01.s1.c1"]
    assert row["event_id"] == "payment-1704;treaty-1702"
    assert row["corroboration"] == "REFINE;CONFLICT"


def test_without_an_article_nothing_rests_on_it(told):
    table = claims.select(claims.load(told), articles=["gazette-1703", "courier-1701"])
    found = standing(told, table)
    assert found[("treaty-1702", "gazette-1703.p01.s1.c1")] == "SINGLE"
    assert found[("payment-1704", "gazette-1703.p02.s1.c1")] == "SINGLE"
    assert not any(claim.startswith("ledger") for _, claim in found)
    summary = events.summary(told, table).set_index("event_id")
    assert (summary["plain"] <= summary["sources"]).all()
    assert summary.at["treaty-1702", "sources"] == 1
    assert summary.at["treaty-1702", "conflict"] == ""
    assert "ledger-1704.p01.s1.c1" not in summary.at["treaty-1702", "claim_ids"]


@pytest.mark.parametrize("dropped", ["gazette-1703", "ledger-1704", "courier-1701"])
def test_no_event_keeps_a_source_that_is_gone(told, dropped):
    left = [slug for slug in told.articles["slug"] if slug != dropped]
    summary = events.summary(told, claims.select(claims.load(told), articles=left))
    assert not summary["claim_ids"].str.contains(dropped).any()


def test_one_author_or_one_source_never_corroborates(told):
    reports = events.load_reports(told)
    one = reports[reports["event_id"] == "payment-1704"].reset_index(drop=True)
    assert events.with_roots(one, told)["root"].nunique() == 2
    same = one.assign(source="the treasurer")
    assert events.with_roots(same, told)["root"].nunique() == 1
    told.articles.loc[told.articles["slug"].isin(["gazette-1703", "ledger-1704"]), "authors"] = "A. Clerk"
    assert events.with_roots(one, told)["root"].nunique() == 1
    told.articles.loc[told.articles["slug"] == "ledger-1704", "authors"] = "B. Writer; A. Clerk"
    assert events.with_roots(one, told)["root"].nunique() == 1


def reports_of(*rows):
    """Reports of one event: claim, stance, source."""
    table = pd.DataFrame(rows, columns=["claim_id", "stance", "source"])
    return table.assign(event_id="e")


def test_dependence_passes_on(told):
    # The first and the last share nothing but what each shares with the middle one.
    table = reports_of(
        ("courier-1701.p01.s1.c1", "", "the harbour master"),
        ("gazette-1703.p01.s1.c1", "", "the harbour master"),
        ("gazette-1703.p02.s1.c1", "", "the treasurer"),
        ("ledger-1704.p01.s1.c1", "", "the treasurer"),
    )
    assert events.with_roots(table, told)["root"].nunique() == 1


def test_a_third_report_ties_two_roots_together(told):
    """The last has its author of the first and its source of the second, which share nothing."""
    table = reports_of(
        ("ledger-1704.p01.s1.c1", "", ""),
        ("courier-1701.p01.s1.c1", "", "the harbour master"),
        ("ledger-1704.p01.s2.c1", "", "the harbour master"),
    )
    assert events.with_roots(table.iloc[:2], told)["root"].tolist() == [0, 1]
    assert events.with_roots(table, told)["root"].tolist() == [0, 0, 0]


def test_reports_of_one_source_agree_with_nobody(told):
    reports = events.load_reports(told)
    one = reports[reports["event_id"] == "payment-1704"].reset_index(drop=True)
    found = [events._standing(one.assign(source=name), told)["corroboration"].tolist() for name in ("", "the clerk")]
    assert found == [["REFINE", "AGREE"], ["SAME_SOURCE", "SAME_SOURCE"]]


def test_roots_are_numbered_the_same_in_any_order(told):
    table = reports_of(
        ("courier-1701.p01.s1.c1", "", "the harbour master"),
        ("gazette-1703.p01.s1.c1", "", "the treasurer"),
        ("ledger-1704.p01.s1.c1", "", "the clerk"),
    )
    numbers = [
        events.with_roots(table.iloc[list(order)], told).set_index("claim_id")["root"].to_dict()
        for order in itertools.permutations(range(3))
    ]
    assert sorted(numbers[0].values()) == [0, 1, 2]
    assert all(found == numbers[0] for found in numbers)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_reports_changes_nothing(order):
    study = Study(HARBOURS)
    table = pd.read_csv(io.StringIO(REPORTS), dtype=str, keep_default_na=False)
    first = events._standing(table, study).set_index(["event_id", "claim_id"]).sort_index()
    other = (
        events._standing(table.iloc[list(order)].reset_index(drop=True), study)
        .set_index(["event_id", "claim_id"])
        .sort_index()
    )
    pd.testing.assert_frame_equal(first, other)


def test_conflicts_name_the_claims_on_each_side(told):
    found = events.conflicts(events.load_reports(told))
    assert found.to_dict("records") == [
        {
            "event_id": "toll-1701",
            "one": "courier-1701.p01.s2.c1",
            "other": "courier-1701.p01.s3.c1",
            "aspect": "occurrence",
        },
        {
            "event_id": "treaty-1702",
            "one": "gazette-1703.p01.s1.c1",
            "other": "ledger-1704.p01.s1.c1",
            "aspect": "date",
        },
    ]
    accounts = events.versions(told, claims.load(told)).set_index(["event_id", "letter"])
    assert accounts.at[("treaty-1702", "a"), "version"] == "May"
    assert accounts.at[("treaty-1702", "b"), "claim_ids"] == "ledger-1704.p01.s1.c1"
    assert accounts.at[("toll-1701", "x"), "claim_ids"] == "courier-1701.p01.s3.c1"


def test_each_account_of_a_contested_point_has_a_letter_of_its_own(told):
    """However many there are; those of the denials begin with x."""
    rows = [("reports", f"{n} crowns") for n in range(25)] + [("denies", f"not {n}") for n in range(11)]
    names = [f"courier-1701.p01.s1.c{n}" for n in range(len(rows))]
    lines = [f"e,{name},{stance},occurrence,{version},,\n" for name, (stance, version) in zip(names, rows, strict=True)]
    header = REPORTS.splitlines(keepends=True)[0]
    (told.root / "coding" / "reports.csv").write_text(header + "".join(lines))
    table = pd.DataFrame({"claim_id": names, "event_id": "e", "attribution": "AUTHOR"})
    letters = events.versions(Study(told.root), table)["letter"].tolist()
    assert letters[:25] == [*"abcdefghijklmnopqrstuvw", "w2", "w3"]
    assert letters[25:] == ["x", *(f"x{n}" for n in range(2, 12))]


def test_every_conflict_of_the_study_leads_to_passages(real):
    table = claims.load(real).set_index("claim_id")
    found = events.conflicts(events.load_reports(real))
    assert len(found) > 10
    for row in found.itertuples():
        for claim in (row.one, row.other):
            assert table.at[claim, "quote"]
            assert row.event_id in table.at[claim, "event_id"].split(";")


@pytest.mark.parametrize(
    ("file", "before", "after", "column", "message"),
    [
        ("events", "AGREE,", "TREATY,", "event_type", "is no code"),
        ("events", "1701~", "around 1701", "event_time", "is not EDTF"),
        ("events", "VARN;GUILD,,AGREE", "VARNA;GUILD,,AGREE", "participants", "no id of actors.yaml"),
        ("events", "The date.", "", "contested", "its reports conflict"),
        (
            "events",
            "1704~,,,",
            "1704~,Something.,,",
            "contested",
            "no two of its reports conflict; leave the cell empty, or correct the versions",
        ),
        ("events", "The treaty.", "", "settle", "what would settle it"),
        ("reports", "payment-1704,ledger", "payment-1705,ledger", "event_id", "is no event"),
        ("reports", "gazette-1703.p02.s1.c1", "gazette-1703.p09.s1.c1", "claim_id", "is no claim"),
        ("reports", "alleges", "whispers", "stance", "must be one of"),
        ("reports", "date,June", "hour,June", "aspect", "must be one of"),
        ("reports", "date,June", "date,", "version", "go together"),
    ],
)
def test_a_bad_event_or_report_is_named(told, file, before, after, column, message):
    tables = {"events": EVENTS, "reports": REPORTS}
    assert tables[file].count(before) == 1
    tables[file] = tables[file].replace(before, after)
    study = with_events(told, tables["events"], tables["reports"])
    found = [problem for problem in events.violations(study, claims.load(study)) if problem.column == column]
    found = [problem for problem in found if problem.file == f"{file}.csv"]
    assert len(found) == 1
    assert message in found[0].message


def test_events_are_part_of_the_check(told):
    assert [p for p in check(told) if p.file in ("events.csv", "reports.csv", "claims.csv")] == []


def test_an_interval_an_alternative_and_an_uncertain_date():
    interval = dates.span("1996/2001")
    assert (interval.first.isoformat(), interval.last.isoformat()) == ("1996-01-01", "2001-12-31")
    assert dates.alternatives("1996/2001") == [interval]
    june = dates.alternatives("[2018-06,2019-06]")
    assert [(s.first.isoformat(), s.last.isoformat()) for s in june] == [
        ("2018-06-01", "2018-06-30"),
        ("2019-06-01", "2019-06-30"),
    ]
    assert dates.alternatives("{2018-06,2019-06}") == june
    assert dates.is_approximate("2019~")
    assert dates.is_approximate("2015~/2025")
    assert not dates.is_approximate("2019-10")
    open_ = dates.span("2021-08/..")
    assert open_.open_end
    assert not open_.open_start
    with pytest.raises(StudyError, match="is not EDTF"):
        dates.alternatives("[June, July]")


def test_events_stand_in_the_order_of_their_dates(real):
    found = events.summary(real, claims.load(real))
    dated = found[found["first_day"] != ""]
    assert list(dated["first_day"]) == sorted(dated["first_day"])
    for row in dated.itertuples():
        assert row.first_day == min(s.first for s in dates.alternatives(row.event_time)).isoformat()


def test_the_exhibits_of_events_tell_their_claims(told):
    table = claims.load(told)
    found = events.summary(told, table)
    drawn = [
        exhibits.time_line(told, found),
        exhibits.corroboration(told, found),
        exhibits.contested(told, found, events.versions(told, table)),
    ]
    for exhibit in drawn:
        assert set(";".join(exhibit.table["claim_ids"]).split(";")) <= set(table["claim_id"])
        assert len(exhibit.caption.split()) > 25
    assert drawn[0].table["event_id"].tolist().count("treaty-1702") >= 1


def test_who_alleges_does_not_plainly_report(harbours):
    """Nor does an event that no claim dates have its date from the text."""
    found = events.summary(harbours, claims.load(harbours)).set_index("event_id")
    assert found[["sources", "plain"]].to_numpy().tolist() == [[1, 0], [2, 2], [2, 2]]
    assert found["dated_by"].tolist() == ["context", "text", "text"]


# --- relations -------------------------------------------------------------------------------------------------------


def test_ties_keep_both_directions(harbours):
    table = claims.load(harbours)
    acts = relations.acts(table, harbours)
    found = relations.ties(acts, harbours, table).set_index(["span", "subject", "target"])
    assert found.at[("after", "VARN", "GUILD"), "cooperation"] == 2
    assert ("after", "GUILD", "VARN") not in found.index
    assert found.at[("after", "VARN", "GUILD"), "claim_ids"] == "gazette-1703.p01.s1.c1;ledger-1704.p01.s1.c1"


def test_an_act_that_did_not_happen_is_no_tie(harbours):
    acts = relations.acts(claims.load(harbours), harbours)
    assert "gazette-1703.p02.s2.c1" not in set(acts["claim_id"])  # no envoy was sent


@pytest.mark.parametrize(
    ("value", "counts"), [("CT+", True), ("PR+", True), ("Uu", True), ("PR-", False), ("CT-", False)]
)
def test_an_act_that_probably_did_not_happen_is_none_either(harbours, value, counts):
    table = claims.load(harbours)
    table.loc[table["claim_id"] == "gazette-1703.p01.s1.c1", "factuality_source"] = value
    table.loc[table["claim_id"] == "gazette-1703.p02.s1.c1", "factuality_source"] = value
    assert ("gazette-1703.p01.s1.c1" in set(relations.acts(table, harbours)["claim_id"])) is counts
    held = compare.present(compare.motives_of(table, harbours))
    assert ("gazette-1703.p02.s1.c1" in set(held["claim_id"])) is counts


def found_acts(*rows):
    """Acts as :func:`claimtrace.relations.acts` gives them: claim, span, subject, target, sign, mode."""
    columns = ["claim_id", "span", "subject_actor", "target_actor", "sign", "mode"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(article=table["claim_id"].str.split(".").str[0])


def test_ties_and_pairs_in_full(told):
    """Stretches of time stand in the order of the study; what is disputed is so in both directions taken together."""
    table = claims.load(told)
    reports = events.corroborated(told, table)
    bad, *_ = sorted(reports[reports["corroboration"].isin(["CONFLICT", "DENIAL"])]["claim_id"])
    acts = found_acts(
        (bad, "before", "VARN", "GUILD", -1, "verbal"),
        ("gazette-1703.p09.s1.c1", "before", "GUILD", "VARN", 1, "material"),
        ("gazette-1703.p09.s2.c1", "before", "GUILD", "VARN", 1, "verbal"),
        ("ledger-1704.p09.s1.c1", "after", "OSK", "GUILD", -1, "material"),
    )
    ties = relations.ties(acts, told, table)
    shown = ["span", "subject", "target", "verbal_cooperation", "material_cooperation", "verbal_conflict", "material_conflict", "balance", "disputed"]  # fmt: skip
    assert ties[shown].to_numpy().tolist() == [
        ["before", "GUILD", "VARN", 1, 1, 0, 0, 1.0, ""],
        ["before", "VARN", "GUILD", 0, 0, 1, 0, -1.0, bad],
        ["after", "OSK", "GUILD", 0, 0, 0, 1, -1.0, ""],
    ]
    pairs = relations.signed_pairs(ties, acts)
    shown = ["span", "one", "other", "cooperation", "conflict", "articles", "balance", "disputed"]
    assert pairs[shown].to_numpy().tolist() == [
        ["before", "GUILD", "VARN", 2, 1, len({bad.split(".")[0], "gazette-1703"}), pytest.approx(1 / 3), bad],
        ["after", "GUILD", "OSK", 0, 1, 1, -1.0, ""],
    ]


def test_what_changed_needs_two_stretches_of_time(told):
    rows = [
        ("before", "GUILD", "VARN", 3, 1, 0.5),
        ("after", "GUILD", "VARN", 0, 2, -1.0),
        ("before", "GUILD", "OSK", 2, 0, 1.0),
        ("after", "GUILD", "OSK", 1, 0, 1.0),  # too few claims
    ]
    both = pd.DataFrame(rows, columns=["span", "one", "other", "cooperation", "conflict", "balance"])
    found = relations.changes(both, told, 2)
    assert found[["one", "other", "before", "after", "change"]].to_numpy().tolist() == [
        ["GUILD", "VARN", 0.5, -1.0, -1.5]
    ]


def test_words_are_not_deeds_and_conflict_is_no_cooperation(real):
    """By PLOVER; the codebook says which types belong to which quad class."""
    acts = relations.acts(claims.load(real), real).drop_duplicates("event_type").set_index("event_type")
    assert {kind: tuple(acts.loc[kind, ["sign", "mode"]]) for kind in ("CONSULT", "AID", "ACCUSE", "ASSAULT")} == {
        "CONSULT": (1, "verbal"), "AID": (1, "material"), "ACCUSE": (-1, "verbal"), "ASSAULT": (-1, "material"),
    }  # fmt: skip


def test_a_mutual_act_goes_both_ways_and_counts_once(harbours):
    table = claims.load(harbours)
    mutual = table["claim_id"] == "gazette-1703.p01.s1.c1"
    table.loc[mutual, ["subject", "target"]] = ["VARN;GUILD", ""]
    acts = relations.acts(table, harbours)
    ties = relations.ties(acts, harbours, table)
    assert set(zip(ties["subject"], ties["target"], strict=True)) == {("VARN", "GUILD"), ("GUILD", "VARN")}
    both = relations.signed_pairs(ties, acts)
    assert both[["one", "other", "cooperation", "articles"]].to_numpy().tolist() == [["GUILD", "VARN", 2, 2]]
    harbours.settings["general_actors"] = ["GUILD"]
    left = relations.acts(table, harbours)
    assert not left["claim_id"].eq("gazette-1703.p01.s1.c1").any()
    table.loc[mutual, ["subject", "target"]] = ["OSK", "GUILD;VARN"]  # a kind of actor beside a member of it
    named = relations.acts(table, harbours).query("claim_id == 'gazette-1703.p01.s1.c1'")
    assert named["target_actor"].tolist() == ["VARN"]


def test_kinds_of_actor_act_upon_one_another_only_where_a_target_is_named(harbours):
    harbours.settings["general_actors"] = ["GUILD", "VARN"]
    table = claims.load(harbours)
    mutual = table["claim_id"] == "gazette-1703.p01.s1.c1"
    table.loc[mutual, ["subject", "target"]] = ["VARN;GUILD", ""]
    assert "gazette-1703.p01.s1.c1" not in set(relations.acts(table, harbours)["claim_id"])
    table.loc[mutual, ["subject", "target"]] = ["VARN", "GUILD"]
    assert "gazette-1703.p01.s1.c1" in set(relations.acts(table, harbours)["claim_id"])


def test_a_territory_is_no_party_of_a_tie(harbours):
    assert {"VARN"} & set(relations.acts(claims.load(harbours), harbours)["subject_actor"])
    harbours.settings["territories"] = ["VARN"]
    acts = relations.acts(claims.load(harbours), harbours)
    assert "VARN" not in {*acts["subject_actor"], *acts["target_actor"]}


def test_the_balance_of_every_tie_lies_between_its_ends(real):
    table = claims.load(real)
    acts = relations.acts(table, real)
    ties = relations.ties(acts, real, table)
    assert ties["balance"].between(-1, 1).all()
    assert (ties["claim_ids"].map(lambda cell: len(cell.split(";"))) == ties["cooperation"] + ties["conflict"]).all()
    assert (ties["cooperation"] == ties["verbal_cooperation"] + ties["material_cooperation"]).all()


def test_disputed_ties_are_those_of_contested_claims(real):
    table = claims.load(real).set_index("claim_id")
    acts = relations.acts(table.reset_index(), real)
    ties = relations.ties(acts, real, table.reset_index())
    disputed = {claim for cell in ties["disputed"] for claim in cell.split(";") if claim}
    assert disputed
    for claim in disputed:
        assert {"CONFLICT", "DENIAL"} & set(table.at[claim, "corroboration"].split(";"))


def test_the_network_has_the_same_bytes_twice(real):
    table = claims.load(real)
    acts = relations.acts(table, real)
    ties = relations.ties(acts, real, table)
    assert exhibits.network(real, ties, acts).svg == exhibits.network(real, ties, acts).svg


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("1703", "1703"), ("1703-08", "August 1703"), ("1703-08-09", "9 August 1703"), ("1703-22", "summer 1703"), ("170X", "1700s"),
        ("1703~", "about 1703"), ("1703-08?", "perhaps August 1703"), ("../1704", "until 1704"), ("/1704", "until 1704"), ("1703/..", "from 1703"),
        ("1703~/1705-01", "about 1703 to January 1705"), ("[1703,1705-02]", "1703 or February 1705"), ("{1703,1704}", "1703 and 1704"),
        ("[1703..1705]", "1703 to 1705"), ("", ""), ("1703-19", "1703-19"), ("Y170000002", "Y170000002"), ("17XX", "17XX"),
    ],
)  # fmt: skip
def test_a_date_in_words(edtf, words):
    assert dates.in_words(edtf) == words


def test_a_denial_that_names_its_aspect_denies_no_report_without_one(told):
    """By the tables, such a report does not conflict: here that the ledger tells of the toll, which the merchant alleges."""
    more = "toll-1701,ledger-1704.p01.s1.c1,reports,,,,\n"
    study = with_events(told, reports=REPORTS + more)
    assert standing(study, claims.load(study))["toll-1701", "ledger-1704.p01.s1.c1"] == "CONFLICT"
    named = [
        line.replace(",denies,,,", ",denies,occurrence,no toll,").replace(",alleges,,,", ",alleges,occurrence,a toll,")
        if line.startswith("toll-1701")
        else line
        for line in REPORTS.splitlines(keepends=True)
    ]
    study = with_events(study, reports="".join(named) + more)
    found = standing(study, claims.load(study))
    assert found["toll-1701", "courier-1701.p01.s2.c1"] == "CONFLICT"
    assert found["toll-1701", "ledger-1704.p01.s1.c1"] == "AGREE"
    accounts = events.versions(study, claims.load(study)).query("event_id == 'toll-1701'")
    assert accounts[["letter", "version", "claim_ids"]].to_numpy().tolist() == [
        ["a", "a toll", "courier-1701.p01.s2.c1"],
        ["x", "no toll", "courier-1701.p01.s3.c1"],
    ]


def test_a_denial_that_two_articles_quote_does_not_join_what_else_they_tell(told):
    table = reports_of(
        ("courier-1701.p01.s1.c1", "reports", "the mayor"),
        ("courier-1701.p01.s3.c1", "denies", "the Guild"),
        ("ledger-1704.p01.s1.c1", "reports", "the clerk"),
        ("ledger-1704.p01.s2.c1", "denies", "the Guild"),
    )
    assert events.with_roots(table, told)["root"].tolist() == [1, -1, 0, -1]


def test_what_is_contested_has_one_account_and_a_denial(real):
    """Else "it is so" would be drawn as a rival of "they are there"."""
    found = events.versions(real, claims.load(real))
    told = found[found["aspect"] == "occurrence"].groupby("event_id")["letter"].agg(set)
    assert len(told)
    assert set(map(frozenset, told)) == {frozenset({"a", "x"})}


@pytest.mark.parametrize(
    ("day", "year"), [("1703-01-01", 1703), ("1703-12-31", 1703 + 364 / 365), ("1704-12-31", 1704 + 365 / 366)]
)
def test_a_day_as_a_fraction_of_its_year(day, year):
    assert dates.year(date.fromisoformat(day)) == pytest.approx(year)
