"""How far two independent codings agree: on sentences, on matched claims, on who is said to have which motive.

Alpha is Krippendorff's (Content Analysis, 4th ed. 2018, chapter 12), computed by the ``krippendorff`` library, or in closed
form where there are two coders, nominal codes and nothing missing. Intervals are percentile intervals of a two-stage
bootstrap: articles are drawn with replacement, then the sentences of each.
"""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd

from claimtrace.claims import UNIT, load_recoding, split_cell, with_list
from claimtrace.codebook import NO_CLAIM, Codebook
from claimtrace.study import Study

#: Least similarity of two claims that count as readings of the same proposition.
THRESHOLD = 0.3
#: Variables that only claims of certain types have, beside those that qualify a motive or a quantity.
DEPENDENT = ("event_type", "position")


def alpha(pairs: pd.DataFrame, scale: str = "nominal") -> float:
    """Krippendorff's alpha of two coders.

    Args:
        pairs: two columns, one a coder, one row a unit; missing values are None or NaN.
        scale: nominal, ordinal, interval or ratio; all but nominal need numbers.

    Returns:
        Alpha; NaN where fewer than two values occur, because then nothing can vary.
    """
    return _alpha(_reliability_data(pairs, scale), scale)


def _reliability_data(pairs: pd.DataFrame, scale: str) -> np.ndarray:
    """Coders by units, as numbers."""
    values = pairs.to_numpy().T
    if scale != "nominal":
        return values.astype(float)
    codes, _ = pd.factorize(values.ravel(), use_na_sentinel=True)
    return np.where(codes < 0, np.nan, codes).reshape(values.shape)


def _alpha(data: np.ndarray, scale: str) -> float:
    if len(np.unique(data[~np.isnan(data)])) < 2:
        return float("nan")
    if scale == "nominal" and len(data) == 2 and not np.isnan(data).any():
        return _nominal_alpha(data.astype(int))
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement=scale))


def _nominal_alpha(data: np.ndarray) -> float:
    """Alpha of two coders, nominal codes, nothing missing: the library's value in closed form.

    One minus observed over expected disagreement; of 2n codes, drawn in pairs without replacement, the expected share of
    unlike pairs. The library holds a table of units by codes by codes: 1 GB for a thousand units of two hundred codes.
    """
    total = data.size
    counts = np.bincount(data.ravel())
    expected = 1 - (counts * (counts - 1)).sum() / (total * (total - 1))
    return 1 - (data[0] != data[1]).mean() / expected if expected else float("nan")


def similarity(one: list[dict], other: list[dict]) -> np.ndarray:
    """Similarity of the claims of one sentence in two codings, a row a claim of one, a column a claim of the other.

    Half is the overlap of the words they point to (Dice), a quarter each that of subjects and of targets (Jaccard). No
    other variable enters, so that agreement on the others is not built in.
    """
    result = np.zeros((len(one), len(other)))
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            shared = max(0, min(a["end"], b["end"]) - max(a["start"], b["start"]))
            length = (a["end"] - a["start"]) + (b["end"] - b["start"])
            words = 2 * shared / length if length > 0 else 0.0
            actors = _jaccard(a["subject"], b["subject"]) + _jaccard(a["target"], b["target"])
            result[i, j] = 0.5 * words + 0.25 * actors
    return result


def _jaccard(one: str, other: str) -> float:
    first, second = set(split_cell(one)), set(split_cell(other))
    return len(first & second) / len(first | second) if first | second else 1.0


def match(one: pd.DataFrame, other: pd.DataFrame, threshold: float = THRESHOLD) -> pd.DataFrame:
    """Pairs of claims of two codings that read the same proposition: the best one-to-one assignment in each sentence.

    The result depends neither on the order of rows nor on which coding is named first.

    Args:
        one, other: claims (NONE left out).
        threshold: least :func:`similarity` of a pair.

    Returns:
        article, sentence, one, other (claim ids, empty where a claim has no partner), similarity; sorted.
    """
    from scipy.optimize import linear_sum_assignment  # slow to import, and few callers match

    rows = []
    sides = [_by_sentence(table) for table in (one, other)]
    for key in sorted(set(sides[0]) | set(sides[1])):
        left, right = (side.get(key, []) for side in sides)
        # Ties are broken the same way whichever coding comes first: the one whose content sorts lower gives the rows.
        turned = [_content(claim) for claim in left] > [_content(claim) for claim in right]
        a, b = (right, left) if turned else (left, right)
        scores = similarity(a, b)
        picked = zip(*linear_sum_assignment(scores, maximize=True), strict=True)
        kept = [(i, j) for i, j in picked if scores[i, j] >= threshold]
        found = [(a[i]["claim_id"], b[j]["claim_id"], scores[i, j]) for i, j in kept]
        found += [(a[i]["claim_id"], "", np.nan) for i in sorted(set(range(len(a))) - {i for i, _ in kept})]
        found += [("", b[j]["claim_id"], np.nan) for j in sorted(set(range(len(b))) - {j for _, j in kept})]
        rows += [(*key, y, x, score) if turned else (*key, x, y, score) for x, y, score in found]
    pairs = pd.DataFrame(rows, columns=["article", "sentence", "one", "other", "similarity"])
    return pairs.sort_values(["article", "sentence", "one", "other"], ignore_index=True)


def _by_sentence(table: pd.DataFrame) -> dict[tuple[str, str], list[dict]]:
    """Claims of each sentence in an order of their content, with numeric spans."""
    found: dict[tuple[str, str], list[dict]] = {}
    columns = ["claim_id", "article", "sentence", "claim_type", "subject", "target", "statement"]
    for claim in table[[*columns, "original_start", "original_end"]].to_dict("records"):
        claim |= {"start": int(claim["original_start"]), "end": int(claim["original_end"])}
        found.setdefault((claim["article"], claim["sentence"]), []).append(claim)
    return {key: sorted(claims, key=lambda c: (_content(c), c["claim_id"])) for key, claims in found.items()}


def _content(claim: dict) -> tuple:
    return tuple(claim[key] for key in ("start", "end", "claim_type", "subject", "target", "statement"))


def paired(one: pd.DataFrame, other: pd.DataFrame, pairs: pd.DataFrame, variable: str, book: Codebook) -> pd.DataFrame:
    """The codes of matched claims for one variable; list cells are compared as sets.

    A pair in which only one coder used the variable is kept for variables that stand for themselves (a motive or none is
    a decision of its own), and left out for those that only qualify another (voice, direction and explicitness of a
    motive; unit of a quantity): the decision that they depend on has an alpha of its own.

    Returns:
        article, sentence, one, other.
    """
    both = pairs[(pairs["one"] != "") & (pairs["other"] != "")]
    result = both[["article", "sentence"]].copy()
    for side, table in (("one", one), ("other", other)):
        codes = table.set_index("claim_id")[variable].reindex(both[side])
        if book.is_list(variable):
            codes = codes.map(lambda cell: ";".join(sorted(split_cell(cell))))
        result[side] = codes.to_numpy()
    used = [result["one"] != "", result["other"] != ""]
    dependent = book.variables[variable].get("required_for") in ("motive", "quantity") or variable in DEPENDENT
    return result[used[0] & used[1] if dependent else used[0] | used[1]].reset_index(drop=True)


def second_round(study: Study) -> dict[str, pd.DataFrame]:
    """The codes of the second round, variable to its units (article, sentence, one, other); empty where there was none.

    Both coders had the same claims before them, so that nothing has to be matched. Units that both left empty are left
    out, as in the first round.
    """
    names = study.settings.get("recodings", [])
    if len(names) != 2:
        return {}
    one, other = (load_recoding(study, name) for name in names)
    place = one["claim_id"].str.extract(r"^(?P<article>[^.]+)\.(?P<sentence>.+)\.c\d+$")
    found = {}
    for variable in one.columns.drop(UNIT):
        units = place.assign(one=one[variable], other=other[variable].reindex(one.index))
        found[variable] = units[(units["one"] != "") | (units["other"] != "")].reset_index(drop=True)
    return found


def sentences(one: pd.DataFrame, other: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Number of claims in each coded sentence: article, sentence, one, other."""
    coded = study.sentences[study.sentences["kind"] == "body"][["article", "sentence"]].reset_index(drop=True)
    for side, table in (("one", one), ("other", other)):
        held = table[table["claim_type"] != NO_CLAIM].groupby(["article", "sentence"]).size().rename(side)
        coded = coded.join(held, on=["article", "sentence"])
    return coded.fillna({"one": 0, "other": 0}).astype({"one": int, "other": int})


def motive_pairs(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Which motive of which actor a sentence holds: article, sentence, actor, motive; each once."""
    held = with_list(table[table["motive"] != ""], "subject", study)
    columns = ["article", "sentence", "actor", "motive"]
    return held[columns].drop_duplicates().sort_values(columns, ignore_index=True)


def motive_units(one: pd.DataFrame, other: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Whether a motive of an actor is coded in a sentence, for every actor that either coder makes a subject there.

    Returns:
        motive (each that either coder gives, in the order of the codebook), article, sentence, actor, one, other (0 or 1).
    """
    columns = ["article", "sentence", "actor"]
    subjects = [with_list(table, "subject", study)[columns] for table in (one, other)]
    units = pd.concat(subjects).drop_duplicates().sort_values(columns, ignore_index=True)
    held = {"one": motive_pairs(one, study), "other": motive_pairs(other, study)}
    given = set(held["one"]["motive"]) | set(held["other"]["motive"])
    parts = []
    for motive in (code for code in study.codebook.codes("motive") if code in given):
        part = units.assign(motive=motive)
        keys = pd.MultiIndex.from_frame(part[[*columns, "motive"]])
        parts.append(
            part.assign(
                **{side: keys.isin(pd.MultiIndex.from_frame(table)).astype(int) for side, table in held.items()}
            )
        )
    names = ["motive", *columns, *held]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def overlap(one: pd.DataFrame, other: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Precision, recall and F1 of two sets of rows, taking the second as the truth, for each value of ``by``.

    F1 is the same whichever comes first.

    Returns:
        ``by``, n_one, n_other, both, precision, recall, f1.
    """
    keys = list(one.columns)
    joined = one.merge(other, on=keys, how="inner")
    counts = pd.DataFrame(
        {"n_one": one.groupby(by).size(), "n_other": other.groupby(by).size(), "both": joined.groupby(by).size()}
    )
    counts = counts.fillna(0).astype(int)
    counts["precision"] = counts["both"] / counts["n_one"].where(counts["n_one"] > 0)
    counts["recall"] = counts["both"] / counts["n_other"].where(counts["n_other"] > 0)
    counts["f1"] = 2 * counts["both"] / (counts["n_one"] + counts["n_other"])
    return counts.reset_index()


def bootstrap(units: pd.DataFrame, scale: str = "nominal", draws: int = 400, seed: int = 20) -> tuple[float, float]:
    """A 95 % interval of alpha: articles drawn with replacement, then the sentences of each article drawn.

    That is wider than drawing articles alone (Davison and Hinkley 1997, Bootstrap Methods and their Application, 3.8), since within an article two
    coders differ from sentence to sentence. Draws in which nothing varies have no alpha and are left out.

    Args:
        units: article, sentence, one, other.
    """
    generator = np.random.default_rng(seed)
    ordered = units.sort_values(list(units.columns), ignore_index=True)
    data = _reliability_data(ordered[["one", "other"]], scale)
    quick = scale == "nominal" and not np.isnan(data).any()
    data = data.astype(int) if quick else data
    # Sorted, so that the units of a sentence, and the sentences of an article, stand together.
    sentences = ordered.groupby(["article", "sentence"], sort=True).size()
    sizes = sentences.to_numpy()
    begins = np.cumsum(sizes) - sizes
    counts = sentences.groupby(level="article", sort=True).size().to_numpy()
    firsts = np.cumsum(counts) - counts
    found = []
    for _ in range(draws):
        articles = generator.integers(len(counts), size=len(counts))
        drawn = np.concatenate([firsts[i] + generator.integers(counts[i], size=counts[i]) for i in articles])
        lengths = sizes[drawn]
        rows = np.repeat(begins[drawn] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
        sample = data[:, rows]
        found.append(_nominal_alpha(sample) if quick else _alpha(sample, scale))
    kept = [value for value in found if not np.isnan(value)]
    return (float("nan"), float("nan")) if not kept else tuple(np.quantile(kept, [0.025, 0.975]))


def summary(units: pd.DataFrame, scale: str = "nominal", draws: int = 400) -> dict:
    """Alpha, its interval, per cent agreement, n, and the sentences in which the coders differ, of one variable."""
    low, high = bootstrap(units, scale, draws)
    apart = units[units["one"] != units["other"]]
    return {
        "alpha": alpha(units[["one", "other"]], scale),
        "low": low,
        "high": high,
        "agreement": 100 - len(apart) / len(units) * 100,
        "n": len(units),
        "differ_in": ";".join(sorted(set(apart["article"] + "." + apart["sentence"]))),
    }


#: Measured on matched claims, in the order in which they are shown.
VARIABLES = [
    "claim_type", "subject", "target", "scope", "motive", "motive_polarity", "voice", "strength", "event_type", "position",
    "factuality_source", "factuality_author", "claimant", "attribution", "event_time", "period", "quantity_value",
    "quantity_unit", "quantity_approx",
]  # fmt: skip


_RELIABILITY = ["group", "id", "label", "value", "low", "high", "agreement", "n", "given", "differ_in"]


def reliability(one: pd.DataFrame, other: pd.DataFrame, study: Study, draws: int = 400) -> pd.DataFrame:
    """Agreement of two codings before adjudication, on three kinds of unit.

    Returns:
        group (kind of unit), id, label, value (alpha), low, high (95 % interval), agreement (per cent), n (units), given (of
        whether an actor has a motive: units in which either coder gave it; else NaN), differ_in (sentences in which the coders differ, ';' between them).
    """
    book, rows = study.codebook, []

    def add(group: str, name: str, label: str, units: pd.DataFrame, scale: str = "nominal", given=float("nan")) -> None:
        found = summary(units, scale, draws)
        rows.append({"group": group, "id": name, "label": label, "value": found.pop("alpha"), "given": given} | found)

    counts = sentences(one, other, study)
    add("Body sentences", "claims", "Number of claims in a sentence", counts, "ratio")
    pairs = match(one, other)
    for variable in VARIABLES:
        units = paired(one, other, pairs, variable, book)
        if len(units):
            ordered = book.variables[variable]["scale"] == "ordinal" and not book.is_list(variable)
            units, scale = (_ranked(units, book.codes(variable)), "ordinal") if ordered else (units, "nominal")
            add("Matched claims", variable, book.variables[variable]["label"], units, scale)
    for motive, units in motive_units(one, other, study).groupby("motive", sort=False):
        label = book.label("motive", motive)
        given = int((units["one"] | units["other"]).sum())
        add("Actor in a sentence: has this motive or not", motive, label, units.drop(columns="motive"), given=given)
    return pd.DataFrame(rows, columns=_RELIABILITY)


def _ranked(units: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Codes as their places in the codebook, which lists an ordinal variable in its order; NaN where one coder gave none."""
    place = {code: number for number, code in enumerate(codes)}
    return units.assign(one=units["one"].map(place), other=units["other"].map(place))


#: Kind of unit of the second round in :func:`reliability_again`.
SECOND_ROUND = "Second round: the same claims coded again"


def reliability_again(study: Study, draws: int = 400) -> pd.DataFrame:
    """Agreement of the second round, in the columns of :func:`reliability`; no rows where there was none."""
    rows = []
    for variable, units in second_round(study).items():
        found = summary(units, "nominal", draws)
        label = study.codebook.variables[variable]["label"]
        rows.append({"group": SECOND_ROUND, "id": variable, "label": label, "value": found.pop("alpha")} | found)
    return pd.DataFrame(rows, columns=_RELIABILITY)


def final(numbers: pd.DataFrame) -> pd.Series:
    """Alpha of each variable of a claim, from the last round in which it was coded.

    Args:
        numbers: output of :func:`reliability`, followed by that of :func:`reliability_again`.
    """
    last = numbers[numbers["group"].isin(["Matched claims", SECOND_ROUND])].drop_duplicates("id", keep="last")
    return last.set_index("id")["value"]


def partings(one: pd.DataFrame, other: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sentences in which the coders differ on who has which motive.

    Returns:
        article, sentence, only_one, only_other (actor and motive, '; ' between them), statements of both codings.
    """
    keys = ["article", "sentence", "actor", "motive"]
    joined = motive_pairs(one, study).merge(motive_pairs(other, study), on=keys, how="outer", indicator=True)
    joined = joined[joined["_merge"] != "both"]
    joined["pair"] = joined["actor"] + " " + joined["motive"]
    rows = []
    for (article, sentence), group in joined.groupby(["article", "sentence"]):
        row = {"article": article, "sentence": sentence}
        for side, name, table in (("left_only", "one", one), ("right_only", "other", other)):
            row[f"only_{name}"] = "; ".join(sorted(group[group["_merge"] == side]["pair"]))
            held = table[(table["article"] == article) & (table["sentence"] == sentence) & (table["motive"] != "")]
            row[f"statements_{name}"] = " / ".join(sorted(held["statement"]))
        rows.append(row)
    columns = ["article", "sentence", "only_one", "only_other", "statements_one", "statements_other"]
    return pd.DataFrame(rows, columns=columns)
