"""From two passes and the decisions to one coding."""

import subprocess
import sys

import pandas as pd
import pytest

from claimtrace import adjudication, claims, schema
from claimtrace.check import check, problems
from claimtrace.dossier import dossiers
from claimtrace.errors import StudyError
from claimtrace.study import Study


def rewrite(study, name, change):
    """Change a table of a study on disk and open the study anew."""
    path = study.root / "coding" / f"{name}.csv"
    table = change(pd.read_csv(path, dtype=str, keep_default_na=False))
    table.to_csv(path, index=False, lineterminator="\n")
    return Study(study.root)


def decide(study, claim, variable, decision):
    """Change one decision."""

    def change(table):
        chosen = (table["variable"] == variable) & ((table["claim_a"] == claim) | (table["claim_b"] == claim))
        assert chosen.sum() == 1
        table.loc[chosen, "decision"] = decision
        return table

    return rewrite(study, "adjudication", change)


def adjudicated(study):
    passes = adjudication.Passes(study)
    decided = adjudication.decisions(study)
    assert adjudication.violations(passes, decided) == []
    return adjudication.apply(passes, decided)


@pytest.mark.parametrize("name", ["real", "harbours"])
def test_the_committed_coding_is_what_passes_and_decisions_give(name, request):
    study = request.getfixturevalue(name)
    pd.testing.assert_frame_equal(adjudicated(study), claims.load_all(study))


def test_every_difference_is_found_once(harbours):
    found = adjudication.differences(adjudication.Passes(harbours))
    assert found["variable"].tolist() == [
        "motive_polarity", "event_type", "claim", "claim", "target", "event_time", "justifies",
    ]  # fmt: skip
    assert not found.duplicated(adjudication.KEY).any()


def test_lists_are_sets_but_a_chain_of_claimants_has_an_order(harbours):
    passes = adjudication.Passes(harbours)
    assert passes.same("target", "GUILD;OSK", "OSK;GUILD")
    assert not passes.same("claimant", "AUTHOR;GUILD;OSK", "AUTHOR;OSK;GUILD")
    assert not passes.same("statement", "salt;toll", "toll;salt")


def test_swapping_the_passes_swaps_the_values(harbours):
    settings = (harbours.root / "study.yaml").read_text().replace("[pass_a2, pass_b2]", "[]")
    (harbours.root / "study.yaml").write_text(settings)
    there = adjudication.differences(adjudication.Passes(Study(harbours.root)))
    (harbours.root / "study.yaml").write_text(settings.replace("[pass_a, pass_b]", "[pass_b, pass_a]"))
    back = adjudication.differences(adjudication.Passes(Study(harbours.root)))
    back = back[back["variable"] != "justifies"]  # written in ids of the first pass
    there = there[there["variable"] != "justifies"]
    values = [sorted(zip(table["variable"], table[a], table[b], strict=True)) for table, a, b in
              ((there, "value_a", "value_b"), (back, "value_b", "value_a"))]  # fmt: skip
    assert values[0] == values[1]


def test_a_decision_for_a_third_value_is_taken(harbours):
    table = adjudicated(decide(harbours, "gazette-1703.p01.s1.c1", "target", "OSK"))
    assert table.set_index("claim_id").at["gazette-1703.p01.s1.c1", "target"] == "OSK"


def test_a_kept_claim_of_the_second_pass_gets_the_next_number(harbours):
    study = decide(harbours, "gazette-1703.p01.s1.c2", "claim", "keep")
    table = adjudicated(study).set_index("claim_id")
    assert table.at["gazette-1703.p01.s1.c2", "statement"] == "The treaty had existed before."
    assert table.at["gazette-1703.p01.s1.c2", "prop_id"] == "gazette-1703.p01.s1.c2"


def test_a_dropped_claim_leaves_no_reference_behind(harbours):
    # Another claim restates the dropped one and a motive justifies it.
    def refer(table):
        table.loc[table["claim_id"] == "courier-1701.p01.s3.c2", "prop_id"] = "courier-1701.p01.s3.c1"
        return table

    study = rewrite(harbours, "pass_a", refer)
    study = decide(study, "courier-1701.p01.s3.c2", "claim", "drop")
    table = adjudicated(study)
    ids = set(table["claim_id"])
    assert "courier-1701.p01.s3.c2" not in ids
    for column in adjudication.REFERENCES:
        assert set(";".join(table[column]).split(";")) - {""} <= ids


def test_the_first_kept_claim_inherits_a_proposition():
    rows = [
        {"claim_id": "x.p01.s2.c1", "prop_id": "x.p01.s1.c1", "justifies": "x.p01.s1.c1;x.p01.s2.c1"},
        {"claim_id": "x.p01.s3.c1", "prop_id": "x.p01.s1.c1", "justifies": ""},
    ]
    kept = {"x.p01.s2.c1": "x.p01.s2.c1", "x.p01.s3.c1": "x.p01.s3.c1"}
    found = adjudication._with_references(rows, kept)
    assert [row["prop_id"] for row in found] == ["x.p01.s2.c1", "x.p01.s2.c1"]
    assert found[0]["justifies"] == "x.p01.s2.c1"


def test_where_the_second_round_agrees_its_value_is_taken(harbours):
    def later(table):
        table.loc[table["claim_id"] == "gazette-1703.p01.s1.c1", "event_time"] = "1702-06"
        return table

    for name in ("pass_a2", "pass_b2"):
        harbours = rewrite(harbours, name, later)
    assert adjudicated(harbours).set_index("claim_id").at["gazette-1703.p01.s1.c1", "event_time"] == "1702-06"


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("decision", "maybe", "must be keep or drop"),
        ("rule", "H9", "neither a rule nor a variable"),
        ("reason", "", "is empty"),
        ("value_a", "something", ""),
    ],
)
def test_a_bad_decision_is_named(harbours, column, value, message):
    def spoil(table):
        table.loc[table["variable"] == ("claim" if column == "decision" else "target"), column] = value
        return table

    study = rewrite(harbours, "adjudication", spoil)
    found = [problem for problem in check(study) if problem.file == "adjudication.csv"]
    assert found
    assert message in found[0].message
    assert found[0].column == column


def test_an_undecided_difference_is_named(harbours):
    study = rewrite(harbours, "adjudication", lambda table: table[table["variable"] != "justifies"])
    problems = [problem for problem in check(study) if problem.file == "adjudication.csv"]
    assert [problem.value for problem in problems] == ["ledger-1704.p01.s2.c1"]
    assert "is not decided" in problems[0].message


def test_editing_the_adjudicated_coding_by_hand_is_noticed(harbours):
    def edit(table):
        table.loc[0, "statement"] = "Osk avoids the Guild."
        return table

    study = rewrite(harbours, "claims", edit)
    assert any("run claimtrace adjudicate" in problem.message for problem in check(study))


def test_a_study_without_events_is_adjudicated_and_holds(harbours):
    """Reports are made last, if at all."""
    for name in ("events", "reports"):
        (harbours.root / "coding" / f"{name}.csv").unlink()
    study = Study(harbours.root)
    adjudicated(study).to_csv(study.root / "coding" / "claims.csv", index=False, lineterminator="\n")
    schema.write(study, study.root / "datapackage.json")
    assert check(Study(study.root)) == []


def test_a_missing_unit_of_the_second_round_is_named(harbours):
    study = rewrite(harbours, "pass_a2", lambda table: table.iloc[1:])
    with pytest.raises(StudyError, match=r"^pass_a2.csv and pass_b2.csv: a row is missing for courier-1701.p01.s1.c1"):
        adjudication.differences(adjudication.Passes(study))


def test_a_doubled_unit_of_the_second_round_is_named(harbours):
    study = rewrite(harbours, "pass_b2", lambda table: pd.concat([table, table.iloc[:1]]))
    with pytest.raises(StudyError, match=r"pass_b2.csv: courier-1701.p01.s1.c1 occurs twice"):
        adjudication.Passes(study)


@pytest.mark.parametrize(
    ("coding", "claim"), [("pass_z", "courier-1701.p01.s1.c1"), ("pass_b", "courier-1701.p01.s9.c1")]
)
def test_a_unit_of_the_second_round_that_no_pass_has_is_named(harbours, coding, claim):
    """Both rounds having it, it would count as one more unit on which they agree."""
    row = pd.DataFrame([{"coding": coding, "claim_id": claim, "event_time": "1704"}])
    for name in ("pass_a2", "pass_b2"):
        study = rewrite(harbours, name, lambda table: pd.concat([table, row]))
    message = f"pass_a2.csv: {claim} is no claim of {coding}; correct or remove the row"
    assert [str(problem) for problem in problems(study)] == [message]


def test_a_claim_without_words_in_both_passes_is_a_problem_of_each(harbours):
    for name in ("pass_a", "pass_b"):
        study = rewrite(harbours, name, lambda table: table.assign(original_end=table["original_start"]))
    found = problems(study)
    assert len(adjudication.differences(adjudication.Passes(study))) == 7  # as before: actors match the claims
    assert {(problem.file, problem.column) for problem in found} == {
        ("pass_a.csv", "original_start"),
        ("pass_b.csv", "original_start"),
    }


def test_an_article_that_came_after_the_second_round_needs_no_row_in_it(harbours):
    """Its claims have the codes of the passes, and one that only one coder has differs in no more than that."""
    for name in ("pass_a2", "pass_b2"):
        study = rewrite(harbours, name, lambda t: t[~t["claim_id"].str.startswith("courier-1701.")])
    passes = adjudication.Passes(study)
    found = adjudication.differences(passes)
    own = found[found["article"] == "courier-1701"]
    times = {
        row.claim_a: passes.values(row, "event_time")
        for row in passes.pairs.itertuples()
        if row.claim_a and row.claim_b and row.article == "courier-1701"
    }
    rows = claims.load_all(study, "pass_a").set_index("claim_id")
    assert {claim: pair[0] for claim, pair in times.items()} == rows.loc[list(times), "event_time"].to_dict()
    assert set(own.loc[(own["claim_a"] == "") | (own["claim_b"] == ""), "variable"]) <= {"claim"}
    study = rewrite(harbours, "pass_b2", lambda t: t.iloc[1:])
    with pytest.raises(StudyError, match="a row is missing for"):
        adjudication.differences(adjudication.Passes(study))


@pytest.mark.parametrize("name", ["pass_a2", "pass_b2"])
def test_recodings_with_other_columns_are_refused(harbours, name):
    study = rewrite(harbours, name, lambda table: table.drop(columns="event_time"))
    message = "pass_a2.csv and pass_b2.csv: column 'event_time' is not in each of them; give them the same columns"
    with pytest.raises(StudyError, match=f"^{message}$"):
        adjudication.Passes(study)
    assert [str(problem) for problem in check(study)] == [message]


def test_open_differences_are_added_to_the_decisions(harbours):
    path = harbours.root / "coding" / "adjudication.csv"
    whole = pd.read_csv(path, dtype=str, keep_default_na=False)
    differ = adjudication.differences(adjudication.Passes(harbours))
    first = differ.merge(whole, on=adjudication.KEY).iloc[[0]]
    chosen = (whole[adjudication.KEY].to_numpy() == first[adjudication.KEY].to_numpy()).all(axis=1)
    whole[~chosen].to_csv(path, index=False, lineterminator="\n")
    command = [sys.executable, "-m", "claimtrace", "differences", "--study", str(harbours.root), "--append"]
    assert "1 rows added" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    added = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert added.iloc[:-1].to_dict("list") == whole[~chosen].to_dict("list")
    assert added.iloc[-1][adjudication.KEY].tolist() == first.iloc[0][adjudication.KEY].tolist()
    assert added.iloc[-1][["decision", "rule", "reason"]].tolist() == ["", "", ""]
    path.write_text("", encoding="utf-8")  # what a shell leaves that was told to write there
    subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(pd.read_csv(path, dtype=str)) == len(differ)


def test_claims_without_their_events_are_noticed(harbours):
    """One coder's claims have no decisions that they must follow from, but the reports of events all the same."""
    (harbours.root / "coding" / "adjudication.csv").unlink()
    study = rewrite(harbours, "claims", lambda table: table.assign(event_id="", corroboration=""))
    told = [str(problem) for problem in problems(study)]
    assert len(told) == 1
    assert told[0].startswith("claims.csv, column event_id: does not follow from reports.csv")


def test_the_tally_counts_differences_only(harbours):
    passes, decided = adjudication.Passes(harbours), adjudication.decisions(harbours)
    expected = {
        "claim": [2, 0, 0, 2], "event_time": [1, 0, 0, 1], "event_type": [1, 0, 0, 1], "justifies": [1, 0, 0, 1],
        "motive_polarity": [1, 0, 0, 1], "target": [1, 0, 0, 1], "all": [7, 0, 0, 7],
    }  # fmt: skip
    found = adjudication.tally(passes, decided)
    assert found.columns.tolist() == ["first", "second", "neither", "all"]
    assert {name: row.tolist() for name, row in found.iterrows()} == expected
    # A code that is changed on a claim that one coder alone has is no difference between the two.
    own = dict.fromkeys(adjudication.DECISIONS, "x") | {
        "claim_a": "courier-1701.p01.s3.c2",
        "claim_b": "",
        "variable": "voice",
    }
    more = pd.concat([decided, pd.DataFrame([own | {"value_a": "SELF", "value_b": ""}])], ignore_index=True)
    assert adjudication.tally(passes, more).equals(found)


def test_a_decision_that_is_wrong_is_named_with_its_row(harbours):
    harbours = decide(harbours, "courier-1701.p01.s3.c2", "claim", "maybe")
    [found] = adjudication.violations(adjudication.Passes(harbours), adjudication.decisions(harbours))
    assert (found.row, found.column, found.value) == ("4 (courier-1701.p01.s3.c2)", "decision", "maybe")


def test_a_decision_without_a_rule_is_named(harbours):
    """`adjudicate` asks no schema, which would tell it too."""
    study = rewrite(harbours, "adjudication", lambda t: t.assign(rule=t["rule"].mask(t["variable"] == "target", "")))
    [found] = adjudication.violations(adjudication.Passes(study), adjudication.decisions(study))
    assert (found.row, found.column, found.value) == ("6 (gazette-1703.p01.s1.c1)", "rule", "")
    assert found.message.startswith("is neither a rule nor a variable")


# --- claims that neither pass has ------------------------------------------------------------------------------------


ADDED = {"claim_id": "gazette-1703.p02.s1.c2", "claim_type": "ACTION", "motive": "", "motive_polarity": "", "voice": "", "strength": "",
         "event_type": "NONE", "statement": "Osk keeps out of the way of the Guild."}  # fmt: skip


def add(study, verdict="accepted", **changed):
    """The invented study with an accepted objection and the claim that answers it."""
    like = claims.load_all(study).set_index("claim_id", drop=False).loc["gazette-1703.p02.s1.c1"]
    row = like.to_dict() | ADDED | {"prop_id": ADDED["claim_id"]} | changed
    pd.DataFrame([row]).to_csv(study.root / "coding/additions.csv", index=False, lineterminator="\n")
    return rewrite(study, "objections", lambda t: t.assign(verdict=t["verdict"].mask(t["kind"] == "missing", verdict)))


def test_a_missing_claim_is_added_and_says_where_it_comes_from(harbours):
    before = claims.load_all(harbours)
    study = add(harbours)
    table = adjudicated(study)
    assert set(table["claim_id"]) - set(before["claim_id"]) == {ADDED["claim_id"]}
    at = table["claim_id"].tolist().index(ADDED["claim_id"])
    assert table["claim_id"][at - 1] == "gazette-1703.p02.s1.c1"
    table.to_csv(study.root / "coding/claims.csv", index=False, lineterminator="\n")
    study = Study(study.root)
    assert problems(study) == []
    [decision] = dossiers(study)[ADDED["claim_id"]].decisions
    assert (decision.variable, decision.decision, decision.rule) == ("claim", "added", "H1")
    assert decision.reason == "It was told before."


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"verdict": "declined"}, "claim_type", "no accepted objection"),
        ({"claim_type": "INTEREST"}, "claim_type", "no accepted objection"),
        ({"claim_id": "gazette-1703.p02.s1.c1"}, "claim_id", "is the id of another claim"),
        ({"claim_id": "gazette-1703.p02.s2.c2"}, "claim_id", "must be gazette-1703.p02.s1.cN"),
        ({"claim_id": "gazette-1703.p02.s1.cx"}, "claim_id", "must be gazette-1703.p02.s1.cN"),
        ({"sentence": "p09.s1", "claim_id": "gazette-1703.p09.s1.c1"}, "sentence", "no such sentence"),
    ],
)
def test_an_addition_that_answers_nothing_or_is_out_of_place_is_named(harbours, changed, column, message):
    study = add(harbours, **changed)
    found = adjudication.violations(adjudication.Passes(study), adjudication.decisions(study))
    named = [problem for problem in found if problem.file == "additions.csv"]
    assert (named[0].row.split()[0], named[0].column) == ("2", column)
    assert message in named[0].message


def test_an_accepted_objection_to_a_missing_claim_needs_one(harbours):
    study = add(harbours)
    (study.root / "coding/additions.csv").unlink()
    [found] = adjudication.violations(adjudication.Passes(study), adjudication.decisions(study))
    assert (found.file, found.column, found.value) == ("objections.csv", "verdict", "gazette-1703.p02.s1")
    assert "add it to additions.csv" in found.message
    study = rewrite(study, "objections", lambda t: t.assign(claim_id="gazette-1703.p02.s1.c1"))
    assert adjudication.violations(adjudication.Passes(study), adjudication.decisions(study)) == []


def test_a_coding_that_does_not_follow_is_named_with_its_first_cell(harbours):
    def change(table):
        table.loc[1, "statement"] = "Something else."
        return table

    (found,) = problems(rewrite(harbours, "claims", change))
    assert (found.file, found.row, found.column) == ("claims.csv", "3 (courier-1701.p01.s2.c1)", "statement")
    assert (found.value, found.message[:16]) == ("Something else.", "does not follow ")


def test_a_description_that_does_not_match_is_named_with_its_line(harbours):
    path = harbours.root / "datapackage.json"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[3].replace(":", " :", 1), *lines[4:]]), encoding="utf-8")
    (found,) = check(harbours)
    assert found.message.startswith("line 4 does not match the codebook")
