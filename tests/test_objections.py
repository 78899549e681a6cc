"""What a later reader objected to."""

import pandas as pd
import pytest

from claimtrace import adjudication, objections
from claimtrace.check import problems
from claimtrace.schema import package, serialise
from claimtrace.study import Study

COLUMNS = ["article", "sentence", "claim_id", "kind", "variable", "value", "proposed", "rule", "reason", "verdict", "answer"]  # fmt: skip


def row(claim, kind, variable, verdict):
    return dict(zip(COLUMNS, ["a", "p01.s1", claim, kind, variable, "x", "y", "U1", "why", verdict, "so"], strict=True))


TABLE = pd.DataFrame(
    [
        row("a.p01.s1.c1", "clear", "motive", "accepted"),
        row("a.p01.s1.c1", "clear", "target", "accepted"),
        row("a.p01.s1.c1", "arguable", "target", "accepted"),
        row("a.p01.s1.c2", "arguable", "target", "accepted"),
        row("a.p01.s1.c2", "arguable", "period", "declined"),
        row("", "missing", "MOTIVE", "accepted"),
        row("", "missing", "MOTIVE", "accepted"),
        row("", "missing", "ACTION", "declined"),
    ]
)


def test_a_claim_counts_once_and_missing_claims_each():
    assert objections.tally(TABLE).to_dict("index") == {
        "clear": {"accepted": 2, "declined": 0, "all": 2, "claims": 1},
        "arguable": {"accepted": 2, "declined": 1, "all": 3, "claims": 2},
        "missing": {"accepted": 2, "declined": 1, "all": 3, "claims": 2},
    }
    assert objections.corrected_claims(TABLE) == ["a.p01.s1.c1", "a.p01.s1.c2"]
    assert list(objections.by_variable(TABLE).items()) == [("target", 2), ("motive", 1)]


def test_a_study_without_objections_has_none(harbours):
    assert len(objections.load(harbours)) == 2
    (harbours.root / "coding" / "objections.csv").unlink()
    assert objections.load(harbours) is None
    assert "objections" not in serialise(package(harbours))


def test_every_accepted_objection_is_a_decision(real):
    """Missing claims are added, or taken up again where a pass has them."""
    decided = adjudication.decisions(real)
    third = decided[decided["reason"].str.startswith(("Third reading: ", "Review: "))]
    of_claim = (set(third["claim_a"]) | set(third["claim_b"])) - {""}
    named = adjudication.origins(adjudication.Passes(real), decided)
    dropped = set(third.loc[third["variable"] == adjudication.CLAIM, "claim_a"])
    for claim in objections.corrected_claims(objections.load(real)):
        assert claim in dropped or set(named.get(claim, ())) & of_claim, claim


@pytest.mark.parametrize(("column", "value"), [("kind", "grave"), ("verdict", "maybe"), ("article", "nowhere-1700")])
def test_a_slip_is_named(harbours, column, value):
    table = TABLE.iloc[:1].assign(
        article=harbours.sentences["article"].iloc[0], sentence=harbours.sentences["sentence"].iloc[0]
    )
    table.assign(**{column: value}).to_csv(
        harbours.root / "coding" / "objections.csv", index=False, lineterminator="\n"
    )
    study = Study(harbours.root)
    (study.root / "datapackage.json").write_text(serialise(package(study)), encoding="utf-8")
    found = [problem for problem in problems(study) if problem.file == "objections.csv"]
    assert (found[0].row, found[0].column, found[0].value) == ("2", column, value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"verdict": "accepted"}, "the claim has 'ACTION' for claim_type"),
        ({"verdict": "accepted", "value": "POSITION", "proposed": "DEMAND"}, "the claim has 'ACTION' for claim_type"),
        ({"value": "POSITION", "proposed": "ACTION"}, "the claim has 'ACTION' for claim_type"),
        ({"variable": "claim", "verdict": "accepted"}, "the claim is still there"),
        ({"variable": "claim", "claim_id": "courier-1701.p01.s3.c9"}, "the claim is gone"),
        ({"verdict": "accepted", "value": "POSITION", "proposed": "ACTION"}, None),
        ({"verdict": "accepted", "value": "POSITION", "proposed": "ACTION, or no claim"}, None),
        ({"verdict": "accepted", "proposed": "ACTION, denied"}, "the claim has 'ACTION' for claim_type"),
        ({"variable": "claim"}, None),
        ({"variable": "claim", "verdict": "accepted", "claim_id": "courier-1701.p01.s3.c9"}, None),
    ],
)
def test_a_verdict_that_the_coding_belies_is_named(harbours, changed, message):
    path = harbours.root / "coding" / "objections.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[0, list(changed)] = list(changed.values())
    table.to_csv(path, index=False, lineterminator="\n")
    found = problems(Study(harbours.root))
    assert [(p.file, p.row.split()[0], p.column) for p in found] == (
        [("objections.csv", "2", "verdict")] if message else []
    )
    assert all(message in problem.message for problem in found)
