import pytest
import yaml

from claimtrace import schema
from claimtrace.claims import COLUMNS
from claimtrace.codebook import Codebook
from claimtrace.errors import StudyError
from claimtrace.plain import read_yaml
from claimtrace.study import Study


def test_every_code_has_a_label_and_a_definition(real):
    table = real.codebook.table()
    assert table[(table["label"] == "") | (table["definition"] == "")].empty


@pytest.mark.parametrize("variable", ["claim_type", "motive", "voice", "event_type", "scope", "period"])
def test_codes_that_charts_use_say_what_is_in_and_out(real, variable):
    table = real.codebook.table()
    own = table[table["variable"] == variable]
    assert not own.empty
    assert (own[["include", "exclude", "example"]] != "").all(axis=None)


def test_every_coded_column_is_a_variable_and_the_other_way_round(real):
    bookkeeping = {
        "claim_id", "article", "passage", "sentence", "statement", "quote", "original_start", "original_end",
        "original_sha256", "memo",
    }  # fmt: skip
    assert set(real.codebook.variables) == set(COLUMNS) - bookkeeping


def test_persons_and_organs_roll_up(real):
    assert real.codebook.roll_up("KABULOV") == "RUS"
    assert real.codebook.roll_up("RUS") == "RUS"
    assert real.codebook.roll_up("nobody") == "nobody"


def test_kabul_means_another_government_from_the_day_of_its_fall(real):
    def holders(day: str) -> set[str]:
        return {
            actor
            for actor, entry in real.codebook.actors.items()
            for alias in entry.get("aliases", [])
            if isinstance(alias, dict) and alias["text"] == "Kabul"
            if str(alias.get("from", "0000")) <= day <= str(alias.get("to", "9999"))
        }

    assert holders("2021-08-14") == {"AFGR"}
    assert holders("2021-08-15") == {"TAL"}
    assert holders("1998-08-01") == {"TAL"}


def test_every_alias_occurs_in_the_originals(real, originals):
    text = " ".join(" ".join(path.read_text(encoding="utf-8").split()) for path in sorted(originals.glob("*.txt")))
    aliases = [
        alias["text"] if isinstance(alias, dict) else alias
        for entry in real.codebook.actors.values()
        for alias in entry.get("aliases", [])
        if not str(entry.get("note", "")).startswith("In none of the nine articles")
    ]
    assert [alias for alias in aliases if alias not in text] == []


def test_a_circle_of_actors_is_refused():
    book = {"version": 1, "title": "", "rules": [], "variables": {}}
    actors = {
        "actors": {"A": {"label": "A", "type": "x", "part_of": "B"}, "B": {"label": "B", "type": "x", "part_of": "A"}}
    }
    with pytest.raises(StudyError, match="circle"):
        Codebook(book, actors).roll_up("A")


def test_a_parent_that_does_not_exist_is_refused():
    book = {"version": 1, "title": "", "rules": [], "variables": {}}
    with pytest.raises(StudyError, match="part_of 'Z' is no actor"):
        Codebook(book, {"actors": {"A": {"label": "A", "type": "x", "part_of": "Z"}}})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\na: 2\n", "line 2: duplicate key 'a'"),
        (b"a: [1\n", "line 2"),
        (b"- 1\n", "expected a mapping"),
        (b"a: \xff\n", "not UTF-8 at byte 3"),
        (b"a: !!python/object/apply:os.system [echo]\n", "line 1"),
    ],
)
def test_bad_yaml_is_refused_with_its_place(tmp_path, content, message):
    (tmp_path / "x.yaml").write_bytes(content)
    with pytest.raises(StudyError, match=message):
        read_yaml(tmp_path / "x.yaml")


@pytest.mark.parametrize(
    ("line", "message"), [("focus: GUILD", "'focus' is missing"), ("  after:", "at divide: key 'after' is missing")]
)
def test_settings_that_are_missing_are_named(harbours, line, message):
    path = harbours.root / "study.yaml"
    kept = [text for text in path.read_text(encoding="utf-8").splitlines() if not text.startswith(line)]
    path.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        assert Study(harbours.root).settings


def test_every_table_of_the_data_is_described(real):
    described = {resource["path"] for resource in schema.package(real)["resources"]}
    tables = {path.relative_to(real.root).as_posix() for path in real.root.rglob("*.csv")}
    # What the rule coder was fitted on, and its points, are described in data/README.md and data/development/README.md.
    of_rules = {name for name in tables if name.startswith("development/")} | {"codebook/points.csv"}
    assert described == tables - of_rules


def test_a_folder_that_is_no_study_is_refused(tmp_path):
    with pytest.raises(StudyError, match="not a study folder"):
        Study(tmp_path)


def test_the_library_knows_nothing_of_the_study(real):
    from conftest import ROOT

    own = {"Taliban", "TALIBAN", "Afghan", "Russia", "2021"}
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    text = text.replace("write for example 2019-10, 1996/2001, 2021-08/.., 2019-09~", "")
    assert {word for word in own if word in text} == set()
    assert yaml.safe_load((ROOT / "data/study.yaml").read_text(encoding="utf-8"))["focus"] == real.focus
