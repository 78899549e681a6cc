import re
from itertools import pairwise

import pytest
from conftest import HARBOURS
from hypothesis import given
from hypothesis import strategies as st

from claimtrace import corpus
from claimtrace.errors import StudyError
from claimtrace.schema import package
from claimtrace.study import Study


def test_blocks_are_told_apart_by_kind_and_numbered_within_it():
    text = "Head\n\nOne.\n  Two.  \nPhoto\nEnd.\nnot of this article"
    found = corpus.blocks(text, 1, 6, {"title": [1], "caption": [5]})
    assert [(b.passage, b.kind, text[b.start : b.end]) for b in found] == [
        ("t01", "title", "Head"),
        ("p01", "body", "One."),
        ("p02", "body", "Two."),
        ("c01", "caption", "Photo"),
        ("p03", "body", "End."),
    ]


def test_a_broken_paragraph_is_joined():
    text = "It was\n\nbroken. Then whole.\nNext."
    found = corpus.blocks(text, 1, 4, {"join": [[1, 3]]})
    assert [text[b.start : b.end] for b in found] == ["It was\n\nbroken. Then whole.", "Next."]
    spans = corpus.sentence_spans(text, found[0].start, found[0].end, "en")
    assert [text[a:b] for a, b in spans] == ["It was\n\nbroken.", "Then whole."]


@pytest.mark.parametrize("join", [[3, 1], [3, 3]])
def test_a_later_line_is_not_joined_to_an_earlier_one(join):
    with pytest.raises(StudyError, match=rf"at join: value \[3, {join[1]}\]: must name the earlier line first"):
        corpus.blocks("It was\n\nbroken.", 1, 3, {"join": [join]})


def test_the_splitter_can_be_overruled():
    text = "He said: “Go. Now.” They went."
    assert [text[a:b] for a, b in corpus.sentence_spans(text, 0, len(text), "en")] == [
        "He said: “Go. Now.”",
        "They went.",
    ]
    assert [text[a:b] for a, b in corpus.sentence_spans(text, 0, len(text), "en", split=(13,))] == [
        "He said: “Go.",
        "Now.”",
        "They went.",
    ]
    assert len(corpus.sentence_spans(text, 0, len(text), "en", merge=(19,))) == 1


@given(st.text(max_size=300))
def test_sentences_cover_everything_but_white_space(text):
    spans = corpus.sentence_spans(text, 0, len(text), "en")
    covered = [text[a:b] for a, b in spans]
    assert "".join("".join(covered).split()) == "".join(text.split())
    assert all(piece and piece == piece.strip() for piece in covered)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_the_index_of_the_invented_study(harbours):
    table = corpus.index_sentences(harbours, harbours.originals)
    stored = harbours.sentences
    assert table.equals(stored)
    assert list(table[table["article"] == "ledger-1704"]["sentence"]) == ["t01.s1", "p01.s1", "p01.s2", "n01.s1"]


def test_sentences_of_an_original_that_is_not_there_are_kept(harbours):
    (harbours.originals / "one.txt").unlink()
    assert corpus.without_original(harbours, harbours.originals) == list(
        harbours.articles.query("original_file == 'one.txt'")["slug"]
    )
    assert corpus.index_sentences(harbours, harbours.originals).equals(harbours.sentences)
    table = harbours.sentences
    missing = str(harbours.articles.query("original_file == 'one.txt'")["slug"].iloc[0])
    table[table["article"] != missing].to_csv(harbours.root / "sentences.csv", index=False)
    with pytest.raises(StudyError, match=r"one\.txt"):
        corpus.index_sentences(Study(harbours.root), harbours.originals)


def test_an_empty_folder_of_originals_keeps_nothing(harbours, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(StudyError, match=r"\.txt"):
        corpus.index_sentences(harbours, tmp_path / "none")


def test_the_index_is_what_the_originals_give(real, originals):
    assert corpus.index_sentences(real, originals).equals(real.sentences)


def test_a_footnote_has_the_id_of_its_number(real, originals):
    text = corpus.read_original(originals / real.articles.set_index("slug").loc["pagano-2022", "original_file"])
    notes = real.sentences[(real.sentences["article"] == "pagano-2022") & (real.sentences["kind"] == "note")]
    for row in notes[notes["sentence"].str.endswith(".s1")].itertuples():
        assert text[row.start : row.end].startswith(f"[{int(row.passage[1:])}]")


def test_both_editions_share_their_passage_ids(harbours):
    digest, original = (corpus.passages(harbours, edition) for edition in corpus.EDITIONS)
    merged = digest.merge(original, on=["article", "passage"], suffixes=("_digest", "_original"))
    assert len(merged) == len(digest) == 4
    assert merged["kind_digest"].equals(merged["kind_original"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no marks at all", "no passage found"),
        ("[p01] one\n\n[p01] two", r"\[p01\] occurs twice"),
    ],
)
def test_a_bad_digest_is_refused(tmp_path, content, message):
    (tmp_path / "x.md").write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        corpus.read_digest(tmp_path / "x.md")


def test_an_original_of_another_version_is_refused(harbours):
    path = harbours.originals / "one.txt"
    path.write_text(path.read_text(encoding="utf-8") + " More.", encoding="utf-8")
    with pytest.raises(StudyError, match=r"one\.txt: SHA-256"):
        corpus.passages(harbours, "original")


def test_a_missing_original_says_what_to_do(harbours):
    (harbours.originals / "two.txt").unlink()
    with pytest.raises(StudyError, match="data/raw/original"):
        corpus.passages(harbours, "original")


def test_an_unknown_edition_lists_the_editions(harbours):
    with pytest.raises(StudyError, match="digest, original"):
        corpus.passages(harbours, "both")


def test_an_article_may_have_more_than_99_paragraphs():
    text = "".join(f"Line {n} is here.\n" for n in range(1, 121))
    found = corpus.blocks(text, 1, 120, {})
    assert [found[98].passage, found[99].passage, found[-1].passage] == ["p99", "p100", "p120"]
    pattern = next(field for field in package_fields("sentences.csv") if field["name"] == "sentence")["constraints"][
        "pattern"
    ]
    assert re.fullmatch(pattern, "p120.s1")
    assert not re.fullmatch(pattern, "p1.s1")


def package_fields(path):
    return next(entry for entry in package(Study(HARBOURS))["resources"] if entry["path"] == path)["schema"]["fields"]
