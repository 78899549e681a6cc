import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from claimtrace import claims
from claimtrace.audit import audit, folded_words
from claimtrace.corpus import sha256
from claimtrace.errors import StudyError
from claimtrace.study import Study
from claimtrace.worksheets import assemble, find_once


def slugs(study):
    return list(study.articles["slug"])


def test_worksheets_give_the_committed_coding(harbours):
    table, problems = assemble(harbours, "pass_a", harbours.originals, slugs(harbours))
    assert problems == []
    pd.testing.assert_frame_equal(table, claims.load_all(harbours, "pass_a"))


def test_an_anchor_becomes_offsets_and_a_hash(harbours):
    table, _ = assemble(harbours, "pass_a", harbours.originals, slugs(harbours))
    row = table.set_index("claim_id").loc["gazette-1703.p01.s2.c1"]
    text = (harbours.originals / "one.txt").read_text(encoding="utf-8")
    words = text[int(row["original_start"]) : int(row["original_end"])]
    assert words == "the town needed cheap salt"
    assert row["original_sha256"] == sha256(words)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"anchor": "words that are not there"}, "must occur exactly once"),
        ({"anchor": "e"}, "must occur exactly once"),
        ({"sentence": "p09.s9"}, "is no sentence of gazette-1703"),
        ({"motiv": "SALT"}, "is no field of a worksheet"),
        ({"id": "p01.s2.c7"}, "must be p01.s2.c1"),
        ({"motive": True}, "put such a code in quotation marks"),
    ],
)
def test_a_slip_in_a_worksheet_is_named(harbours, change, message):
    path = harbours.root / "coding/worksheets/pass_a/gazette-1703/p01.yaml"
    records = yaml.safe_load(path.read_text(encoding="utf-8"))
    records[1] |= change
    path.write_text(yaml.safe_dump(records, allow_unicode=True), encoding="utf-8")
    _, problems = assemble(harbours, "pass_a", harbours.originals, slugs(harbours))
    assert any(message in problem.message and "p01.yaml" in problem.file for problem in problems)


@pytest.mark.parametrize("sentence", [["p01.s2"], {"p01": "s2"}, None, 1])
def test_a_sentence_that_is_no_name_is_one_problem(harbours, sentence):
    path = harbours.root / "coding/worksheets/pass_a/gazette-1703/p01.yaml"
    records = yaml.safe_load(path.read_text(encoding="utf-8"))
    records[1]["sentence"] = sentence
    path.write_text(yaml.safe_dump(records, allow_unicode=True), encoding="utf-8")
    _, problems = assemble(harbours, "pass_a", harbours.originals, slugs(harbours))
    assert [(p.file, p.column, p.value, p.message) for p in problems] == [
        ("gazette-1703/p01.yaml", "sentence", str(sentence), "is no sentence of gazette-1703")
    ]


def test_a_whole_number_is_written_without_a_point(harbours):
    path = harbours.root / "coding/worksheets/pass_a/ledger-1704/p01.yaml"
    records = yaml.safe_load(path.read_text(encoding="utf-8"))
    records[0] |= {"quantity_value": 300.0, "quantity_value_max": 300.5}
    path.write_text(yaml.safe_dump(records, allow_unicode=True), encoding="utf-8")
    table, _ = assemble(harbours, "pass_a", harbours.originals, slugs(harbours))
    row = table.set_index("claim_id").loc["ledger-1704.p01.s1.c1"]
    assert row[["quantity_value", "quantity_value_max"]].tolist() == ["300", "300.5"]


def test_a_worksheet_that_does_not_parse_is_named(harbours):
    path = harbours.root / "coding/worksheets/pass_a/ledger-1704/p01.yaml"
    path.write_text("- sentence: [p01", encoding="utf-8")
    _, problems = assemble(harbours, "pass_a", harbours.originals, slugs(harbours))
    assert [problem.file for problem in problems] == ["ledger-1704/p01.yaml"]


def test_whoever_adds_to_a_published_coding_needs_neither_worksheets_nor_originals_of_the_rest(harbours):
    """What is published has no worksheets, and no text of the originals; a new article has both."""
    committed, new = claims.load_all(harbours, "pass_a"), "ledger-1704"
    folder = harbours.root / "coding/worksheets/pass_a"
    rest = [slug for slug in slugs(harbours) if slug != new]
    for slug in rest:
        shutil.rmtree(folder / slug)
    name = harbours.articles.set_index("slug").at[new, "original_file"]
    for path in harbours.originals.iterdir():
        if path.name != name:
            path.unlink()
    without_row = committed[committed["article"] != new]
    without_row.to_csv(harbours.root / "coding/pass_a.csv", index=False, lineterminator="\n")
    command = [
        sys.executable,
        "-m",
        "claimtrace",
        "assemble",
        "pass_a",
        "--study",
        harbours.root,
        "--originals",
        harbours.originals,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.endswith(f"; kept from pass_a.csv, as there are no worksheets: {', '.join(rest)}\n"), (
        done.stdout + done.stderr
    )
    pd.testing.assert_frame_equal(claims.load_all(harbours, "pass_a"), committed)


@given(st.text(alphabet="ab \n", max_size=20), st.text(alphabet="abc", min_size=1, max_size=2), st.integers(0, 20))
def test_a_phrase_is_found_if_it_stands_once_whatever_the_white_space(text, word, at):
    phrase = f"{word} {word}"
    text = text[:at] + phrase.replace(" ", "\n\n") + text[at:]
    needle, folded = " ".join(phrase.split()), re.sub(r"\s+", " ", text)
    places = [i for i in range(len(folded)) if folded.startswith(needle, i)]
    span = find_once(text, phrase)
    assert (span is not None) == (len(places) == 1)
    if span is not None:
        assert " ".join(text[span[0] : span[1]].split()) == needle


def test_the_audit_holds_and_notices_tampering(harbours):
    clean = audit(harbours, harbours.originals, harbours.root / "raw" / "digest")
    assert clean.problems == []
    assert (clean.files, clean.sentences, clean.claims, clean.scanned) == (2, 15, 33, 3)
    table = claims.load_all(harbours, "claims")
    table.loc[2, "original_sha256"] = "0" * 64
    table.loc[3, "original_start"] = "0"
    table.to_csv(harbours.root / "coding" / "claims.csv", index=False)
    found = audit(harbours, harbours.originals, harbours.root / "raw" / "digest").problems
    assert {(p.file, p.column) for p in found} == {("claims.csv", "original_sha256"), ("claims.csv", "original_start")}


def test_the_originals_are_no_copies_of_themselves(harbours, tmp_path):
    """A study that is no git work tree is scanned whole; a copy of an original beside them is one."""
    study = Study(shutil.copytree(harbours.root, tmp_path / "study"))
    own = shutil.copytree(harbours.originals, study.root / "raw" / "original", dirs_exist_ok=True)
    assert audit(study, own, study.root).problems == []
    shutil.copy(own / "two.txt", study.root / "raw" / "copy.txt")
    assert {problem.file for problem in audit(study, own, study.root).problems} == {"raw/copy.txt"}


def test_a_folder_that_git_ignores_is_no_audit(harbours, tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path / "tree"], check=True)
    (tmp_path / "tree" / ".gitignore").write_text("build/\n", encoding="utf-8")
    (tmp_path / "tree" / "build").mkdir()
    shutil.copy(harbours.originals / "two.txt", tmp_path / "tree" / "build" / "leak.md")
    with pytest.raises(StudyError, match=r"build: no file to be scanned \(does git ignore the folder\?\)"):
        audit(harbours, harbours.originals, tmp_path / "tree" / "build")


def test_the_audit_names_a_claim_without_a_place(harbours):
    """Nobody need have run `check` before."""
    table = claims.load_all(harbours, "claims")
    table.loc[2, "sentence"] = "p09.s9"
    table.loc[3, "original_start"] = ""
    table.to_csv(harbours.root / "coding" / "claims.csv", index=False)
    found = audit(harbours, harbours.originals, harbours.root / "raw" / "digest")
    assert [(p.file, p.row.split()[0], p.column, p.value) for p in found.problems] == [
        ("claims.csv", "4", "sentence", "p09.s9"),
        ("claims.csv", "5", "sentence", "p01.s3"),
    ]
    assert found.claims == 31


def test_the_audit_finds_a_copied_sentence(harbours, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "notes.md").write_text("He wrote: Its mayor said that the town needed cheap salt. So.", encoding="utf-8")
    found = audit(harbours, harbours.originals, tree).problems
    assert [p.file for p in found] == ["notes.md"]
    assert "its mayor said that the town needed cheap salt" in found[0].value


def test_the_audit_notices_a_changed_index_and_a_changed_file(harbours):
    path = harbours.root / "sentences.csv"
    text = path.read_text(encoding="utf-8").replace(
        "courier-1701,p01,p01.s1,body,162,185,23", "courier-1701,p01,p01.s1,body,162,184,22"
    )
    path.write_text(text, encoding="utf-8")
    found = audit(harbours, harbours.originals, harbours.root / "raw" / "digest").problems
    assert [p.value for p in found if p.file == "sentences.csv"] == ["courier-1701.p01.s1"]
    (harbours.originals / "one.txt").write_text("other", encoding="utf-8")
    found = audit(harbours, harbours.originals, harbours.root / "raw" / "digest").problems
    assert [(p.file, p.column) for p in found] == [("articles.csv", "sha256")]


def test_the_study_stands_up_to_its_originals(real, originals):
    from conftest import ROOT

    result = audit(real, originals, ROOT)
    assert result.problems == []
    assert result.claims == sum(len(claims.load_all(real, coding)) for coding in real.codings)


def test_words_of_any_alphabet_are_words():
    assert folded_words("Ørnby's são joão über die Straße, 3.5 κόσμος") == [
        "ørnby's", "são", "joão", "über", "die", "straße", "3.5", "κόσμος",
    ]  # fmt: skip


def test_a_coding_without_worksheets_is_named(harbours):
    with pytest.raises(StudyError, match="pass_z: no such folder; it holds the worksheets of a coding"):
        assemble(harbours, "pass_z", harbours.originals, list(harbours.articles["slug"]))


@pytest.mark.parametrize("name", ["adjudication", "coder1", "pass_", "../pass_a"])
def test_what_is_no_name_of_a_coding_is_refused(harbours, name):
    """It would be read by no command, or written over another table."""
    folder = harbours.root / "coding/worksheets"
    shutil.copytree(folder / "pass_a", folder / name, dirs_exist_ok=True)
    with pytest.raises(StudyError, match="is no name of a coding; call it claims"):
        assemble(harbours, name, harbours.originals, slugs(harbours))
