"""Coding many texts: what is read, what is skipped, and the same rows and bytes in every mode, interrupted or not."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pandas as pd
import pytest
from conftest import HARBOURS
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from claimtrace import batch, extract, measure, parts, readers
from claimtrace.cli import app
from claimtrace.errors import StudyError
from claimtrace.readers import Document, Inputs, Skipped, documents, pieces, slug
from claimtrace.rules import PROPOSED, Coder, Rulebook, code_text
from claimtrace.study import Study

SALT, TOLL, PRIDE = "Varn seeks cheap salt.", "Osk fears a toll.", "Varn seeks glory."


CODER = Coder(Rulebook(Study(HARBOURS)))
#: A text of the corpus that is coded in many ways.
TEXT = f"{SALT} " + "The harbour was quiet and nothing happened there for a while. " * 3 + f"\n{PRIDE}"
#: Proposals that such a text gives; which they are is the matter of the rules.
EACH = len(code_text(CODER, TEXT, "a"))


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def jsonl(path: Path, rows) -> Path:
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))


def texts(source, **options):
    """Id and text of each text; of what is skipped its place and reason."""
    found = []
    for item in documents(source, **options):
        if isinstance(item, Skipped):
            found.append((item.place, item.reason))
        else:
            found += [(piece.id, piece.text) for piece in pieces(item)]
    return found


def code(source, out, study=HARBOURS, **options):
    return batch.code(source, out, study, **options)


def test_the_command_codes_by_all_that_the_coder_has(tmp_path, harbours):
    """The points of the study's own features too: here they outweigh all that speaks for the motive."""
    source = write(tmp_path / "a.txt", TEXT)
    code(source, tmp_path / "before.csv", harbours.root)
    (harbours.root / "codebook" / "points.csv").write_text("feature,points\nmotive: SALT,-500\n", encoding="utf-8")
    code(source, tmp_path / "after.csv", harbours.root)
    before, after = (pd.read_csv(tmp_path / f"{name}.csv", dtype=str)["motive"] for name in ("before", "after"))
    assert "SALT" in set(before)
    assert "SALT" not in set(after)


def test_the_command_proposes_what_the_notebook_measures(tmp_path, real):
    folder = real.root / "development" / "held_out"
    code(folder, tmp_path / "held_out.csv", real.root)
    found = pd.read_csv(tmp_path / "held_out.csv", dtype=str, keep_default_na=False)
    measured = measure.passages(Coder(Rulebook(real)), folder)
    same = ["article", "sentence", "subject", "motive", "claim_type", "points"]
    assert set(measured["motive"]) - {""}
    assert found[same].to_numpy().tolist() == measured[same].astype(str).to_numpy().tolist()


def table(path: Path) -> pd.DataFrame:
    """Rows of an output of any kind, all text."""
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype=str, keep_default_na=False).astype(object)
    return pd.read_parquet(path).astype(object)


def motives(path: Path) -> list[tuple[str, str, str]]:
    return list(table(path)[["article", "subject", "motive"]].itertuples(index=False, name=None))


def left(folder: Path) -> list[str]:
    """What a run leaves behind that is no output: parts, hidden files."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".") or path.name.endswith(".parts")]


def corpus(path: Path, count: int) -> Path:
    return jsonl(path, ({"id": f"t{n}", "text": TEXT} for n in range(count)))


# --- reading: text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"One.\r\nTwo.\rThree.\n", [("a", "One.\nTwo.\nThree.\n")]),
        ("\ufeffÖne.".encode(), [("a", "Öne.")]),
        (b"", [("a.txt", "holds no text")]),
        (b"\xef\xbb\xbf \r\n\t", [("a.txt", "holds no text")]),
        (b"One.\0", [("a.txt", "not a text: it holds null bytes")]),
        (b"One \xff", [("a.txt", "not UTF-8 at byte 4")]),
        (b"One \xc3", [("a.txt", "not UTF-8 at byte 4")]),
        (b"x" * (1 << 20) + "é".encode()[:1] + b"x", [("a.txt", f"not UTF-8 at byte {1 << 20}")]),
    ],
)
def test_texts(tmp_path, raw, found):
    assert texts(write(tmp_path / "a.txt", raw)) == found


def test_line_ends_and_a_byte_order_mark_change_no_row(tmp_path):
    text = f"{SALT}\n\n{TOLL}\nZürich is far.\n"
    for name, raw in (("lf", text.encode()), ("crlf", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())):
        (tmp_path / name).mkdir()
        code(write(tmp_path / name / "a.txt", raw), tmp_path / f"{name}.csv")
    assert (tmp_path / "lf.csv").read_bytes() == (tmp_path / "crlf.csv").read_bytes()
    assert set(table(tmp_path / "lf.csv")["passage"]) == {"p01", "p02"}


def test_a_folder_is_read_in_the_order_of_its_paths_without_hidden_files(tmp_path):
    for name in ("b.md", "a/z.txt", "a.txt", "a/.hidden.txt", ".git/c.txt", "a-b.txt", "A b.txt", "c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, name)
    kinds = ".txt, .md, .html, .htm, .xhtml, .pdf, .csv, .jsonl, .ndjson, .parquet"
    assert texts(tmp_path) == [
        ("a-b", "A b.txt"),
        ("a-z", "a/z.txt"),
        ("a-b-2", "a-b.txt"),
        ("a", "a.txt"),
        ("b", "b.md"),
        ("c.png", f"a .png file is not read; choose from: {kinds}"),
    ]


def test_no_input(tmp_path):
    with pytest.raises(StudyError, match="no such file or folder"):
        documents(tmp_path / "none")
    with pytest.raises(StudyError, match="the folder holds no file"):
        documents(tmp_path)
    assert slug("Ä b.C") == "b-c"
    assert (slug("статья"), slug("статья", "x-3")) == ("text", "x-3")


# --- reading: tables ---------------------------------------------------------------------------------------------------


def test_csv(tmp_path):
    rows = b'\xef\xbb\xbfid,text,published\r\n0,"One.\r\nTwo.",1703\r\n,Three.,\r\nx,,\r\ny\r\nx,caf\xe9,\r\nx,Four.,\r\nx,Five.,\r\n'
    path = write(tmp_path / "T b.csv", rows)
    assert texts(path) == [
        ("0", "One.\r\nTwo."),
        ("t-b-2", "Three."),
        ("T b.csv, row 4", "holds no text in 'text'"),
        ("T b.csv, row 5", "holds no text in 'text'"),
        ("T b.csv, row 6", "not UTF-8"),
        ("x", "Four."),
        ("x-2", "Five."),
    ]
    assert [item.published for item in documents(path) if isinstance(item, Document)] == ["1703", "", "", ""]
    assert texts(path, column="id", identifier="text")[0] == ("one-two", "0")
    assert texts(path, column="body") == [
        ("T b.csv", "has no column 'body'; there are: id, text, published; name one with --column")
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_columns_that_are_separated_otherwise_are_told(tmp_path, mark):
    write(tmp_path / "t.csv", f"id{mark}text\n1{mark}One.\n")
    [(_, reason)] = texts(tmp_path / "t.csv")
    assert reason.endswith(f"; its columns seem to be separated by {mark!r}: save it with commas")


def test_csv_with_a_quote_that_never_ends_is_told_and_the_next_file_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "LARGEST", 1000)
    write(tmp_path / "a.csv", "text\nOne.\n" + '"' + "x\n" * 1000)
    write(tmp_path / "b.csv", "text\n" + "x" * 1500 + "\n")
    write(tmp_path / "c.txt", "Two.")
    assert texts(tmp_path) == [
        ("a-1", "One."),
        ("a.csv", "field larger than field limit (1000)"),
        ("b.csv", "has a line of more than 0 MB"),
        ("c", "Two."),
    ]


def test_rows_behind_an_open_quotation_mark_are_told(tmp_path):
    """Else they would be coded as passages of the row that it begins."""
    write(tmp_path / "t.csv", f'id,text\na,{SALT}\nb,"{TOLL}\nc,{PRIDE}\nd,{SALT}\n')
    done = run(tmp_path / "t.csv", "--out", tmp_path / "o.csv")
    assert done.exit_code == 2
    assert "skipped t.csv: unexpected end of data" in done.output
    assert motives(tmp_path / "o.csv") == [("a", "VARN", "SALT")]


def test_jsonl(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "LARGEST", 100_000)
    nested = b"[" * 50_000
    rows = [b'\xef\xbb\xbf{"text": "One.\\rTwo."}', b"", b"{", b"[1]", b'{"text": 5}', b'{"text": "caf\xe9"}']
    rows += [
        b'{"text": "\\ud800 \\u0000"}',
        b'{"text": "\\ud800!", "id": 7}',
        nested,
        b'{"text": "%s"}' % (b"x" * 250_000),
    ]
    found = texts(write(tmp_path / "j.jsonl", b"\r\n".join([*rows, b'{"text": "Last."}'])))
    assert [name for name, _ in found] == ["j-1", *(f"j.jsonl, line {n}" for n in range(3, 8)), "7", *(f"j.jsonl, line {n}" for n in (9, 10)), "j-11"]  # fmt: skip
    reasons = dict(found)
    assert (reasons["j-1"], reasons["7"], reasons["j-11"]) == ("One.\nTwo.", "\ufffd!", "Last.")
    assert reasons["j.jsonl, line 3"].startswith("not JSON: ")
    assert reasons["j.jsonl, line 4"] == reasons["j.jsonl, line 5"] == "holds no text in 'text'"
    assert reasons["j.jsonl, line 6"] == "not UTF-8 at byte 13"
    assert reasons["j.jsonl, line 7"] == "not a text: it holds null bytes"
    assert reasons["j.jsonl, line 9"].startswith("not JSON: ")
    assert reasons["j.jsonl, line 10"] == "is longer than 0 MB"


def test_parquet(tmp_path):
    frame = pd.DataFrame({"text": ["One.", None, "Two."], "id": [3, 4, 3], "other": [1, 2, 3]})
    frame["published"] = pd.to_datetime(["2020-01-02", None, "2021-01-01"])
    frame.to_parquet(tmp_path / "p.parquet")
    assert texts(tmp_path / "p.parquet") == [
        ("3", "One."),
        ("p.parquet, row 2", "holds no text in 'text'"),
        ("3-2", "Two."),
    ]
    assert next(documents(tmp_path / "p.parquet")).published == "2020-01-02 00:00:00"
    assert (
        texts(tmp_path / "p.parquet", column="none")[0][1]
        == "has no column 'none'; there are: text, id, other, published; name one with --column"
    )
    assert next(documents(tmp_path / "p.parquet", date="other")).published == "1"
    for option, name in (("id", "identifier"), ("date", "date")):
        reason = f"has no column 'none'; there are: text, id, other, published; name one with --{option}"
        assert texts(tmp_path / "p.parquet", **{name: "none"}) == [("p.parquet", reason)]
    (tmp_path / "p.csv").write_text("text,day\nOne.,6 June 2015\n", encoding="utf-8")
    assert next(documents(tmp_path / "p.csv", date="day")).published == "6 June 2015"
    assert texts(tmp_path / "p.csv", date="date")[0][1].endswith("there are: text, day; name one with --date")
    write(tmp_path / "p.parquet", "no")
    assert texts(tmp_path / "p.parquet")[0][1].startswith("not Parquet that can be read: ")


@pytest.mark.parametrize(
    ("given_", "used"),
    [
        ("2020-01-02T10:00:00Z", "2020-01-02"),
        ("2020-01-02 00:00:00", "2020-01-02"),
        ("2019-10", "2019-10"),
        ("May", ""),
        ("6 June 2015", "2015-06-06"),
        ("Posted on March 12, 2021, 10:00", "2021-03-12"),
        ("2019 or 2020", ""),
        ("12/03/2021", "2021"),
        ("", ""),
    ],
)
def test_dates_of_publication(given_, used):
    assert batch._date(given_) == used


def test_many_texts_of_one_name_get_names_of_their_own_in_linear_time(tmp_path):
    inputs = Inputs(jsonl(tmp_path / "j.jsonl", ({"id": "x" if n != 2 else "x-2", "text": "a"} for n in range(20_000))))
    begin = time.process_time()
    names = [item.id for item in inputs]
    assert time.process_time() - begin < 5
    assert names[:5] == ["x", "x-2", "x-2-2", "x-3", "x-4"]
    assert len(set(names)) == len(names)


# --- reading: pages and PDF --------------------------------------------------------------------------------------------

PAGE = """<!doctype html><html><head><title>No</title><meta property="article:published_time" content="2019-10-28T10:00:00Z">
<script>no()</script></head><body><header>No</header><nav><a href="/">No</a></nav><main><h1>A headline</h1>
<p>Varn <b>seeks</b> <a href="x">cheap
   salt</a>.</p>Osk&nbsp;fears a&shy; toll.<br>It pays.<br><br/>Third.<aside>No</aside><ul><li>One<li>Two</ul>
<table><tr><td>1<td>2</table><p hidden>No</p></main><footer>No</footer></body></html>"""


def test_pages():
    text, day = extract.page(PAGE.encode())
    assert text.split("\n") == [
        "A headline", "Varn seeks cheap salt.", "Osk fears a\xad toll. It pays.", "Third.", "One", "Two", "1", "2",
    ]  # fmt: skip
    assert day == "2019-10-28"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<p>\ufeffZürich".encode(), "\ufeffZürich"),
        ("\ufeff<p>Zürich".encode(), "Zürich"),
        ("<p>Zürich".encode("utf-16"), "Zürich"),
        ('<meta charset="iso-8859-1"><p>“Zürich”'.encode("cp1252"), "“Zürich”"),
        ('<meta content="text/html; charset=koi8-r"><p>Москва'.encode("koi8-r"), "Москва"),
        ('<meta charset="nonsense"><p>Zürich'.encode(), "Zürich"),
        ("<p>Zürich".encode("cp1252"), "Zürich"),
    ],
)
def test_encodings_of_pages(raw, text):
    assert extract.page(raw)[0] == text


@pytest.mark.parametrize("raw", [b"<p>a\0b", b"<nav>menu</nav>", b" "])
def test_what_is_no_page(raw):
    with pytest.raises(StudyError, match=r"null bytes|holds no text"):
        extract.page(raw)


def test_a_deep_and_a_long_page_are_read_in_linear_time():
    begin = time.process_time()
    assert extract.page(b"<div>" * 1_000 + b"deep")[0] == "deep"
    for deep in (
        b"<div>" * 100_000,
        b"<table><tr><td>" * 50_000,
        b"".join(b"<b id=%d>" % n for n in range(50_000)) + b"<p>x" * 50_000,
    ):
        with pytest.raises(StudyError, match="nest too deep"):
            extract.page(deep + b"deep")
    assert extract.page(b"<p>One <i>two</i>." * 20_000)[0].count("\n") == 19_999
    assert time.process_time() - begin < 5


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"<p>{text}".encode("utf-8", "replace")))
)
def test_any_bytes_are_a_page_or_a_study_error(raw):
    with contextlib.suppress(StudyError):
        assert extract.page(raw)[0].strip()
    with contextlib.suppress(StudyError):
        assert extract.pdf(raw).strip()


def pdf(*lines: str) -> bytes:
    """A PDF file of one page, one line of text under the other."""
    shown = b"".join(b"(%s) Tj 0 -14 Td " % line.encode("cp1252") for line in lines)
    stream = b"BT /F1 12 Tf 72 720 Td %s ET" % shown
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    raw, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return raw + b"xref\n0 5\n0000000000 65535 f \n%strailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(raw),
    )


def test_pdf_lines_become_paragraphs():
    raw = pdf(
        "The harbour of Varn is old and seeks cheap",
        "salt from the marsh-",
        "es beyond it.",
        "Osk, farther down the coast, fears a toll.",
    )
    assert extract.pdf(raw) == (
        "The harbour of Varn is old and seeks cheap salt from the marshes beyond it.\nOsk, farther down the coast, fears a toll."
    )


@pytest.mark.parametrize(("raw", "message"), [(b"no", "not a PDF file"), (pdf(), "holds no text; a scan")])
def test_what_is_no_pdf(raw, message):
    with pytest.raises(StudyError, match=message):
        extract.pdf(raw)


# --- long texts --------------------------------------------------------------------------------------------------------


def test_a_text_in_pieces_gives_the_rows_of_the_whole(tmp_path, monkeypatch):
    # Words that look like an offset must not be taken for one.
    text = "\n".join(f"{TOLL}\n\n  Osk is afraid of losing a; 12-20 market. Number {n}." for n in range(60))
    whole = code_text(CODER, text, "a", "1703")
    assert len(whole) >= 60
    assert any("; 12-20 market" in row["words"] for row in whole)
    monkeypatch.setattr(readers, "PIECE", 200)
    rows = [
        row
        for found in (
            documents(write(tmp_path / "a.txt", text)),
            documents(jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": text}])),
        )
        for item in found
        for row in batch._coded(CODER, item, "1703", "en")
    ]
    assert rows == whole + whole
    assert len(list(documents(tmp_path / "a.txt"))) == 24


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ab \n", max_size=60), st.integers(1, 9))
def test_pieces_make_up_the_text(text, bound):
    found = list(readers.cut(text, bound))
    assert "".join(found) == text
    assert all(0 < len(piece) <= bound for piece in found)


def test_one_line_of_50_megabytes_takes_bounded_memory_and_time(tmp_path):
    word = b"x" * 49_999 + b" "
    path = write(tmp_path / "a.txt", word * 999 + TOLL.encode())
    tracemalloc.start()
    longest = max(len(item.text) for item in documents(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert longest <= readers.PIECE
    assert peak < 12e6
    begin = time.process_time()
    done = code(path, tmp_path / "o.csv")
    assert time.process_time() - begin < 15
    assert (done.texts, done.characters, done.partitions) == (1, 999 * 50_000 + len(TOLL), 50)
    found = table(tmp_path / "o.csv")
    place = 999 * 50_000 + TOLL.index("toll")
    assert [words.split("; ")[-1] for words in found["words"]] == [f"{place}-{place + 4} toll"]
    assert list(found["passage"]) == ["p50"]


# --- partitions and outputs --------------------------------------------------------------------------------------------


def test_partitions_are_cut_by_the_amount_of_text(tmp_path):
    inputs = Inputs(jsonl(tmp_path / "j.jsonl", ({"text": "x" * 900} for _ in range(25))))
    found = list(batch.partitions(inputs, 0.01))
    assert [len(items) for items, _ in found] == [10, 10, 5]
    assert sum(read for _, read in found) == inputs.size == (tmp_path / "j.jsonl").stat().st_size
    assert list(batch.partitions(Inputs(write(tmp_path / "e.csv", "text\n")))) == [([], 5)]


def test_csv_parquet_and_a_folder_hold_the_same_rows_and_the_same_bytes_each_time(tmp_path, monkeypatch):
    source = corpus(tmp_path / "j.jsonl", 40)
    monkeypatch.setattr(parts, "ROW_GROUP", 20)
    contents = []
    for _ in range(2):
        for name in ("o.csv", "o.parquet", "o"):
            done = code(source, tmp_path / name, partition=0.002)
        assert (done.texts, done.proposals, done.skipped, done.kept) == (40, 40 * EACH, [], 0)
        paths = [tmp_path / "o.csv", tmp_path / "o.parquet", *sorted((tmp_path / "o").iterdir())]
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]
    assert len(paths) - 2 == done.partitions > 3
    rows = table(tmp_path / "o.csv")
    assert rows.equals(table(tmp_path / "o.parquet"))
    assert rows.equals(table(tmp_path / "o"))
    assert list(rows.columns) == PROPOSED
    from pyarrow import parquet

    file = parquet.ParquetFile(tmp_path / "o.parquet")
    assert {str(kind) for kind in file.schema_arrow.types} == {"string"}
    groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    assert 1 < len(groups) < done.partitions
    assert min(groups[:-1]) >= 20
    assert left(tmp_path) == []


def test_no_text_at_all_is_a_table_without_rows(tmp_path):
    source = write(tmp_path / "e.csv", "text\n")
    for name in ("o.csv", "o.parquet", "o"):
        assert code(source, tmp_path / name).texts == 0
        assert table(tmp_path / name).shape == (0, len(PROPOSED))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("o.xlsx", "name a .csv file, a .parquet file, or a folder"),
        ("none/o.csv", "there is no folder"),
        ("d.csv", "is a folder"),
        ("d", "is there already and holds something else"),
        ("f", "is there already and holds something else"),
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path, name, message):
    (tmp_path / "d.csv").mkdir()
    (tmp_path / "d").mkdir()
    write(tmp_path / "d" / "mine.txt", "keep")
    write(tmp_path / "f", "keep")
    with pytest.raises(StudyError, match=message):
        code(write(tmp_path / "a.txt", SALT), tmp_path / name)
    assert (tmp_path / "d" / "mine.txt").is_file()
    assert left(tmp_path) == []


def test_the_input_is_never_the_output(tmp_path):
    source = write(tmp_path / "t.csv", f"id,text\n1,{SALT}\n")
    (tmp_path / "link.csv").symlink_to(source)
    for out in (source, tmp_path / "link.csv"):
        with pytest.raises(StudyError, match="input, which would be lost"):
            code(source, out)
    assert source.read_text() == f"id,text\n1,{SALT}\n"
    assert left(tmp_path) == []


@pytest.mark.parametrize("restart", [False, True])
def test_a_work_folder_that_is_somebody_elses_is_left_alone(tmp_path, restart):
    (tmp_path / "o.parts").mkdir()
    write(tmp_path / "o.parts" / "thesis.txt", "keep")
    with pytest.raises(StudyError, match=r"o\.parts: .* holds other files \(thesis\.txt\)"):
        code(write(tmp_path / "a.txt", SALT), tmp_path / "o", restart=restart)
    assert [path.name for path in (tmp_path / "o.parts").iterdir()] == ["thesis.txt"]
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"published": "May"}, "is not EDTF"),
        ({"workers": 2, "scheduler": "tcp://127.0.0.1:1"}, "give one of the two"),
        ({"workers": -1}, "above 0"),
        ({"partition": 0.0}, "above 0"),
    ],
)
def test_wrong_options(tmp_path, options, message):
    with pytest.raises(StudyError, match=message):
        code(write(tmp_path / "a.txt", SALT), tmp_path / "o.csv", **options)


# --- the command -------------------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(app, ["code", *map(str, arguments), "--study", str(HARBOURS)])


def test_every_kind_of_file_in_one_folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.txt", SALT)
    write(folder / "b.md", f"# Osk\n\n{TOLL}")
    write(folder / "c.html", PAGE)
    write(folder / "d.pdf", pdf(PRIDE))
    write(folder / "e.csv", f"text\n{SALT}\n")
    jsonl(folder / "f.jsonl", [{"text": TOLL}])
    pd.DataFrame({"text": [PRIDE]}).to_parquet(folder / "g.parquet")
    for name in ("a", "b", "c", "d", "g"):
        write(folder / f"{name}2.{'pdf' if name == 'd' else 'parquet' if name == 'g' else 'html'}", b"\0\1")
    done = run(folder, "--out", folder / "o.csv")
    assert done.exit_code == 2
    found = motives(folder / "o.csv")
    assert list(dict.fromkeys(article for article, *_ in found)) == ["a", "b", "c", "d", "e-1", "f-1", "g-1"]
    assert {("a", "VARN", "SALT"), ("b", "OSK", "TOLL"), ("c", "VARN", "SALT"), ("c", "OSK", "TOLL")} < set(found)
    assert {("d", "VARN", "PRIDE"), ("e-1", "VARN", "SALT"), ("f-1", "OSK", "TOLL"), ("g-1", "VARN", "PRIDE")} < set(
        found
    )
    assert f"{folder / 'o.csv'}: {len(found)} proposals from 7 texts; 5 skipped" in done.output
    assert "skipped c2.html: not a page: it holds null bytes" in done.output
    # The output stands in the input's folder: the second run must not read it.
    before = (folder / "o.csv").read_bytes()
    assert "from 7 texts; 5 skipped" in run(folder, "--out", folder / "o.csv").output
    assert (folder / "o.csv").read_bytes() == before


def test_exit_status(tmp_path):
    assert run(write(tmp_path / "a.txt", SALT), "--out", tmp_path / "o.csv").exit_code == 0
    assert run(write(tmp_path / "a.txt", b""), "--out", tmp_path / "o.csv").exit_code == 2
    assert isinstance(run(tmp_path / "none", "--out", tmp_path / "o.csv").exception, StudyError)


def test_many_that_are_skipped_are_counted_and_the_first_are_listed():
    assert batch.as_lines([("a", "no")] * 20) == ["skipped a: no"] * 20
    assert batch.as_lines([("a", "no")] * 22)[20:] == ["skipped a: no"] * 2


def test_a_text_that_makes_the_coder_fail_is_skipped(tmp_path, monkeypatch):
    def failing(coder, text, *rest):
        if "bad" in text:
            raise RecursionError("too deep\nreally")
        return code_text(coder, text, *rest)

    monkeypatch.setattr(batch, "code_text", failing)
    done = code(jsonl(tmp_path / "j.jsonl", [{"text": "bad"}, {"text": SALT}]), tmp_path / "o.csv")
    assert done.skipped == [("j.jsonl, line 1", "could not be coded: RecursionError: too deep")]
    assert (done.texts, done.proposals) == (1, 1)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_texts_are_coded_or_skipped(tmp_path_factory, given_):
    folder = tmp_path_factory.mktemp("any")
    done = code(jsonl(folder / "j.jsonl", ({"text": f"{text} {SALT}"} for text in given_)), folder / "o.parquet")
    assert done.texts + len(done.skipped) == len(given_)
    assert all("null bytes" in reason for _, reason in done.skipped)
    for row in table(folder / "o.parquet").itertuples():
        text = f"{given_[int(row.article.split('-')[1]) - 1]} {SALT}"
        assert " ".join(text[int(row.original_start) : int(row.original_end)].split()) == row.quote


def test_progress_says_how_much_how_fast_and_how_long(capsys):
    now = [0.0]
    with batch._Total(4_000_000, lambda: now[0]) as total:
        for number, (second, kept) in enumerate([(10, True), (50, False), (60, False), (100, False)]):
            now[0] = second
            total.add(number, parts.Facts(1, 2, 3, 1_000_000, (), ""), kept=kept)
    assert capsys.readouterr().err.splitlines() == [
        "2.0 of 4.0 MB, 0.02 MB/s, 2 min left, 2 partitions done (1 of them earlier)",
        "4.0 of 4.0 MB, 0.03 MB/s, 2 min, 4 partitions done (1 of them earlier)",
        "4.0 of 4.0 MB, 0.03 MB/s, 2 min, 4 partitions done (1 of them earlier)",
    ]


# --- interrupted, and gone on with -------------------------------------------------------------------------------------


def finished(out: Path) -> dict[str, int]:
    """Partitions that are done, with the identity of their files."""
    folder = out.with_name(out.name + ".parts")
    return {path.name: path.with_suffix(".parquet").stat().st_ino for path in folder.glob("part-*.json")}


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def stop_after(monkeypatch, number: int) -> None:
    """Make coding fail at the partition of that number."""
    original = batch.code_partition
    calls = iter(range(1000))

    def stopping(*arguments):
        if next(calls) == number:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(batch, "code_partition", stopping)


def test_a_command_that_was_killed_goes_on(tmp_path):
    source, out = corpus(tmp_path / "j.jsonl", 800), tmp_path / "o.parquet"
    command = [
        sys.executable,
        "-m",
        "claimtrace",
        "code",
        source,
        "--out",
        out,
        "--study",
        HARBOURS,
        "--partition",
        "0.01",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: len(finished(out)) >= 3)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not out.exists()
    kept = finished(out)
    done = code(source, out, partition=0.01)
    assert done.kept == len(kept) < done.partitions
    assert (done.texts, done.proposals) == (800, 800 * EACH)
    code(source, tmp_path / "fresh.parquet", partition=0.01)
    assert out.read_bytes() == (tmp_path / "fresh.parquet").read_bytes()
    assert left(tmp_path) == []


def test_finished_partitions_are_kept_and_damaged_ones_done_again(tmp_path, monkeypatch):
    source, out = corpus(tmp_path / "j.jsonl", 100), tmp_path / "o.csv"
    with monkeypatch.context() as patch:
        stop_after(patch, 4)
        assert run(source, "--out", out, "--partition", 0.002).exit_code == 130
    before = finished(out)
    assert len(before) == 4
    work = tmp_path / "o.csv.parts"
    write(work / "part-000001.parquet", (work / "part-000001.parquet").read_bytes()[:-1])
    write(work / "part-000002.json", "{")
    with monkeypatch.context() as patch:
        stop_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            code(source, out, partition=0.002)
    after = finished(out)
    assert {name: after[name] == before[name] for name in before} == {
        "part-000000.json": True, "part-000001.json": False, "part-000002.json": False, "part-000003.json": True,
    }  # fmt: skip
    assert code(source, out, partition=0.002).kept == 4
    code(source, tmp_path / "fresh.csv")
    assert out.read_bytes() == (tmp_path / "fresh.csv").read_bytes()


@pytest.mark.parametrize("other", ["input", "rules", "partition", "column"])
def test_partitions_of_another_run_are_refused(tmp_path, monkeypatch, harbours, other):
    source, out = corpus(tmp_path / "j.jsonl", 20), tmp_path / "o.csv"
    options = {"partition": 0.002, "column": "text"}
    with monkeypatch.context() as patch:
        stop_after(patch, 1)
        with pytest.raises(KeyboardInterrupt):
            batch.code(source, out, harbours.root, **options)
    if other == "input":
        corpus(source, 21)
    elif other == "rules":
        path = harbours.root / "codebook" / "indicators.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("pride, glory", "pride"), encoding="utf-8")
    else:
        options |= {"partition": 0.003} if other == "partition" else {"column": "id"}
    with pytest.raises(StudyError, match=rf"another run \({other} differ\); --restart begins anew"):
        batch.code(source, out, harbours.root, **options)
    assert batch.code(source, out, harbours.root, restart=True, **options).kept == 0
    assert out.is_file()
    assert left(tmp_path) == []


def test_two_commands_do_not_share_a_work_folder(tmp_path):
    source, out = corpus(tmp_path / "j.jsonl", 2), tmp_path / "o.csv"
    held = parts.Work(out, {})
    with pytest.raises(StudyError, match="another claimtrace is at work on it"):
        code(source, out)
    held.close()
    assert code(source, out).texts == 2


def test_an_input_that_changes_meanwhile_is_an_error(tmp_path, monkeypatch):
    source, original = corpus(tmp_path / "j.jsonl", 2), batch.code_partition

    def changing(*arguments):
        with source.open("a") as handle:
            handle.write("\n")
        return original(*arguments)

    monkeypatch.setattr(batch, "code_partition", changing)
    with pytest.raises(StudyError, match="changed while it was coded"):
        code(source, tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


# --- other processes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Asia/Kathmandu"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    ],
)
def test_hash_seed_locale_and_time_zone_change_no_byte(tmp_path, setting):
    folder = tmp_path / "ïn"
    folder.mkdir()
    write(folder / "á.txt", f"{SALT} Ís it? {TOLL}")
    write(folder / "İ.html", PAGE)
    write(folder / "z.txt", b"")
    command = [sys.executable, "-m", "claimtrace", "code", folder, "--out", tmp_path / "o", "--study", HARBOURS]
    done = subprocess.run(command, env=os.environ | setting, capture_output=True)
    assert done.returncode == 2, done.stderr
    assert b" proposals from 2 texts; 1 skipped" in done.stdout
    code(folder, tmp_path / "here")
    assert (tmp_path / "o" / "part-000000.parquet").read_bytes() == (
        tmp_path / "here" / "part-000000.parquet"
    ).read_bytes()


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes of Dask."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as two:
        yield two


def test_a_worker_killed_midway_costs_its_partition_only(tmp_path, cluster):
    source, out = corpus(tmp_path / "j.jsonl", 800), tmp_path / "o.csv"
    workers = {nanny.pid for nanny in cluster.workers.values()}
    assert len(workers) == 2
    victim, killed = min(workers), []

    def kill():
        wait_for(lambda: len(finished(out)) >= 2)
        os.kill(victim, signal.SIGKILL)
        killed.append(len(finished(out)))

    killer = threading.Thread(target=kill)
    killer.start()
    done = code(source, out, scheduler=cluster.scheduler_address, partition=0.01)
    killer.join()
    assert killed[0] < done.partitions - 5
    assert (done.texts, done.proposals, done.skipped, done.kept) == (800, 800 * EACH, [], 0)
    code(source, tmp_path / "one.csv", partition=0.01)
    assert out.read_bytes() == (tmp_path / "one.csv").read_bytes()
    wait_for(lambda: len({nanny.pid for nanny in cluster.workers.values()} - {victim, None}) == 2)


def test_workers_skip_what_one_process_skips_in_the_same_order(tmp_path, cluster):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(12):
        write(folder / f"{number:02d}.html", [PAGE, b"\0", "<nav>"][number % 3])
    there = code(folder, tmp_path / "o", scheduler=cluster.scheduler_address, partition=0.001)
    here = code(folder, tmp_path / "p", partition=0.001)
    assert there == here
    assert [place for place, _ in here.skipped] == [f"{n:02d}.html" for n in range(12) if n % 3]
    assert [p.read_bytes() for p in sorted((tmp_path / "o").iterdir())] == [
        p.read_bytes() for p in sorted((tmp_path / "p").iterdir())
    ]


def test_workers_with_other_rules_are_refused(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(batch, "__version__", "0.0.0")
    with pytest.raises(StudyError, match="a worker has another version of claimtrace"):
        code(corpus(tmp_path / "j.jsonl", 2), tmp_path / "o.csv", scheduler=cluster.scheduler_address)
    assert left(tmp_path) == []


def test_workers_on_this_machine(tmp_path):
    source = corpus(tmp_path / "j.jsonl", 60)
    there = code(source, tmp_path / "o.csv", workers=1, partition=0.01)
    assert there == code(source, tmp_path / "p.csv", partition=0.01)
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "p.csv").read_bytes()


def test_a_scheduler_that_is_not_there(tmp_path, monkeypatch):
    from claimtrace import cluster as module

    monkeypatch.setattr(module, "PATIENCE", 1)
    with pytest.raises(StudyError, match=r"--scheduler tcp://127.0.0.1:9: cannot be reached"):
        code(write(tmp_path / "a.txt", SALT), tmp_path / "o.csv", scheduler="tcp://127.0.0.1:9")


def test_one_process_needs_no_dask(tmp_path, monkeypatch):
    for name in ("dask", "distributed"):
        monkeypatch.setitem(sys.modules, name, None)
    source = write(tmp_path / "a.txt", SALT)
    assert code(source, tmp_path / "o.csv").texts == 1
    with pytest.raises(StudyError, match="need the package distributed"):
        code(source, tmp_path / "p.csv", workers=2)


def test_a_file_of_the_folder_that_is_read_is_no_place_for_the_output(tmp_path):
    """What an earlier run wrote there is."""
    folder = tmp_path / "texts"
    folder.mkdir()
    write(folder / "a.txt", "Osk wants a toll.")
    own = write(folder / "notes.csv", "id,text\nb,Varn waits.\n")
    with pytest.raises(StudyError, match=r"notes\.csv: is an input, which would be lost"):
        code(folder, own)
    assert own.read_text(encoding="utf-8").startswith("id,text")
    for name in ("out.csv", "out.parquet"):
        code(folder, folder / name)
        assert parts.written_here(folder / name)
        code(folder, folder / name, restart=True)
