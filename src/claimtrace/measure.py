"""The rule coder against the coders: precision, recall, F1, with intervals that resample articles; errors by kind.

The truth is the adjudicated coding. A pair is an actor and a motive, rolled up, each once in its unit (a sentence, a passage
or an article); intervals are those of a percentile bootstrap over articles, as in :mod:`claimtrace.uncertainty`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from claimtrace.agreement import motive_pairs
from claimtrace.claims import split_cell
from claimtrace.rules.coder import PROPOSED, code_text
from claimtrace.rules.editions import sentences
from claimtrace.rules.points import indicators
from claimtrace.rules.rulebook import Rulebook
from claimtrace.rules.sentence import Context, Sentence
from claimtrace.study import Study

UNITS = ("sentence", "passage", "article")
PAIR = ["article", "sentence", "actor", "motive"]
SEED = 20
#: Variables compared value by value, in the order in which they are shown, and which claims have them.
VARIABLES = [
    "claim_type", "subject", "target", "scope", "motive", "motive_polarity", "voice", "strength", "event_type", "factuality_source",
    "factuality_author", "claimant", "attribution", "event_time", "period", "quantity_value",
]  # fmt: skip


def dictionary(rules: Rulebook, study: Study, edition: str, originals=None) -> pd.DataFrame:
    """The plain dictionary: every actor of a sentence has every motive of which the sentence holds a word.

    Returns:
        article, sentence, actor, motive.
    """
    rows = set()
    for row in sentences(study, edition, originals).itertuples():
        sentence = Sentence(row.source, row.start, row.end, rules, Context(), "")
        for hit in indicators(sentence):
            rows |= {(row.article, row.sentence, actor, str(hit.value)) for actor in _named(sentence)}
    return pd.DataFrame(sorted(rows), columns=PAIR)


def regression(rules: Rulebook, study: Study, edition: str, truth: pd.DataFrame, originals=None) -> pd.DataFrame:
    """A learner that knows no rules: each motive by a logistic regression on the TF-IDF of words and pairs of words.

    Every article is coded by what was learnt from the others. The actors that a sentence names have the motives that are found in it.

    Args:
        truth: article, sentence, actor, motive: what is learnt from.

    Returns:
        article, sentence, actor, motive.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    table = sentences(study, edition, originals)
    texts = [row.source[row.start : row.end] for row in table.itertuples()]
    named = [_named(Sentence(row.source, row.start, row.end, rules, Context(), "")) for row in table.itertuples()]
    keys = list(zip(table["article"], table["sentence"], strict=True))
    coded = truth.groupby(["article", "sentence"])["motive"].agg(set).to_dict()
    rows = set()
    for article in study.articles["slug"]:
        held = (table["article"] == article).to_numpy()
        if held.all() or not held.any():
            continue
        weights = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        learnt = weights.fit_transform([text for text, out in zip(texts, held, strict=True) if not out])
        asked = weights.transform([text for text, out in zip(texts, held, strict=True) if out])
        places = [number for number, out in enumerate(held) if out]
        for motive in sorted(set(truth["motive"])):
            known = np.array([motive in coded.get(key, ()) for key, out in zip(keys, held, strict=True) if not out])
            if known.sum() < 2:
                continue
            model = LogisticRegression(class_weight="balanced", max_iter=500).fit(learnt, known)
            for number, found in zip(places, model.predict(asked), strict=True):
                if found:
                    rows |= {(*keys[number], actor, motive) for actor in named[number]}
    return pd.DataFrame(sorted(rows), columns=PAIR)


def _named(sentence: Sentence) -> set[str]:
    return {sentence.rules.book.roll_up(actor) for holder in sentence.named for actor in holder.actors}


def passages(coder, folder: Path) -> pd.DataFrame:
    """Proposals for the texts of a folder, of which each is an article of the file's name: columns :data:`PROPOSED`."""
    rows = [
        row
        for path in sorted(folder.glob("*.txt"))
        for row in code_text(coder, path.read_text(encoding="utf-8"), path.stem)
    ]
    return pd.DataFrame(rows, columns=PROPOSED)


def worth(proposed: pd.DataFrame, least: int) -> pd.DataFrame:
    """Proposals of motives with at least so many points."""
    return proposed[pd.to_numeric(proposed["points"]).ge(least)]


def coded_pairs(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Pairs of a table of codes with ``;`` between subjects, actors rolled up: article, sentence, actor, motive; each once."""
    held = table[table["motive"] != ""].assign(actor=lambda rows: rows["subject"].map(split_cell)).explode("actor")
    held = held[held["actor"].isin(study.codebook.actors)]
    held["actor"] = held["actor"].map(study.codebook.roll_up)
    return held[PAIR].drop_duplicates().sort_values(PAIR, ignore_index=True)


def beside(proposed: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    """What coders and rules say of the same sentences, motive by motive.

    Args:
        proposed, coded: proposals and claims; sentences have the same names in both.

    Returns:
        sentence, subject, motive, coders (ids of their claims), rules (which ones, with their points); in the order of
        the sentences, what both say and what one of them says; an empty cell means that the other alone says it.
    """
    unit = ["sentence", "subject", "motive"]

    def each(table: pd.DataFrame, name: str, says: pd.Series) -> pd.DataFrame:
        held = table.assign(**{name: says})[table["motive"] != ""]
        held = held.assign(subject=held["subject"].map(split_cell)).explode("subject")
        return held.groupby(unit, sort=False)[name].agg(lambda cells: "; ".join(dict.fromkeys(cells))).reset_index()

    of_coders = each(coded, "coders", coded["claim_id"])
    of_rules = each(proposed, "rules", proposed["rule"])
    both = of_coders.merge(of_rules, on=unit, how="outer").fillna("")
    number = both["sentence"].str.extract(r"s(\d+)$", expand=False).astype(int)
    return (
        both.assign(number=number)
        .sort_values(["number", "subject", "motive"], ignore_index=True)
        .drop(columns="number")
    )


def placed(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Rows each once in their unit: the sentence, the passage that the sentence's id begins with, or the article."""
    others = [column for column in table.columns if column not in ("article", "sentence")]
    cut = {"sentence": lambda name: name, "passage": lambda name: name.split(".")[0], "article": lambda name: ""}
    return table.assign(sentence=table["sentence"].map(cut[unit]))[["article", "sentence", *others]].drop_duplicates()


def scores(
    found: pd.DataFrame, truth: pd.DataFrame, articles: list[str], unit: str = "sentence", draws: int = 400
) -> dict:
    """Precision, recall and F1 of pairs on some articles, each with a 95 % interval (NaN for one article; of few articles it is rough, as three give ten different draws).

    Args:
        found, truth: rows whose columns are compared, ``article`` and ``sentence`` among them.
        unit: one of :data:`UNITS`.
    """
    one, other = (placed(table[table["article"].isin(articles)], unit) for table in (found, truth))
    both = one.merge(other, on=list(truth.columns))
    counts = np.array([[(table["article"] == slug).sum() for table in (one, other, both)] for slug in articles])
    drawn = np.random.default_rng(SEED).multinomial(
        len(articles), np.full(len(articles), 1 / len(articles)), size=draws
    )
    result = {"proposed": int(counts[:, 0].sum()), "coded": int(counts[:, 1].sum()), "both": int(counts[:, 2].sum())}
    totals = np.vstack([counts.sum(axis=0), drawn @ counts]).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {
            "precision": totals[:, 2] / totals[:, 0],
            "recall": totals[:, 2] / totals[:, 1],
            "f1": 2 * totals[:, 2] / (totals[:, 0] + totals[:, 1]),
        }
    for name, column in values.items():
        kept = column[1:][~np.isnan(column[1:])]
        low, high = np.quantile(kept, [0.025, 0.975]) if len(kept) and len(articles) > 1 else (np.nan, np.nan)
        result |= {name: column[0], f"{name}_low": low, f"{name}_high": high}
    return result


def comparison(
    coders: dict[str, tuple[pd.DataFrame, pd.DataFrame]], sets: dict[str, list[str]], draws: int = 400
) -> pd.DataFrame:
    """Scores of several coders on several sets of articles, per sentence and per article.

    Args:
        coders: name to its pairs and the pairs taken for the truth (article, sentence, actor, motive).
        sets: name to articles.

    Returns:
        coder, articles, unit, then the output of :func:`scores`.
    """
    rows = [
        {"coder": coder, "articles": name, "unit": unit} | scores(found, truth, articles, unit, draws)
        for name, articles in sets.items()
        for unit in UNITS
        for coder, (found, truth) in coders.items()
    ]
    return pd.DataFrame(rows)


def values(table: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Which values of a variable a sentence holds: article, sentence, value; each once.

    Of a chain of claimants the author, who begins each, is a value only where nobody else speaks.
    """
    cells = table[variable].map(split_cell)
    if variable == "claimant":
        cells = cells.map(lambda chain: chain[1:] or chain)
    held = table[["article", "sentence"]].assign(value=cells).explode("value").dropna()
    return held.drop_duplicates().sort_values(["article", "sentence", "value"], ignore_index=True)


def by_variable(found: pd.DataFrame, truth: pd.DataFrame, sets: dict[str, list[str]], draws: int = 400) -> pd.DataFrame:
    """Scores of every variable, sentence by sentence: articles, variable, then the output of :func:`scores`.

    Where a sentence holds a claim in either coding, the values of its claims are compared as a set; which claim has which
    value is not asked.
    """
    rows = [
        {"articles": name, "variable": variable}
        | scores(values(found, variable), values(truth, variable), articles, "sentence", draws)
        for name, articles in sets.items()
        for variable in VARIABLES
    ]
    return pd.DataFrame(rows)


#: Kinds of error, the first that applies first.
KINDS = [
    "same motive, another actor",
    "same actor, another motive",
    "another actor and motive",
    "no pair on the other side",
]


def errors(found: pd.DataFrame, truth: pd.DataFrame, study: Study, sets: dict[str, list[str]]) -> pd.DataFrame:
    """Pairs that only one side has, by kind.

    Args:
        found, truth: proposals and claims.

    Returns:
        articles, side (proposed only, coded only), kind, article, sentence, actor, motive, rule (of a proposal), claim_ids
        (claims of the sentence that hold a motive); sorted.
    """
    pairs = {"proposed only": motive_pairs(found, study), "coded only": motive_pairs(truth, study)}
    sides = {side: set(table.itertuples(index=False, name=None)) for side, table in pairs.items()}
    rules = {}
    for row in found[found["motive"] != ""].itertuples():
        for actor in split_cell(row.subject):
            rules.setdefault((row.article, row.sentence, study.codebook.roll_up(actor), row.motive), row.rule)
    held = truth[truth["motive"] != ""].groupby(["article", "sentence"])["claim_id"].agg(";".join)
    rows = []
    for side, other in (("proposed only", "coded only"), ("coded only", "proposed only")):
        there: dict[tuple, list[tuple]] = {}
        for pair in sorted(sides[other]):
            there.setdefault(pair[:2], []).append(pair)
        for pair in sorted(sides[side] - sides[other]):
            facing = there.get(pair[:2], [])
            applies = (
                any(item[3] == pair[3] for item in facing),
                any(item[2] == pair[2] for item in facing),
                bool(facing),
                True,
            )
            kind = KINDS[applies.index(True)]
            rows.append((side, kind, *pair, rules.get(pair, ""), held.get(pair[:2], "")))
    table = pd.DataFrame(rows, columns=["side", "kind", *PAIR, "rule", "claim_ids"])
    where = {article: name for name, articles in sets.items() for article in articles}
    table.insert(0, "articles", table["article"].map(where))
    return table.dropna(subset=["articles"]).sort_values(["articles", "side", "kind", *PAIR], ignore_index=True)
