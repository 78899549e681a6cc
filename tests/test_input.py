"""Bad input: what a slip, another program or an attacker puts into a file is read the same or refused in one line."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import HARBOURS, ROOT
from typer.testing import CliRunner

from claimtrace import claims, conform, corpus, manifest, notebooks, parameters, tracing
from claimtrace.check import _settings_problems, problems, require
from claimtrace.cli import app
from claimtrace.errors import StudyError
from claimtrace.plain import parse_yaml
from claimtrace.study import Study, parse_table
from claimtrace.texts import MOST_CHARACTERS, hidden, oddity, read_text

sys.path.insert(0, str(ROOT / "tools"))
import fuzz

# --- text ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"\xef\xbb\xbfa,b\n", "a,b\n"), (b"a\r\nb\rc\n", "a\nb\nc\n"), ("é – ’\n".encode(), "é – ’\n")],
)
def test_what_editors_add_is_left_out(tmp_path, content, text):
    (tmp_path / "x.csv").write_bytes(content)
    assert read_text(tmp_path / "x.csv") == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ab\xff", "x.csv: not UTF-8 at byte 2; save it as UTF-8"),
        ("a,b".encode("utf-16"), "not UTF-8 at byte 0"),
        (b"a\nb\0c", r"x.csv, line 2, character 2: holds U\+0000 \(a control character\)"),
        ("a\n\u202egpj".encode(), r"line 2, character 1: holds U\+202E \(right-to-left override\)"),
        ("Rus\u200bsia".encode(), r"U\+200B"),
        ("Ru\u200dssia".encode(), r"U\+200D"),
        ("one\u2028two".encode(), r"U\+2028"),
        ("Ruѕsia".encode(), r"value 'Ruѕsia' holds U\+0455 .*type that letter"),
        ("Ｒussia".encode(), r"fullwidth latin capital letter r"),
        ("cafe\u0301".encode(), r"composed form \(NFC\)"),
    ],
)
def test_what_readers_cannot_see_is_refused_with_its_place(tmp_path, content, message):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(StudyError, match=message):
        read_text(tmp_path / "x.csv")


def test_other_scripts_are_no_offence():
    for text in ("Россия и Kabul", "می‌خواهم", "α .80", "naïve Straße", "日本"):
        assert hidden(text) is None


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")  # would be waited for without end
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("pipe.csv", "folder.csv", "loop.csv", "none.csv"):
        with pytest.raises(StudyError, match=f"{name}: no such file"):
            read_text(tmp_path / name)


# --- tables --------------------------------------------------------------------------------------------------------------


def test_a_table_reads_back_as_text():
    table = parse_table('a,b\n1,"x, ""y"""\n\n,NA\n', "x.csv")
    assert table.to_dict("list") == {"a": ["1", ""], "b": ['x, "y"', "NA"]}
    assert table.dtypes.equals(pd.read_csv(io.StringIO("a,b\n1,2\n"), dtype=str).dtypes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("a,b\n1\n", r"x.csv, row 2 \(line 2\): has 1 cells, the header 2"),
        ("a,b\n1,2\n3,4,5\n", r"row 3 \(line 3\): has 3 cells, the header 2"),
        ("a,a\n1,2\n", "column 'a' occurs twice"),
        ("a,\n1,2\n", "a column has no name"),
        ('a,b\n"1,2\n', "look for a stray quotation mark"),
        ('a,b\n"1"2,3\n', "look for a stray quotation mark"),
        ("a,b\n1, 2\n", "row 2, column b, value ' 2': begins or ends with white space"),
        ("a,b\n1,2\xa03\n", r"U\+00A0 \(no-break space\); use a plain space"),
        ("a,b\n1,=2+3\n", "begins with '=', so that a spreadsheet runs it as a formula"),
        ("a,b\n1,-2+3+cmd|' /C calc'!A0\n", "begins with '-'"),
        (f"a,b\n1,{'x' * (MOST_CHARACTERS + 1)}\n", "has 20001 characters"),
        (f"a,b\n1,{'x' * 200_000}\n", "field larger than field limit"),
        ("outlet,b\nГаз Gazette,1\n", "mixes letters of two scripts"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(text, message):
    with pytest.raises(StudyError, match=message):
        parse_table(text, "x.csv")


def test_numbers_and_codes_are_no_formulas():
    assert [oddity(cell) for cell in ("-", "-1", "-0.5", "-1e-05", "CT-", "1+1", "a=b", "")] == [""] * 8


# --- YAML ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (fuzz._BOMB, r"line \d+: more than 200000 parts"),
        ("a: &a [*a]", "an alias inside its own anchor"),
        (f"a: {'[' * 900}{']' * 900}", "nested deeper than 40 levels"),
        (f"a: {'[' * 50_000}", "x.yaml"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", "line 3: '<<' is not read"),
        ("a: !!python/object/apply:os.system [echo]", "could not determine a constructor"),
        (f"a: {'9' * 6000}", "a value cannot be read"),
        ("a: 1\n---\nb: 2", "expected a single document"),
        ("? [a]\n: 1", "unhashable"),
    ],
)
def test_bad_yaml_is_refused(text, message):
    with pytest.raises(StudyError, match=message):
        parse_yaml(text, "x.yaml")


def test_an_alias_may_stand_for_its_anchor():
    assert parse_yaml("a: &a {b: [1]}\nc: *a", "x.yaml") == {"a": {"b": [1]}, "c": {"b": [1]}}


def change(study, name, old, new):
    path = study.root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return Study(study.root)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("study.yaml", "profile_minimum: 2", "profile_minimun: 2", "key 'profile_minimun' is not known; the keys are: "),
        ("study.yaml", "profile_minimum: 2", "profile_minimum: two", "at profile_minimum, value 'two': must be a whole number"),
        ("study.yaml", "profile_minimum: 2", "profile_minimum: yes", "must be a whole number"),
        ("study.yaml", "periods: [OLD]", "periods: OLD", "at divide.before.periods, value 'OLD': must be a list"),
        ("study.yaml", "periods: [OLD]", "periods: [OLT]", "value 'OLT': is no period; use one of: "),
        ("study.yaml", "periods: [OLD]", "periods: [NEW]", "stands in two stretches of time"),
        ("study.yaml", "[pass_a, pass_b]", "[pass_a, ../pass_b]", "value '../pass_b': must match"),
        ("study.yaml", "[pass_a2, pass_b2]", "[pass_a2, pass_b9]", "value 'pass_b9': no such file in coding/"),
        ("study.yaml", "focus: GUILD", "focus: GUILT", "value 'GUILT': is no actor of actors.yaml"),
        ("codebook/actors.yaml", "  OSK: {label: Osk", "  $(touch pwned): {label: Osk", "a key must match"),
        ("codebook/actors.yaml", "  OSK: {label: Osk", "  no: {label: Osk", "key False is no text; put it in quotation marks"),
        ("codebook/actors.yaml", "label: Osk", "label: Osk, part_off: VARN", "key 'part_off' is not known"),
        ("codebook/actors.yaml", "label: Osk", "label: Varn", "is the label of two actors"),
        ("codebook/codebook.yaml", "label: Sanction", "label: Aid", "value 'Aid': is the label of two codes"),
        ("codebook/actors.yaml", "label: Varn,", "label: Varn, part_of: VARN_MAYOR,", "goes round in a circle"),
        ("codebook/codebook.yaml", "required_for: all", "required_for: al", "must be all, claims, motive, quantity or a list"),
        ("codebook/codebook.yaml", "label: Known, polarity untold", "label: Known\n        polarity untold:", "is not known"),
        ("segmentation.yaml", "title: [7]", "title: [seven]", "value 'seven': must be a whole number"),
        ("segmentation.yaml", "courier-1701:", "courier-1702:", "value 'courier-1702': is no article of articles.csv"),
        ("articles.csv", "courier-1701", "../../x", "articles.csv, row 2, column slug, value '../../x': must match"),
        ("articles.csv", "two.txt", "../two.txt", "column original_file, value '../two.txt': must match"),
        ("articles.csv", ",Courier,", ",Сourier,", "looks like another letter"),
        ("articles.csv", ",Courier,", ",Courier ,", "begins or ends with white space"),
        ("sentences.csv", ",body,", ",bodi,", "column kind, value 'bodi': must be one of"),
        ("sentences.csv", ",body,", ",title,", "is of kind title, whose passages begin with t"),
        ("raw/digest/courier-1701.md", "[p01]", "[p02]", "courier-1701.md, value '[p02]': is no passage of sentences.csv"),
        ("coding/events.csv", "event_id,", "event_id,more,", "has 10 cells, the header 11"),
        ("coding/claims.csv", "courier-1701.p01.s1.c1,", "courier-1701.p01.s1.c٣,", "column claim_id, value 'courier-1701.p01.s1.c٣'"),
    ],
)  # fmt: skip
def test_the_worst_slips_are_refused_with_file_place_and_remedy(harbours, name, old, new, message):
    study = change(harbours, name, old, new)
    assert message in "\n".join(map(str, problems(study)))


def test_every_schema_is_enforced_without_frictionless_too(harbours):
    path = harbours.root / "coding" / "pass_a.csv"
    table = claims.load_all(harbours, "pass_a")
    for column, value in (
        ("original_start", "x"),
        ("period", "SOON"),
        ("original_sha256", "0"),
        ("article", "nobody-1"),
    ):
        table.assign(**{column: [value, *table[column][1:]]}).to_csv(path, index=False)
        found = [p for p in problems(Study(harbours.root)) if (p.row.split(" ")[0], p.column) == ("2", column)]
        assert found, column
        assert found[0].value.startswith(value)


def test_a_key_of_two_columns_is_looked_up_where_one_is_empty():
    key = {"fields": ["article", "sentence"], "reference": {"resource": "sentences", "fields": ["article", "sentence"]}}
    fields = [{"name": name, "type": "string"} for name in key["fields"]]
    resource = {"path": "coding/x.csv", "schema": {"fields": fields, "foreignKeys": [key]}}
    index = pd.DataFrame({"article": ["a"], "sentence": ["s1"]})
    table = pd.DataFrame({"article": ["a", "a", "", ""], "sentence": ["s1", "", "s1", ""]})
    found = conform.problems(table, resource, {"sentences": index})
    assert [(p.row, p.column, p.value) for p in found] == [("3", "sentence", "a, "), ("4", "sentence", ", s1")]


def test_a_terminal_that_has_not_all_letters_shows_escapes(harbours):
    study = change(harbours, "codebook/actors.yaml", "label: Osk,", "label: Ošk,")
    command = [sys.executable, "-m", "claimtrace", "show", "courier-1701.p01.s1.c1", "--study", str(study.root)]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"subject: O\\u0161k" in done.stdout


# --- what rests on the data ----------------------------------------------------------------------------------------------


def test_a_notebook_refuses_a_study_that_breaks_its_rules(harbours, tmp_path):
    study = change(harbours, "coding/pass_b.csv", ",OSK,", ",OSKX,")
    with pytest.raises(StudyError, match=r"pass_b.csv, row \d+ .*'OSKX' is no code"):
        parameters.begin({"study": str(study.root), "build": str(tmp_path / "build"), "coding": "claims"})
    assert not list(tmp_path.glob("build/cache/*"))


def test_what_is_checked_once_is_checked_again_after_a_change(harbours, tmp_path):
    require(harbours, ["claims"], tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 1
    study = change(harbours, "raw/digest/courier-1701.md", "Osk stays away", "Osk stays far")
    with pytest.raises(StudyError, match=r"claims.csv, row 2 .*column quote"):
        require(study, ["claims"], tmp_path / "cache")


def test_a_coding_in_the_making_stops_only_those_who_use_it(harbours):
    table = claims.load_all(harbours, "pass_a")
    table.head(2).to_csv(harbours.root / "coding" / "pass_c.csv", index=False)
    require(Study(harbours.root), ["claims"])
    with pytest.raises(StudyError, match="body sentence without a row"):
        require(Study(harbours.root), ["pass_c"])


def test_what_is_checked_for_one_coding_is_not_for_another(harbours, tmp_path):
    claims.load_all(harbours, "pass_a").head(2).to_csv(harbours.root / "coding" / "pass_c.csv", index=False)
    require(Study(harbours.root), ["claims"], tmp_path / "cache")
    with pytest.raises(StudyError, match="body sentence without a row"):
        require(Study(harbours.root), ["pass_c"], tmp_path / "cache")


def test_originals_are_read_against_their_checksum(harbours):
    path = harbours.originals / "one.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(StudyError, match=r"one\.txt: SHA-256 is .*use the file as downloaded"):
        corpus.index_sentences(harbours, harbours.originals)


@pytest.mark.parametrize(
    ("line", "message"),
    [("0" * 64 + "  ../x.svg", "line 1: value"), ("0" * 63 + "  figures/x.svg", "must be a SHA-256"), ("0" * 64 + "  figures/x.svg\n" + "1" * 64 + "  figures/x.svg", "names a file twice")],
)  # fmt: skip
def test_a_bad_manifest_is_refused(tmp_path, line, message):
    (tmp_path / "M").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        manifest.read(tmp_path / "M")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"draws": 10**12}, "draws=1000000000000: must lie between 1 and 100000"),
        ({"minimum": 0}, "must lie between 1 and"),
        ({"unit": ["claims"]}, "must be one of: 'claims'"),
        ({"actor": "GU\u200bILD"}, r"U\+200B"),
        ({"build": ["x"]}, "must be of type str"),
        ({"scopes": [["all"]]}, "unknown; choose from"),
    ],
)
def test_a_parameter_out_of_bounds_is_refused(harbours, values, message):
    with pytest.raises(StudyError, match=message):
        parameters.check_values(harbours, values)


def test_the_bounds_of_a_parameter_belong_to_it(harbours):
    for name, (least, most) in parameters._BOUNDS.items():
        parameters.check_values(harbours, {name: least})
        parameters.check_values(harbours, {name: most})
        for value in (least - 1, most + 1):
            with pytest.raises(StudyError, match=f"{name}={value}: must lie between {least} and {most}"):
                parameters.check_values(harbours, {name: value})


@pytest.mark.parametrize("name", sorted(parameters.CHOICES))
def test_a_list_is_a_list_and_one_value_is_one(harbours, name):
    is_list, valid = parameters.CHOICES[name]
    value = valid(harbours)[-1]
    parameters.check_values(harbours, {name: [value] if is_list else value})
    with pytest.raises(StudyError, match="must be"):
        parameters.check_values(harbours, {name: value if is_list else [value]})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("profile_types", ["wizard"], "no actor has this type; there are: "),
        ("tie_types", ["wizard"], "no actor has this type; there are: "),
        ("headline_scope", "NOWHERE", "is no scope; use one of: DEALINGS, ELSEWHERE"),
        ("territories", ["ATLANTIS"], "is no actor of actors.yaml"),
    ],
)
def test_a_setting_that_leads_nowhere_is_named(harbours, key, value, message):
    harbours.settings[key] = value
    found = _settings_problems(harbours)
    shown = value if isinstance(value, str) else value[0]
    assert [(p.file, p.column, p.value) for p in found] == [("study.yaml", key, shown)]
    assert found[0].message.startswith(message)


_TYPELESS = b'{"cells": [{"source": "", "metadata": {}}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}'


def test_what_is_no_notebook_is_refused(tmp_path):
    for number, content in enumerate(
        [b"", b"{}", b"[]", b"\xff", b'{"cells": 1, "nbformat": 4, "metadata": {}}', b"[" * 100_000, _TYPELESS]
    ):
        path = tmp_path / f"{number}.ipynb"
        path.write_bytes(content)
        with pytest.raises(StudyError, match="not a Jupyter notebook"):
            notebooks.read(path)


def test_make_stops_before_the_first_notebook(harbours):
    change(harbours, "coding/claims.csv", ",OSK,GUILD,", ",OSKX,GUILD,")
    command = [str(Path(sys.executable).with_name("claimtrace")), "profiles", "--study", str(harbours.root)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.match(r"claimtrace: claims.csv, row 2 .*'OSKX' is no code; use an id of actors.yaml", done.stderr)


def test_a_claim_of_a_study_with_a_slip_is_not_shown(harbours):
    """Its article is in no catalogue, so that nothing could be told of it."""
    study = change(harbours, "coding/claims.csv", "courier-1701.p01.s1.c1,courier-1701,", "nowhere.p01.s1.c1,nowhere,")
    with pytest.raises(StudyError, match=r"claims\.csv, row 2.*nowhere"):
        tracing.show(study, "nowhere.p01.s1.c1", "claims", None)


# --- many at once --------------------------------------------------------------------------------------------------------


def test_twenty_damaged_files_are_read_the_same_or_refused():
    extra = [ROOT / "notebooks" / "01_corpus.ipynb", ROOT / "MANIFEST.sha256"]
    results = fuzz.run_here(HARBOURS, 20, 12, extra)
    faults = [
        f"{r['outcome']}: {r['file']}, {r['mutation']}, seed {r['seed']}: {r['message']}"
        for r in results
        if r["outcome"] in fuzz.FAULTS
    ]
    assert faults == []
    assert len(results) == 20
    outcomes = {outcome: sum(r["outcome"] == outcome for r in results) for outcome in ("refused", "same")}
    assert outcomes["refused"] > 10
    assert outcomes["same"] > 1


def test_the_fuzzer_notices_what_it_looks_for(monkeypatch):
    """A library that lets errors through, changes numbers, writes or dawdles is found out."""

    def use(root, name):
        text = (root / name).read_text(encoding="utf-8", errors="replace")
        if len(text) != len((HARBOURS / name).read_text(encoding="utf-8")):
            raise KeyError("a traceback")
        if not re.search("b", text):
            (root.parent / "outside").write_text("x", encoding="utf-8")
        return {"n": text}

    monkeypatch.setitem(fuzz.USES, "csv", use)
    monkeypatch.setattr(fuzz, "targets", lambda root: [("csv", "articles.csv")])
    monkeypatch.setattr(fuzz, "KINDS", {"csv": [fuzz.line_ends, fuzz.bytes_, fuzz.dangling, fuzz.look_alikes]})
    outcomes = {result["outcome"] for result in fuzz.run_here(HARBOURS, 60, 1, [])}
    assert {"traceback", "silent"} <= outcomes


def test_slips_in_settings_and_tables_are_told_at_once(harbours):
    for name, old, new in (
        ("study.yaml", "[OTHER, AUTHOR]", "[OTTER, AUTHOR]"),
        ("articles.csv", "1703-01-15", "1703-13-15"),
    ):
        path = harbours.root / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    told = [str(problem) for problem in problems(Study(harbours.root))]
    assert len(told) == 2
    assert told[0].startswith("study.yaml, column exclude_actors, value 'OTTER'")
    assert "1703-13-15" in told[1]


def test_a_date_without_quotation_marks_is_text():
    assert parse_yaml("date: 1701-06-01\nlist: [1999-01-01, 1999]", "x") == {
        "date": "1701-06-01",
        "list": ["1999-01-01", 1999],
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("coding/claims.csv", "lies in the study"),
        ("../out.xlsx", "is no CSV file"),
        ("../none/out.csv", "no such folder"),
        (".", "is no CSV file"),
    ],
)
def test_an_export_takes_no_file_of_the_study(harbours, name, message):
    before = (harbours.root / "coding" / "claims.csv").read_bytes()
    done = CliRunner().invoke(app, ["export", str(harbours.root / name), "--study", str(harbours.root)])
    assert message in str(done.exception)
    assert (harbours.root / "coding" / "claims.csv").read_bytes() == before
