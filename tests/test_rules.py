"""The rule coder: each rule by itself, the rules together, and the command that runs them on any text."""

import csv
import json
import re

import pandas as pd
import pytest
from conftest import HARBOURS, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from claimtrace import check, claims, measure
from claimtrace.cli import app
from claimtrace.errors import StudyError
from claimtrace.readers import Skipped, documents, slug
from claimtrace.rules import PROPOSED, Coder, Rulebook, code_study, table
from claimtrace.rules import code_text as code_rows
from claimtrace.rules.coder import cut
from claimtrace.rules.editions import in_edition
from claimtrace.rules.lexicon import Lexicon, longest
from claimtrace.rules.qualify import times
from claimtrace.rules.rulebook import general
from claimtrace.study import Study

HARBOUR = Coder(Rulebook(Study(HARBOURS)))
REAL = Coder(Rulebook(Study(ROOT / "data")))
pytestmark = pytest.mark.skipif(REAL.rules.study.focus != "TAL", reason="data/ holds another study")


def code_text(coder, *arguments):
    return table(code_rows(coder, *arguments))


def pairs(text, published="2020-06-01", coder=REAL):
    found = code_text(coder, text, "x", published)
    return {(a, row.motive) for row in found[found["motive"] != ""].itertuples() for a in row.subject.split(";")}


def first(text, published="2020-06-01", motive=True):
    found = code_text(REAL, text, "x", published)
    return found[(found["motive"] != "") == motive].iloc[0]


# --- toward whom, and whether it speaks for dealing -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "target", "direction", "scope"),
    [
        ("China deals with the Taliban in order to protect its investments.", "MOTIVE", "TAL", "drive", "TALIBAN"),
        ("Uzbekistan talks to the Taliban because it wants a railway.", "INTEREST", "TAL", "drive", "TALIBAN"),
        ("Tehran also wants access to Afghan markets.", "INTEREST", "", "unclear", "THEATRE"),
        ("Russia wants the Taliban to fight IS-K.", "DEMAND", "TAL", "brake", "TALIBAN"),
        ("The Taliban want recognition.", "INTEREST", "", "unclear", "TALIBAN"),
    ],
)
def test_a_motive_is_held_toward_the_focal_actor_where_the_sentence_names_it(text, kind, target, direction, scope):
    found = first(text)
    assert (found["claim_type"], found["target"], found["motive_polarity"], found["scope"]) == (
        kind,
        target,
        direction,
        scope,
    )


# --- phrases ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("peace talks", "the Peace Talks began", ["Peace Talks"]),
        ("militan* group|network*", "militant networks", ["militant networks"]),
        ("end ..2 war", "end the long war", ["end the long war"]),
        ("end ..2 war", "end a very old and cruel war", []),
        ("end war", "end its war", ["end its war"]),
        ("war end", "end war", []),
        ("rail", "derailed railways", []),
        ("women rights", "women’s rights", ["women’s rights"]),
    ],
)
def test_phrases(phrase, text, found):
    scan = Lexicon({"a": [(phrase, 1)]}, ["the", "its"]).scan(text)
    assert [text[scan.starts[hit.start] : scan.ends[hit.end - 1]] for hit in scan.of("a")] == found


@pytest.mark.parametrize("phrase", ["", ".. war", "war ..", "a*", "*", "war ..x end"])
def test_a_malformed_phrase_is_refused(phrase):
    with pytest.raises(StudyError, match="phrase"):
        Lexicon({"a": [(phrase, 1)]})


def test_of_hits_that_share_a_word_the_longest_is_kept():
    scan = Lexicon({"a": [("to", 1), ("in order to", 2)]}).scan("in order to win")
    assert [hit.phrase for hit in longest(scan.of("a"))] == ["in order to"]


# --- actors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day", "actors"),
    [
        ("Islamic State-Khorasan struck", "2020", ["ISK"]),
        ("the Islamic State struck", "2020", ["IS"]),
        ("Tehrik-i-Taliban Pakistan struck", "2020", ["TTP"]),
        ("the Indian Ocean is wide", "2020", []),
        ("Iranians, Irani and Iranian", "2020", ["IRN", "IRN"]),
        ("Kabul decided", "2010", ["AFGR"]),
        ("Kabul decided", "2023", ["TAL"]),
        ("Kabul decided", "1999", ["TAL"]),
        ("Moscow decided", "1985", ["SUN"]),
        ("Moscow decided", "", ["RUS"]),
        ("the anti-Taliban front", "2020", []),
        ("US$ 5", "2020", []),
        ("it is and us", "2020", []),
        ("U.S. troops", "2020", ["USA"]),
        ("Refugees fled", "2020", ["REFUGEES"]),
        ("in Pakistan’s military", "2020", ["PAK_MIL"]),
    ],
)
def test_aliases(text, day, actors):
    scan = REAL.rules.lexicon.scan(text, day=day)
    assert [actor for word in scan.words for actor in word.actors] == actors
    assert [scan.words[place].actors[0] for place in scan.mentions] == actors


# --- constructions: one invented sentence each ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iran seeks to curb the flow of narcotics.", {("IRN", "BORDER")}),  # wants
        ("Uzbekistan and Kazakhstan hope for new trade routes.", {("UZB", "CORRIDOR"), ("KAZ", "CORRIDOR")}),  # lists
        ("Stability is a key goal for India.", {("IND", "STABILITY")}),  # wants_for
        ("Russia is worried about IS-K.", {("RUS", "ISK")}),  # fears
        ("The growth of the TTP is a matter of concern for China.", {("CHN", "MILITANTS")}),  # fears_for
        ("The growth of IS-K alarmed Iran.", {("IRN", "ISK")}),  # worries
        ("Iran sees the Taliban as a lesser evil.", {("IRN", "HEDGE")}),  # sees_as
        ("China talks to the Taliban because of its fear of terrorism.", {("CHN", "MILITANTS")}),  # caused_by
        ("Fear of IS-K drives Russia into the arms of the Taliban.", {("RUS", "ISK")}),  # drives
        ("Qatar hosted the Taliban in order to restart the peace process.", {("QAT", "SETTLEMENT")}),  # purpose
        ("The Taliban demanded the withdrawal of foreign troops.", {("TAL", "ANTIWEST")}),  # demands
        (
            "China’s priority is the safety of its workers and the security of its projects.",
            {("CHN", "ASSETS")},
        ),  # owned
        ("Russia met the Taliban. It fears IS-K.", {("RUS", "ISK")}),  # pronoun
        ("Russia, which fears IS-K, met the Taliban.", {("RUS", "ISK")}),  # relative
    ],
)
def test_constructions(text, expected):
    assert expected <= pairs(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Taliban took Kunduz.",
        "China is likely to build railways.",
        "The Indian Ocean is known for its trade routes.",
        "",
    ],
)
def test_no_motive(text):
    assert pairs(text) == set()


def test_a_list_needs_a_conjunction():
    assert pairs("In Pakistan, Russia seeks trade.") == {("RUS", "TRADE")}


# --- qualifiers -------------------------------------------------------------------------------------------------------


def test_direction_voice_and_claimants():
    row = first("The Taliban were not interested in peace talks.")
    assert row["motive_polarity"] == "denied"
    row = first("Russian officials said that Moscow seeks to contain IS-K.")
    assert (row["voice"], row["claimant"], row["factuality_author"]) == ("SELF", "AUTHOR;RUS", "Uu")
    row = first("According to Thomas Ruttig, Iran fears IS-K.")
    assert (row["voice"], row["attribution"]) == ("REPORTED", "EXPERT")
    row = first("Iran fears IS-K.")
    assert (row["voice"], row["claimant"], row["factuality_author"]) == ("IMPUTED", "AUTHOR", "CT+")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Iran may be seeking trade.", "PS+"),
        ("Iran seems to seek trade.", "PR+"),
        ("Iran is unlikely to want trade.", "PR-"),
        ("If Iran seeks trade, it will rain.", "Uu"),
        ("In May Iran sought trade.", "CT+"),
    ],
)
def test_hedges(text, value):
    assert first(text)["factuality_source"] == value


@pytest.mark.parametrize(
    ("text", "claimants"),
    [
        ("Ruttig said that Iran fears IS-K.", "AUTHOR;RUTTIG"),
        ("Scholars say Iran fears IS-K.", "AUTHOR"),
        ("Iran fears IS-K, scholars say.", "AUTHOR"),
        ("Reuters told Iran that China fears IS-K.", "AUTHOR"),
        ("China fears IS-K, said Iran.", "AUTHOR;IRN"),
        ("Ruttig, who is old, said Iran fears IS-K.", "AUTHOR;RUTTIG"),
        ("“Iran is near,” Ruttig said of China.", "AUTHOR;RUTTIG"),
        ("China is widely believed to fear IS-K.", "AUTHOR;UNNAMED"),
        ("Iran has claimed responsibility.", "AUTHOR"),
    ],
)
def test_who_says_so(text, claimants):
    assert code_rows(REAL, text, "x", "2020")[0]["claimant"] == claimants


def test_he_who_spoke_last_goes_on():
    rows = code_rows(REAL, "Thomas Ruttig said that Iran fears IS-K. China waits, he said.", "x", "2020")
    assert [row["claimant"] for row in rows] == ["AUTHOR;RUTTIG"] * 2


def test_a_denial_and_a_negation_reach_no_further_than_their_clause():
    def values(text):
        return [row["factuality_source"] for row in code_rows(REAL, text, "x", "2020") if row["event_type"]]

    assert values("The Taliban denied that their forces had attacked Iran.") == ["CT-"]
    assert values("Although Iran has not waited, it visited Russia.") == ["CT+"]
    assert values("Iran denied this, and Russia attacked IS-K.") == ["CT+"]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("In 2021 Russia met the Taliban.", "EMIRATE2"),
        ("In August 2021 Russia met the Taliban.", "EMIRATE2"),
        ("In July 2021 Russia met the Taliban.", "INSURGENCY"),
        ("In 2001 Russia met the Taliban.", "HISTORIC"),
        ("After 9/11 Russia met the Taliban.", "HISTORIC"),
        ("After 2001 Russia met the Taliban.", "INSURGENCY"),
        ("Since 2001 Russia met the Taliban.", "EMIRATE2"),
        ("Russia met the Taliban, who will return.", "EMIRATE2"),
        ("Russia may wait.", "FUTURE"),
        # a sentence of the past lies where its passage was, one of the present where the text is
        ("In 1998 it rained. Russia met the Taliban.", "HISTORIC"),
        ("In 1998 it rained. Russia has met the Taliban.", "EMIRATE2"),
        ("In 1998 it rained.\nRussia met the Taliban.", "EMIRATE2"),
    ],
)
def test_period(text, period):
    assert code_rows(REAL, text, "x", "2023-05-01")[-1]["period"] == period


def test_a_year_that_is_not_over_when_a_text_appears_ends_there():
    assert code_rows(REAL, "In 2021 Russia met the Taliban.", "x", "2021-03-02")[0]["period"] == "INSURGENCY"


def test_the_day_on_which_something_is_said_is_not_its_date():
    (row,) = code_rows(REAL, "Iran said on Monday that it met the Taliban in May.", "x", "2023-07-05")
    assert row["event_time"] == "2023-05"


def test_acts_have_subject_target_time_and_figure():
    row = first("Russia did not meet with the Taliban in March 2019.", motive=False)
    assert (row["subject"], row["target"], row["event_type"]) == ("RUS", "TAL", "CONSULT")
    assert (row["event_time"], row["factuality_source"], row["period"]) == ("2019-03", "CT-", "INSURGENCY")
    row = first("The United States deployed more than 2,500 soldiers.", motive=False)
    assert [row[f"quantity_{part}"] for part in ("value", "unit", "approx")] == ["2500", "persons", "MIN"]


@pytest.mark.parametrize(
    ("text", "kind", "subject", "target", "words"),
    [
        ("Iran is uneasy.", "ASSESSMENT", "IRN", "", "0-4 Iran"),
        ("If Iran waits, the Taliban will return.", "CONDITION", "IRN", "TAL", "0-2 If; 3-7 Iran"),
        ("With the Taliban so far China is patient.", "ASSESSMENT", "CHN", "TAL", "24-29 China"),
        ("Near Chabahar is a beach.", "ASSESSMENT", "CHABAHAR", "", "5-13 Chabahar"),
        ("Tehran and Moscow can wait.", "CAPABILITY", "IRN;RUS", "", "0-17 Tehran and Moscow; 18-21 can"),
    ],
)
def test_a_sentence_about_an_actor_is_a_statement_where_no_other_rule_fires(text, kind, subject, target, words):
    (row,) = code_rows(REAL, text, "x", "2020")
    assert (row["claim_type"], row["subject"], row["target"], row["words"]) == (kind, subject, target, words)
    assert row["rule"].startswith(f"statement: {kind}")
    assert (row["motive"], row["event_type"], row["points"]) == ("", "", "")
    assert row["quote"] == text[:-1]


@pytest.mark.parametrize("text", ["The weather was fine.", "Russia met the Taliban.\nThe port is deep.", ""])
def test_a_sentence_without_an_actor_is_no_statement(text):
    assert [row["rule"] for row in code_rows(REAL, text, "x") if row["rule"].startswith("statement")] == []


def test_a_study_that_names_no_type_has_no_statements(harbours):
    path = harbours.root / "codebook" / "indicators.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(", statement: ASSESSMENT", ""), encoding="utf-8")
    assert code_rows(Coder(Rulebook(Study(harbours.root))), "Osk is far.", "x") == []
    assert len(code_rows(HARBOUR, "Osk is far.", "x")) == 1


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Moscow was glad.", "THIRD"),
        ("Moscow was glad in Afghanistan.", "THEATRE"),
        ("The Taliban lost Kunduz. Moscow was glad.", "TALIBAN"),
        ("The Taliban lost Kunduz. Iran, India, China and Qatar talk. Moscow was glad.", "THIRD"),
    ],
)
def test_the_focal_actor_is_the_scope_where_the_sentence_before_speaks_of_it(text, scope):
    assert code_rows(REAL, text, "x", "2020")[-1]["scope"] == scope


def test_years_and_spans_of_time_are_no_figures():
    (row,) = code_rows(REAL, "In 2018 the United States was calm.", "x", "2020")
    assert (row["event_time"], row["quantity_value"]) == ("2018", "")
    (row,) = code_rows(REAL, "Over the past ten years Iran was calm.", "x", "2020")
    assert (row["event_time"], row["quantity_value"]) == ("2010~/2020", "")
    (row,) = code_rows(REAL, "By then Iran had 2,018 soldiers.", "x", "2020")
    assert (row["event_time"], row["quantity_value"]) == ("", "2018")


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("Russia attacked IS-K.", [("RUS", "ISK", "ASSAULT")]),
        ("Iran was attacked by Islamic State-Khorasan in May.", [("ISK", "IRN", "ASSAULT")]),
        ("The attack by the Taliban was brief.", [("TAL", "", "ASSAULT")]),
        ("The withdrawal of NATO from the country was slow.", [("NATO", "", "RETREAT")]),
        ("China plans to build a railway.", [("CHN", "", "AGREE")]),
        ("China has hostile and fundamental aims.", []),
        # nobody on the list, nobody at all
        ("The prime minister of Fiji condemned the Taliban.", [("OTHER", "TAL", "ACCUSE")]),
        ("Sirajuddin Haqqani was later killed.", [("UNNAMED", "HAQQANI_S", "ASSAULT")]),
        ("Seventeen civilians were killed, the United Nations said.", [("UNNAMED", "CIVILIANS", "ASSAULT")]),
        # the nearest subject
        ("China talked, and India quietly visited Iran.", [("IND", "IRN", "CONSULT")]),
        ("Washington attacked the Taliban, who sheltered al-Qaeda.", [("USA", "TAL", "ASSAULT"), ("TAL", "AQ", "AID")]),
        ("For their part, the Taliban attacked Iran.", [("TAL", "IRN", "ASSAULT")]),
        ("The policy of the Taliban was to attack Iran.", [("TAL", "IRN", "ASSAULT")]),
        # whose act it is, and whether it is one
        ("Pakistan accused the Taliban of harbouring the TTP.", [("PAK", "TAL", "ACCUSE"), ("TAL", "TTP", "AID")]),
        ("China ordered the Taliban to attack Iran.", []),
        ("Why did the Taliban attack Iran?", []),
        ("Iran received three jailed militants.", []),
        ("Iran released ten Taliban prisoners.", [("IRN", "PRISONERS", "RETREAT")]),
        ("Russia armed the Taliban in Iran.", [("RUS", "TAL", "AID")]),
        ("U.S. President Donald Trump met the Taliban.", [("TRUMP", "TAL", "CONSULT")]),
    ],
)
def test_who_does_what_to_whom(text, acts):
    found = code_text(REAL, text, "x", "2020")
    found = found[found["event_type"] != ""]
    assert list(found[["subject", "target", "event_type"]].itertuples(index=False, name=None)) == acts


@pytest.mark.parametrize(
    ("text", "published", "edtf"),
    [
        ("on 6 June 2015", "2020", "2015-06-06"),
        ("on February 30, 2015", "2020", "2015-02"),
        ("in June 2015", "2020", "2015-06"),
        ("in 2015", "2020", "2015"),
        ("since 2015", "2020", "2015/.."),
        ("on 24 December", "2025-02-08", "2024-12-24"),
        ("by the close of 2019", "2020", "../2019~"),
        ("towards the end of 2001", "2020", "2001~"),
        ("Early in 2020", "2020", "2020~"),
        ("in the middle of the 1990s", "2020", "199X~"),
        ("since 9/11", "2020", "2001-09-11/.."),
        ("following the attacks of 11 September", "2020", "2001-09-11/.."),
        ("in 19/11 of cases", "2020", None),
        ("on Feb. 29, 2020", "2021", "2020-02-29"),
        ("in Sept 2001", "2021", "2001-09"),
        ("in Mari", "2021", None),
        ("in mid-May", "2023-08", "2023-05~"),
        ("early May", "2023-08", "2023-05~"),
        ("since September", "2019-10", "2019-09/.."),
        ("in the '90s", "2019-10", "199X"),
        ("in the late 90s", "2019-10", "199X~"),
        ("his 90s", "2019-10", None),
        ("this month", "2021-03-04", "2021-03"),
        ("on Tuesday", "2024-05-29", "2024-05-28~"),
        ("on Wednesday", "2024-05-29", "2024-05-29~"),
        ("on Tuesday", "2024-05", None),
        ("Over the past ten years", "2020", "2010~/2020"),
        ("Two years ago", "2020", "2018~"),
        ("until 2001", "2020", "../2001"),
        ("from 1996 to 2001", "2020", "1996/2001"),
        ("in late 2015", "2020", "2015~"),
        ("in the 1990s", "2020", "199X"),
        ("on October 28", "2019-10", "2019-10-28"),
        ("on December 24", "2025-02-08", "2024-12-24"),
        ("in December", "2025-02-08", "2024-12"),
        ("last month", "2020-01-15", "2019-12~"),
        ("two years ago", "2020", "2018~"),
        ("over the past ten years", "2020", "2010~/2020"),
        ("over the past 999 decades", "2020", None),
        ("2,015 tons", "2020", None),
        ("last month", "", None),
        ("last year", "201X", None),
        ("in mid-2023", "2024", "2023~"),
        ("2022-04-16", "2024", "2022-04-16"),
        ("in 1998–99", "2024", "1998/1999"),
        ("1998-99-01", "2024", "1998"),
        ("between 5 and 9 July 2022", "2024", "2022-07-05/2022-07-09"),
        ("the 27th of May 2023", "2024", "2023-05-27"),
        ("yesterday", "2024-03-01", "2024-02-29~"),
        ("nine days ago", "2024-03-01", "2024-02-21~"),
        ("many days ago", "2024-03-01", None),
        ("last year", "[2019-05,2019-06]", None),
    ],
)
def test_times(text, published, edtf):
    found = times(text, 0, len(text), published, REAL.rules.english["numbers"], REAL.rules.dates)
    assert [when.edtf for when in found] == ([edtf] if edtf else [])
    assert all(claims.is_edtf(when.edtf) for when in found)


@pytest.mark.parametrize(
    ("text", "told", "edtf"),
    [
        ("in November of that year", "2001-10-07", ["2001-11"]),
        ("that August", "1998", ["1998-08"]),
        ("two days later", "2001-12-31", ["2002-01-02"]),
        ("two days later", "2001-12", []),
        ("six months earlier", "2001-03", ["2000-09~"]),
        ("the following year", "2001-03", ["2002"]),
        ("the same month", "2001-03", ["2001-03"]),
        ("in 1996 and, three years later, in May", "", ["1996", "1999~", "2020-05"]),
        ("in November of that year", "", []),
    ],
)
def test_times_that_are_counted_from_the_one_told_before(text, told, edtf):
    found = times(text, 0, len(text), "2020", REAL.rules.english["numbers"], told=told)
    assert [when.edtf for when in found] == edtf


def test_a_date_in_brackets_gives_way_to_another():
    text = "Omar (1960–2013) spoke in 1999"
    numbers = REAL.rules.english["numbers"]
    assert [when.edtf for when in times(text, 0, len(text), "2020", numbers)] == ["1999"]
    assert [when.edtf for when in times(text, 0, 16, "2020", numbers)] == ["1960/2013"]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("between 400 and 600 people", [("400", "600", "RANGE")]),
        ("$4.8 billion to $6 billion", [("4800000000", "6000000000", "RANGE")]),
        ("3,000 to 10,000 fighters", [("3000", "10000", "RANGE")]),
        ("400 soldiers and 600 people", [("400", "", "EXACT"), ("600", "", "EXACT")]),
        ("as many as fifteen people", [("15", "", "MAX")]),
        ("the two countries", []),
        ("two countries", [("2", "", "EXACT")]),
        ("six months later", []),
        ("six months", [("6", "", "EXACT")]),
    ],
)
def test_figures(text, figures):
    found = REAL.rules.figures.find(text, 0, len(text))
    assert [(figure.value, figure.top, figure.approx) for figure in found] == figures


def test_dollars_have_the_unit_that_the_study_gives_them():
    assert [figure.unit for figure in REAL.rules.figures.find("$300", 0, 4)] == ["USD"]
    for units, found in (({}, []), ({"crowns": ["crowns"]}, []), ({"thaler": ["dollars"]}, ["thaler"])):
        figures = type(REAL.rules.figures)(units, REAL.rules.figures.numbers, REAL.rules.figures.scales, {})
        assert [figure.unit for figure in figures.find("$300", 0, 4)] == found


# --- together ---------------------------------------------------------------------------------------------------------

_WORDS = [
    "Russia",
    "the Taliban",
    "IS-K",
    "seeks to",
    "fears",
    "because",
    "to",
    "peace",
    "and",
    ",",
    ".",
    "“",
    "said",
    "2015",
    "it",
    "\n",
]
_TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(_WORDS), max_size=40).map(" ".join))


@settings(deadline=None, max_examples=150)
@given(_TEXTS)
def test_any_text_is_coded_and_offsets_lie_in_it(text):
    table = code_text(REAL, text, "x", "2020")
    assert list(table.columns) == PROPOSED
    for row in table.itertuples():
        start, end = int(row.original_start), int(row.original_end)
        assert 0 <= start < end <= len(text)
        assert " ".join(text[start:end].split()) == row.quote
        for place in re.finditer(r"(?:^|; )(\d+)-(\d+) ", row.words):
            assert 0 <= int(place[1]) < int(place[2]) <= len(text)


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.sampled_from(["Iran fears IS-K.", "It seeks trade.", "Russia met the Taliban.", "“He said"]), max_size=4
    )
)
def test_texts_do_not_touch_one_another(texts):
    alone = [code_text(REAL, text, "x").to_csv() for text in texts]
    assert [code_text(REAL, text, "x").to_csv() for text in reversed(texts)] == alone[::-1]


def test_long_sentences_are_cut():
    text = "Russia to " * 3000
    spans = list(cut([(0, len(text))], text))
    assert max(end - start for start, end in spans) <= 2000
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == text.replace(" ", "")
    code_text(REAL, text, "x")
    code_text(REAL, "x" * 10000, "x")


def test_proposals_hold_to_the_codebook(harbours, real, originals):
    for coder, study, edition in ((HARBOUR, harbours, "original"), (REAL, real, "original")):
        table = code_study(coder, study, edition, originals if study is real else None)
        table = table.rename_axis(None)
        found = [p for p in claims.violations(table, study, "proposed") if "without a row" not in p.message]
        assert [str(problem) for problem in found[:3]] == []


def test_golden_proposals_of_the_invented_study(harbours):
    table = code_study(HARBOUR, harbours, "digest")
    shown = table[["claim_id", "claim_type", "subject", "motive", "event_type"]]
    assert list(shown.itertuples(index=False, name=None)) == [
        ("courier-1701.p01.s1.c1", "ASSESSMENT", "OSK", "", ""),
        ("courier-1701.p01.s2.c1", "INTEREST", "VARN", "TOLL", ""),
        ("courier-1701.p01.s3.c1", "ASSESSMENT", "GUILD", "", ""),
        ("gazette-1703.p01.s1.c1", "INTEREST", "VARN", "SALT", ""),
        ("gazette-1703.p01.s1.c2", "ACTION", "VARN", "", "AGREE"),
        ("gazette-1703.p02.s1.c1", "INTEREST", "OSK", "TOLL", ""),
        ("gazette-1703.p02.s2.c1", "ASSESSMENT", "OSK", "", ""),
        ("ledger-1704.p01.s1.c1", "ASSESSMENT", "VARN", "", ""),
    ]


def test_claims_of_the_digest_stand_in_the_sentence_of_their_quote(harbours):
    table = in_edition(claims.load(harbours), harbours, "digest").set_index("claim_id")
    assert table.loc["gazette-1703.p01.s2.c1", "sentence"] == "p01.s1"
    assert table.loc["gazette-1703.p02.s2.c1", "sentence"] == "p02.s2"


def test_the_author_is_a_claimant_only_where_nobody_else_speaks():
    table = pd.DataFrame(
        {"article": "a", "sentence": ["s1", "s1", "s2"], "claimant": ["AUTHOR;GUILD;OSK", "AUTHOR;OSK", "AUTHOR"]}
    )
    table = table.assign(**{name: "" for name in measure.VARIABLES if name != "claimant"})
    assert measure.values(table, "claimant").to_numpy().tolist() == [
        ["a", "s1", "GUILD"], ["a", "s1", "OSK"], ["a", "s2", "AUTHOR"],
    ]  # fmt: skip
    other = table.assign(claimant=["AUTHOR;VARN", "AUTHOR;VARN", "AUTHOR"])
    found = measure.by_variable(table, other, {"all": ["a"]}, draws=5).set_index("variable")
    assert found.loc["claimant", ["proposed", "coded", "both"]].tolist() == [3, 2, 1]


def test_errors_have_the_first_kind_that_applies(harbours):
    columns = ["sentence", "subject", "motive"]
    found = pd.DataFrame(
        [("s1", "OSK", "TOLL"), ("s2", "VARN", "SALT"), ("s3", "OSK", "TOLL"), ("s4", "OSK", "TOLL"), ("s5", "OSK", "TOLL")],
        columns=columns,
    )  # fmt: skip
    truth = pd.DataFrame(
        [("s1", "VARN", "TOLL"), ("s1", "OSK", "SALT"), ("s2", "VARN", "TOLL"), ("s3", "VARN", "SALT"), ("s5", "OSK", "TOLL")],
        columns=columns,
    )  # fmt: skip
    found, truth = found.assign(article="a", rule="r"), truth.assign(article="a", rule="")
    sides = [table.assign(claim_id=[f"c{n}" for n in range(len(table))]) for table in (found, truth)]
    table = measure.errors(*sides, harbours, {"own": ["a"]})
    told = {side: own.set_index(["sentence", "actor"])["kind"].to_dict() for side, own in table.groupby("side")}
    same_motive, same_actor, neither, alone = measure.KINDS
    assert told["proposed only"] == {
        ("s1", "OSK"): same_motive, ("s2", "VARN"): same_actor, ("s3", "OSK"): neither, ("s4", "OSK"): alone,
    }  # fmt: skip
    assert told["coded only"] == {
        ("s1", "VARN"): same_motive, ("s1", "OSK"): same_actor, ("s2", "VARN"): same_actor, ("s3", "VARN"): neither,
    }  # fmt: skip


def test_the_learner_never_learns_from_the_article_that_it_codes(harbours, monkeypatch):
    """A motive of one article alone is found in the others, and never in that one."""
    seeks, sends = "Varn seeks cheap salt.", "Osk sent an envoy home."
    told = {"courier-1701": [seeks, seeks, sends, sends], "gazette-1703": [seeks, sends], "ledger-1704": [sends, sends]}
    rows = [
        (slug, "p01", f"p01.s{n}", 0, len(text), text)
        for slug, texts in told.items()
        for n, text in enumerate(texts, 1)
    ]
    table = pd.DataFrame(rows, columns=["article", "passage", "sentence", "start", "end", "source"])
    monkeypatch.setattr(measure, "sentences", lambda *_: table)
    truth = [("courier-1701", f"p01.s{n}", "VARN", "SALT") for n in (1, 2)]
    found = measure.regression(HARBOUR.rules, harbours, "digest", pd.DataFrame(truth, columns=measure.PAIR))
    assert found.to_numpy().tolist() == [["gazette-1703", "p01.s1", "VARN", "SALT"]]


def test_scores():
    columns = ["article", "sentence", "actor", "motive"]
    truth = pd.DataFrame([("a", "s1", "X", "M"), ("b", "s1", "Y", "M")], columns=columns)
    found = pd.DataFrame([("a", "s1", "X", "M"), ("b", "s2", "Y", "M")], columns=columns)
    assert measure.scores(found, truth, ["a", "b"], "sentence", 20)["f1"] == 0.5
    assert measure.scores(found, truth, ["a", "b"], "article", 20)["f1"] == 1
    assert pd.isna(measure.scores(found, truth, ["a"], "article", 20)["f1_low"])


def test_types_of_actors_belong_to_a_study():
    """Only that an actor is the focal one means the same in every study."""
    assert [name for name in ("actor: state", "motive: X", "actor: focus", "turns: 1") if general(name)] == [
        "actor: focus",
        "turns: 1",
    ]


@pytest.mark.parametrize(
    ("published", "period"),
    [("[1701,1702-01]", "OLD"), ("../1701", "OLD"), ("1701", "OLD"), ("1799", "NEW"), ("[1799,1800]", "NEW")],
)
def test_of_several_dates_of_publication_the_last_counts(published, period):
    (row,) = code_rows(HARBOUR, "Osk is far.", "x", published)
    assert row["period"] == period


def test_points_belong_to_phrases_that_there_are():
    constructions = REAL.rules.english["constructions"].values()
    known = {f"phrase: {phrase}" for entry in constructions for phrase in entry["phrases"]}
    known |= {f"indicator: {code}: {p}" for code, phrases in REAL.rules.own["motives"].items() for p in phrases}
    named = {feature for feature in REAL.rules.points if feature.startswith(("phrase: ", "indicator: "))}
    assert len(named) > 100
    assert named <= known


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("motives:", "reasons:", "key 'motives' is missing"),
        ("  PRIDE:", "  SHAME:", "motive 'SHAME' is not in the codebook"),
        ("aliases: {OSK:", "aliases: {OSLO:", "'OSLO' is no actor"),
        ("pride, glory", "pride .., glory", "must begin and end with a word"),
        ("dates: {", "dates: [a]\nnot_holders: {", "at dates, value ['a']: must be a mapping"),
        ("[the great storm]", "the great storm", "at dates.1702-05-01, value 'the great storm': must be a list"),
        ("[the great storm]", "[]", "at dates.1702-05-01, value []: needs at least 1 items"),
        ("pride, glory]", "pride]\n  TOLL: 3 #]", "duplicate key 'TOLL'"),
        ("[pride, glory]", "3", "at motives.PRIDE, value 3: must be a list or nothing"),
        ("holders: [", "holders: 3 #", "at holders, value 3: must be a list"),
        ("author: AUTHOR, ", "", "at names: key 'author' is missing; add it"),
        ("drive: drive", "drive: push", "motive_polarity 'push' is not in the codebook"),
        ("future: NEW", "futur: NEW", "at names: key 'future' is missing"),
        ("guild: OFFICIAL_UNNAMED", "guild: OFFICIAL", "attribution 'OFFICIAL' is not in the codebook"),
        ("holders: [", "not_holders: [OSLO]\nholders: [", "at not_holders: 'OSLO' is no actor"),
        ("statement: ASSESSMENT", "statement: OPINION", "claim_type 'OPINION' is not in the codebook"),
        ('"1702-05-01": [the', '"May 1702": [the', "dates: 'May 1702' is no EDTF date"),
    ],
)
def test_a_broken_rule_file_is_one_clear_error(harbours, old, new, message):
    path = harbours.root / "codebook" / "indicators.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError, match=re.escape(message)):
        Rulebook(Study(harbours.root))
    assert message in str(check.check(Study(harbours.root))[0])


def test_nothing_of_this_study_is_in_the_library():
    names = re.compile(r"taliban|afghan|russia|moscow|iran\b|pakistan|kabul|2021|islamic", re.IGNORECASE)
    library = ROOT / "src" / "claimtrace"
    paths = [
        *sorted((library / "rules").iterdir()),
        *(library / f"{name}.py" for name in ("batch", "measure", "readers")),
    ]
    for path in [*paths, library / "exhibits" / "rules.py"]:
        assert path.is_dir() or not names.search(path.read_text(encoding="utf-8")), path


# --- the command ------------------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(app, ["code", *map(str, arguments), "--study", str(HARBOURS)])


def test_code_reads_a_folder_and_tells_what_it_skips(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes("\ufeffVarn seeks cheap salt.\r\nOsk fears a toll.\r\n".encode())
    (folder / "b.txt").write_bytes(b"")
    (folder / "c.bin").write_bytes(b"\0\1")
    (folder / "d.txt").write_bytes(b"\xff\xfe")
    (folder / "e.csv").write_text(
        "id,text,published\nx,Osk seeks glory.,1703\nx,Varn seeks salt.,\ny,,\n", encoding="utf-8"
    )
    (folder / "f.jsonl").write_text(json.dumps({"text": "Varn seeks glory."}) + "\n{\n[1]\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    done = run(folder, "--out", out)
    assert done.exit_code == 2
    with out.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [(row["article"], row["subject"], row["motive"]) for row in rows] == [
        ("a", "VARN", "SALT"),
        ("a", "OSK", "TOLL"),
        ("x", "OSK", "PRIDE"),
        ("x-2", "VARN", "SALT"),
        ("f-1", "VARN", "PRIDE"),
    ]
    assert "6 skipped" in done.output
    once = out.read_bytes()
    run(folder, "--out", out)
    assert out.read_bytes() == once
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_code_ends_well_where_nothing_is_skipped(tmp_path):
    (tmp_path / "a.txt").write_text("Varn seeks salt.", encoding="utf-8")
    assert run(tmp_path / "a.txt", "--out", tmp_path / "o.csv").exit_code == 0


def test_a_missing_input_is_one_clear_error(tmp_path):
    with pytest.raises(StudyError, match="no such file or folder"):
        list(documents(tmp_path / "none"))
    (tmp_path / "a.csv").write_text("body\nx\n", encoding="utf-8")
    assert [type(item) for item in documents(tmp_path / "a.csv")] == [Skipped]
    assert slug("Ä b.C") == "b-c"


def test_coders_and_rules_stand_beside_each_other():
    columns = ["sentence", "subject", "motive", "claim_id", "rule"]
    coded = pd.DataFrame(
        [("p01.s2", "OSK;VEL", "TRADE", "a", ""), ("p01.s2", "OSK", "TRADE", "b", ""), ("p01.s2", "OSK", "", "c", "")],
        columns=columns,
    )
    proposed = pd.DataFrame(
        [("p01.s10", "OSK", "FEAR", "", "fears = 2 points"), ("p01.s2", "VEL", "TRADE", "", "wants = 5 points")],
        columns=columns,
    )
    assert measure.beside(proposed, coded).to_numpy().tolist() == [
        ["p01.s2", "OSK", "TRADE", "a; b", ""],
        ["p01.s2", "VEL", "TRADE", "a", "wants = 5 points"],
        ["p01.s10", "OSK", "FEAR", "", "fears = 2 points"],
    ]


def test_a_motive_has_its_points_and_fewer_have_many():
    found = code_text(REAL, "Russia wants to fight ISIS-K. Iran, fearing drugs, sent envoys to Kabul. They met.", "x")
    told = found["rule"].str.extract(r"= (\d+) points$", expand=False).fillna("")
    assert found["points"].tolist() == told.tolist()
    assert set(told) > {""}
    most = max(int(cell) for cell in told if cell)
    assert measure.worth(found, most)["points"].unique().tolist() == [str(most)]
    assert measure.worth(found, most + 1).empty
