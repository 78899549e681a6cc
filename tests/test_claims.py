import subprocess
import sys

import pandas as pd
import pytest

from claimtrace import claims
from claimtrace.check import check
from claimtrace.errors import StudyError


def write(study, table):
    table.to_csv(study.root / "coding" / "claims.csv", index=False, lineterminator="\n")


def test_an_export_is_in_words(harbours, tmp_path):
    program = [sys.executable, "-m", "claimtrace", "export", "--study", harbours.root]
    done = subprocess.run([*program, tmp_path / "out.csv"], capture_output=True, text=True)
    whole = claims.load(harbours)
    assert done.stdout.startswith(f"{tmp_path / 'out.csv'}: {len(whole)} claims; ")
    found = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False).set_index("claim_id")
    assert list(found.index) == list(whole["claim_id"])
    row = found.loc["courier-1701.p01.s2.c1"]
    assert row[["article", "title", "outlet", "published"]].to_dict() == {
        "article": "courier-1701", "title": harbours.catalogue.at["courier-1701", "title"],
        "outlet": harbours.catalogue.at["courier-1701", "outlet"], "published": harbours.catalogue.at["courier-1701", "published_edtf"],
    }  # fmt: skip
    assert row[["claim_type", "subject", "target", "motive", "voice"]].to_dict() == {
        "claim_type": "Motive", "subject": "Osk", "target": "Salt Guild", "motive": harbours.codebook.label("motive", "TOLL"),
        "voice": "Said by a third party",
    }  # fmt: skip
    assert row["claimant"] == f"{harbours.codebook.actor_label('AUTHOR')}; A merchant of Varn"
    assert row["statement"] == whole.set_index("claim_id").at["courier-1701.p01.s2.c1", "statement"]
    done = subprocess.run([*program, tmp_path / "none/out.csv"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"claimtrace: {tmp_path / 'none'}: no such folder; make it, or name another\n"


def test_the_invented_study_has_no_problem(harbours):
    assert check(harbours) == []


def test_the_real_study_has_no_problem(real):
    assert check(real) == []


#: claim to change, column, new value, column of the problem, part of its message
BREAKS = [
    ("gazette-1703.p01.s2.c1", "motive", "", "motive", "MOTIVE needs it"),
    ("gazette-1703.p01.s2.c1", "motive", "GLORY", "motive", ""),
    ("gazette-1703.p01.s2.c1", "motive_polarity", "", "motive_polarity", "needs it"),
    ("gazette-1703.p01.s1.c1", "voice", "SELF", "voice", "must be empty"),
    ("gazette-1703.p01.s2.c1", "voice", "IMPUTED", "voice", "it must be SELF"),
    ("courier-1701.p01.s2.c1", "voice", "SELF", "voice", "it must be REPORTED"),
    ("gazette-1703.p02.s1.c1", "voice", "REPORTED", "voice", "it must be IMPUTED"),
    ("gazette-1703.p01.s1.c1", "subject", "VARN;ATLANTIS", "subject", "'ATLANTIS' is no code"),
    ("gazette-1703.p01.s1.c1", "event_time", "May 1702", "event_time", "is not EDTF"),
    ("gazette-1703.p01.s1.c1", "event_type", "", "event_type", "ACTION needs it"),
    ("ledger-1704.p01.s1.c1", "quantity_value", "three hundred", "quantity_value", ""),
    ("ledger-1704.p01.s1.c1", "quantity_unit", "", "quantity_unit", "needs it"),
    ("gazette-1703.p01.s2.c1", "justifies", "gazette-1703.p09.s1.c1", "justifies", "no claim of this table"),
    ("gazette-1703.p01.s2.c1", "prop_id", "courier-1701.p01.s1.c1", "prop_id", "in another article"),
    ("gazette-1703.p01.s2.c1", "claimant", ";", "claimant", "empty item"),
    ("gazette-1703.p01.s2.c1", "subject", "VARN;", "subject", "empty item"),
    ("gazette-1703.p01.s2.c1", "subject", "; ;", "subject", "empty item"),
    ("gazette-1703.p01.s1.c1", "event_time", "../..", "event_time", "is not EDTF"),
    ("gazette-1703.p01.s2.c1", "claimant", "VARN_MAYOR", "claimant", "must begin with AUTHOR"),
    ("gazette-1703.p01.s2.c1", "quote", "words that are not there", "quote", "is not in passage [p01]"),
    ("gazette-1703.p01.s2.c1", "quote", "", "quote", "is empty"),
    ("gazette-1703.p01.s2.c1", "statement", "", "statement", "is empty"),
    ("gazette-1703.p01.s3.c0", "memo", "", "memo", "needs its reason"),
    ("gazette-1703.p01.s2.c1", "sentence", "p07.s1", "sentence", ""),
    ("gazette-1703.p01.s2.c1", "passage", "p02", "passage", "in another passage"),
    ("gazette-1703.p01.s2.c1", "claim_id", "gazette-1703.p01.s1.c1", "claim_id", ""),
    ("gazette-1703.p01.s2.c1", "original_start", "many", "original_start", ""),
    ("gazette-1703.p01.s2.c1", "original_start", "85", "original_start", "not within the sentence (86 to 133)"),
    ("gazette-1703.p01.s2.c1", "original_end", "134", "original_start", "not within the sentence (86 to 133)"),
    ("gazette-1703.p01.s2.c1", "original_start", "132", "original_start", "not within the sentence"),
    ("gazette-1703.p01.s2.c1", "original_end", "90", "original_start", "not within the sentence"),
]


@pytest.mark.parametrize(("claim", "column", "value", "where", "message"), BREAKS)
def test_every_violation_is_found_with_its_place(harbours, claim, column, value, where, message):
    table = claims.load_all(harbours, "claims")
    row = table.index[table["claim_id"] == claim][0]
    table.loc[row, column] = value
    write(harbours, table)
    problems = [p for p in check(harbours) if p.file == "claims.csv" and p.column == where]
    assert problems, f"{column}={value!r} was not noticed"
    assert any(message in p.message for p in problems)
    assert any(p.row.startswith(str(row + 2)) for p in problems)


@pytest.mark.parametrize("value", ["", "many", "-5", "²"])
def test_an_offset_that_is_no_number_is_a_problem_where_no_schema_was_asked(harbours, value):
    table = claims.load_all(harbours, "claims")
    table.loc[0, "original_start"] = value
    assert [p.column for p in claims.violations(table, harbours, "claims.csv")] == ["original_start"]


def test_a_sentence_left_out_is_found(harbours):
    table = claims.load_all(harbours, "claims")
    write(harbours, table[table["sentence"] != "p01.s3"])
    assert [p.value for p in check(harbours) if "without a row" in p.message] == [
        "courier-1701.p01.s3",
        "gazette-1703.p01.s3",
    ]


def test_a_sentence_cannot_hold_a_claim_and_none(harbours):
    table = claims.load_all(harbours, "claims")
    none = table[table["claim_type"] == "NONE"].iloc[0].to_dict()
    table.loc[len(table)] = none | {"claim_id": "gazette-1703.p01.s2.c0", "sentence": "p01.s2"}
    write(harbours, table)
    assert any("holds a claim and NONE" in p.message and p.value == "gazette-1703.p01.s2" for p in check(harbours))


def test_a_missing_column_is_named(harbours):
    table = claims.load_all(harbours, "claims").drop(columns="voice")
    write(harbours, table)
    with pytest.raises(StudyError, match="column 'voice' is missing"):
        claims.load(harbours)


def test_a_missing_coding_lists_the_codings(harbours):
    with pytest.raises(StudyError, match="there are: claims, pass_a"):
        claims.load(harbours, "pass_z")


def test_every_body_sentence_of_the_study_is_accounted_for(real):
    rows = claims.load_all(real, "pass_a")
    body = real.sentences[real.sentences["kind"] == "body"]
    assert set(zip(body["article"], body["sentence"], strict=True)) <= set(
        zip(rows["article"], rows["sentence"], strict=True)
    )


def test_units_count_claims_propositions_and_articles(harbours):
    table = claims.load(harbours)
    own = claims.with_list(table, "subject", harbours)
    by_unit = {unit: claims.count(own, ["actor"], unit).set_index("actor")["n"].to_dict() for unit in claims.UNITS}
    assert by_unit == {
        "claims": {"GUILD": 2, "OSK": 4, "VARN": 4},
        "propositions": {"GUILD": 1, "OSK": 4, "VARN": 4},
        "articles": {"GUILD": 1, "OSK": 2, "VARN": 2},
    }


def test_every_count_leads_back_to_its_claims(real):
    table = claims.load(real)
    counted = claims.count(claims.with_list(table, "subject", real), ["actor", "claim_type"])
    assert (counted["claim_ids"].map(lambda ids: len(claims.split_cell(ids))) == counted["n"]).all()
    assert set(";".join(counted["claim_ids"]).split(";")) <= set(table["claim_id"])


def test_the_order_of_rows_changes_no_count(real):
    table = claims.load(real)
    shuffled = table.sample(frac=1, random_state=3)
    by = ["actor", "period"]
    assert claims.count(claims.with_list(table, "subject", real), by).equals(
        claims.count(claims.with_list(shuffled, "subject", real), by)
    )


def test_selection_keeps_what_is_asked_for(harbours):
    table = claims.load(harbours)
    assert set(claims.select(table, voice=["SELF"])["voice"]) == {"SELF"}
    assert set(claims.select(table, explicit_only=True)["strength"]) == {"explicit"}
    assert len(claims.select(table)) == len(table)
    assert len(claims.select(table, scope="DEALINGS", period=["OLD"], articles=["gazette-1703"])) == 0
    table.loc[table["article"] == "ledger-1704", "scope"] = "ELSEWHERE"
    assert claims.select(table, scope="ELSEWHERE")["article"].unique().tolist() == ["ledger-1704"]
    left = claims.select(table, scope="DEALINGS", period=["NEW"], motive_polarity=["brake"])
    assert left["claim_id"].tolist() == ["gazette-1703.p02.s1.c1"]
