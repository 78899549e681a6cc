"""From two passes to one coding: every difference between them, and what was decided.

The adjudicated coding is never edited. It follows from the passes, the second round of coding where there was one,
``adjudication.csv``, the claims that a later reader found missing (``additions.csv``) and the reports of events, and can be made
from them again at any time.
"""

from __future__ import annotations

import pandas as pd

from claimtrace import events, objections
from claimtrace.agreement import match
from claimtrace.claims import COLUMNS, UNIT, load_all, load_recoding, split_cell, with_columns
from claimtrace.codebook import NO_CLAIM
from claimtrace.errors import Problem, StudyError
from claimtrace.study import Study

#: Columns of ``adjudication.csv``. A row is one difference; ``claim_a`` or ``claim_b`` is empty where only one coder has the claim.
DECISIONS = [
    "article", "sentence", "claim_a", "claim_b", "variable", "value_a", "value_b", "decision", "rule", "reason",
]  # fmt: skip
KEY = ["claim_a", "claim_b", "variable"]

#: The variable under which it is decided whether a claim that only one coder has is a claim; the decision is keep or drop.
CLAIM = "claim"
#: Cells that two readers word or point to in their own way; the first pass gives them unless a row says otherwise.
WORDING = {
    "claim_id", "article", "passage", "sentence", "statement", "quote", "memo", "quantity_measure", "original_start",
    "original_end", "original_sha256", "event_id", "corroboration",
}  # fmt: skip
#: Cells that hold ids of other claims.
REFERENCES = ("prop_id", "justifies")
#: In a reference, marks the id of a claim that only the second pass has; the same id may name another claim of the first.
ONLY_B = "b:"


def load_added(study: Study) -> pd.DataFrame:
    """Claims that neither pass has, added on a later reader's objection: columns of :data:`claimtrace.claims.COLUMNS`, all text."""
    there = (study.root / "coding" / "additions.csv").is_file()
    return with_columns(study, "additions") if there else pd.DataFrame(columns=COLUMNS)


class Passes:
    """Two complete passes, how their claims match, and the second round, where a study has one.

    Raises:
        StudyError: the study names no two passes in ``study.yaml``, one is missing, or the recodings have other columns.
    """

    def __init__(self, study: Study):
        names = study.settings.get("passes", [])
        if len(names) != 2:
            raise StudyError("study.yaml: passes must name the two codings to adjudicate, such as [pass_a, pass_b]")
        self.study, self.names = study, names
        self.rows = [load_all(study, name) for name in names]
        claims = [rows[rows["claim_type"] != NO_CLAIM] for rows in self.rows]
        self.pairs = match(*claims).rename(columns={"one": "claim_a", "other": "claim_b"}).drop(columns="similarity")
        self.one, self.other = (table.set_index("claim_id", drop=False) for table in claims)
        both = self.pairs[(self.pairs["claim_a"] != "") & (self.pairs["claim_b"] != "")]
        self.to_a = dict(zip(both["claim_b"], both["claim_a"], strict=True))
        self.second = [load_recoding(study, name) for name in study.settings.get("recodings", [])]
        if other := {column for table in self.second for column in set(self.second[0].columns) ^ set(table.columns)}:
            names = " and ".join(f"{name}.csv" for name in study.settings["recodings"])
            raise StudyError(f"{names}: column {min(other)!r} is not in each of them; give them the same columns")
        # Plain mappings: tens of thousands of single cells are looked up, which a data frame is slow at.
        self.cells = [table.to_dict("index") for table in (self.one, self.other)]
        self._again = [table.to_dict("index") for table in self.second]
        #: Articles that the second round covers; one that was added to the study later was coded once.
        self.covered = {claim.split(".")[0] for cells in self._again for _, claim in cells}
        self.recoded = [c for c in self.second[0].columns if c not in UNIT] if self.second else []
        self.added = load_added(study)

    def values(self, pair, variable: str) -> tuple[str, str]:
        """What the two coders gave a pair of matched claims (or a claim that one of them has) for a variable."""
        if variable in self.recoded and pair.article in self.covered:
            unit = (self.names[0], pair.claim_a) if pair.claim_a else (self.names[1], pair.claim_b)
            if not all(unit in cells for cells in self._again):
                names = " and ".join(f"{name}.csv" for name in self.study.settings["recodings"])
                raise StudyError(f"{names}: a row is missing for {unit[1]} of {unit[0]}; add one to each")
            return tuple(cells[unit][variable] for cells in self._again)
        a = self.cells[0][pair.claim_a][variable] if pair.claim_a else ""
        b = self.cells[1][pair.claim_b][variable] if pair.claim_b else ""
        return a, self.in_terms_of_a(b) if variable in REFERENCES else b

    def in_terms_of_a(self, cell: str) -> str:
        """A cell of claim ids of the second pass, as ids of the first; a claim that only the second has keeps its id, marked."""
        return ";".join(self.to_a.get(item, ONLY_B + item) for item in split_cell(cell))

    def same(self, variable: str, a: str, b: str) -> bool:
        """Whether two values are the same; lists are compared as sets, but the claimant chain has an order."""
        as_set = self.study.codebook.is_list(variable) and variable != "claimant"
        return set(split_cell(a)) == set(split_cell(b)) if as_set else a == b


def differences(passes: Passes) -> pd.DataFrame:
    """Every difference between the passes: columns of :data:`DECISIONS` without the last three, in reading order.

    A claim that only one coder has is one difference (variable ``claim``). For matched claims every variable on which the
    codes differ is one; a variable that was coded again counts with the codes of the second round.
    """
    variables = [column for column in COLUMNS if column not in WORDING]
    rows = []
    for pair in passes.pairs.itertuples():
        unit = {"article": pair.article, "sentence": pair.sentence, "claim_a": pair.claim_a, "claim_b": pair.claim_b}
        alone = not (pair.claim_a and pair.claim_b)
        if alone:
            found = ("coded", "") if pair.claim_a else ("", "coded")
            rows.append(unit | {"variable": CLAIM, "value_a": found[0], "value_b": found[1]})
        again = passes.recoded if pair.article in passes.covered else []
        for variable in again if alone else variables:
            a, b = passes.values(pair, variable)
            if not passes.same(variable, a, b):
                rows.append(unit | {"variable": variable, "value_a": a, "value_b": b})
    return pd.DataFrame(rows, columns=DECISIONS[:7])


def undecided(passes: Passes, decided: pd.DataFrame | None) -> pd.DataFrame:
    """The differences that no decision answers yet, as rows to fill in: columns of :data:`DECISIONS`."""
    found = differences(passes)
    if decided is not None:
        found = found.merge(decided[KEY], on=KEY, how="left", indicator=True)
        found = found[found.pop("_merge") == "left_only"]
    return found.assign(decision="", rule="", reason="")


def extended(decided: pd.DataFrame | None, found: pd.DataFrame) -> pd.DataFrame:
    """The decisions made, and below them the undecided differences."""
    return found if decided is None else pd.concat([decided, found])


def decisions(study: Study) -> pd.DataFrame:
    """``adjudication.csv``, all text.

    Raises:
        StudyError: the file or a column is missing.
    """
    table = study.table("coding/adjudication.csv")
    missing = [column for column in DECISIONS if column not in table.columns]
    if missing:
        raise StudyError(f"adjudication.csv: column {missing[0]!r} is missing; the columns are: {', '.join(DECISIONS)}")
    return table


def violations(passes: Passes, decided: pd.DataFrame) -> list[Problem]:
    """Differences without a decision, and decisions that answer no difference or cite no rule.

    A decision may also stand where the passes do not differ (a quote for a claim that only the second pass has, a reference
    that follows from another decision), as long as it gives the values that they have.
    """
    found, file = [], "adjudication.csv"
    pairs = {(pair.claim_a, pair.claim_b): pair for pair in passes.pairs.itertuples()}
    rules = {rule["id"] for rule in passes.study.codebook.rules} | set(passes.study.codebook.variables)
    for number, row in enumerate(decided.to_dict("records"), 2):
        place = f"{number} ({row['claim_a'] or row['claim_b']})"
        pair = pairs.get((row["claim_a"], row["claim_b"]))
        if pair is None:
            found.append(
                Problem(
                    file,
                    place,
                    "claim_b",
                    row["claim_b"],
                    "these two claims are not matched; run claimtrace differences",
                )
            )
            continue
        if row["variable"] == CLAIM:
            if row["decision"] not in ("keep", "drop"):
                found.append(Problem(file, place, "decision", row["decision"], "must be keep or drop"))
        elif row["variable"] not in COLUMNS:
            found.append(Problem(file, place, "variable", row["variable"], "is no column of a coding"))
            continue
        else:
            held = passes.values(pair, row["variable"])
            for column, value in zip(("value_a", "value_b"), held, strict=True):
                if row[column] != value and row["variable"] not in WORDING:
                    found.append(
                        Problem(file, place, column, row[column], f"the pass has {value!r}; correct one of them")
                    )
        for rule in split_cell(row["rule"]) or [""]:
            if rule not in rules:
                found.append(
                    Problem(
                        file, place, "rule", rule, "is neither a rule nor a variable of the codebook; name one of them"
                    )
                )
        if not row["reason"]:
            found.append(Problem(file, place, "reason", "", "is empty; say why"))
    for row in decided[decided.duplicated(KEY)].itertuples():
        found.append(Problem(file, str(row.Index + 2), "variable", row.variable, "is decided twice; remove one"))
    found += _additions(passes, decided)
    open_ = differences(passes).merge(decided[KEY], on=KEY, how="left", indicator=True)
    for row in open_[open_["_merge"] == "left_only"].itertuples():
        message = f"differs ({row.value_a!r}, {row.value_b!r}) and is not decided; add a row"
        found.append(Problem(file, "", row.variable, row.claim_a or row.claim_b, message))
    return found


def _additions(passes: Passes, decided: pd.DataFrame) -> list[Problem]:
    """Added claims out of place or with an id that is taken; those that answer no accepted objection, and the other way round."""
    found, file = [], "additions.csv"
    known = set(passes.study.sentences[["article", "sentence"]].itertuples(index=False, name=None))
    taken = set(passes.one["claim_id"]) | set(origins(passes, decided))
    objected = objections.load(passes.study)
    left = (
        []
        if objected is None
        else [(o.article, o.sentence, o.variable) for o in objections.missing(objected).itertuples()]
    )
    for row in passes.added.itertuples():

        def problem(column: str, message: str, row=row) -> None:
            found.append(Problem(file, f"{row.Index + 2} ({row.claim_id})", column, getattr(row, column), message))

        stem, _, number = row.claim_id.rpartition(".c")
        if stem != f"{row.article}.{row.sentence}" or not (number.isascii() and number.isdigit()):
            problem("claim_id", f"must be {row.article}.{row.sentence}.cN")
        elif row.claim_id in taken:
            problem("claim_id", "is the id of another claim; take the next free number of the sentence")
        if (row.article, row.sentence) not in known:
            problem("sentence", "no such sentence in sentences.csv")
        elif (key := (row.article, row.sentence, row.claim_type)) in left:
            left.remove(key)
        else:
            problem(
                "claim_type",
                "objections.csv has no accepted objection saying that a claim of this type is missing here; add one",
            )
        taken.add(row.claim_id)
    for article, sentence, kind in left:
        message = f"a claim of type {kind} was accepted as missing; add it to additions.csv"
        found.append(Problem("objections.csv", "", "verdict", f"{article}.{sentence}", message))
    return found


def apply(passes: Passes, decided: pd.DataFrame) -> pd.DataFrame:
    """The adjudicated coding: what both passes say, and what was decided where they differ.

    Claims keep the ids of the first pass; a claim that only the second has takes the next free number of its sentence, and
    no id is used again for another claim. References to a dropped claim go to the first kept claim of its
    proposition, or are dropped. Added claims stand as they are.

    Args:
        decided: output of :func:`decisions`; :func:`violations` must find nothing.

    Returns:
        Columns of :data:`claimtrace.claims.COLUMNS`, all text, in the order of the sentences.
    """
    book = passes.study.codebook
    by_pair: dict[tuple[str, str], dict[str, str]] = {}
    for row in decided.itertuples():
        by_pair.setdefault((row.claim_a, row.claim_b), {})[row.variable] = row.decision
    number = passes.one["claim_id"].str.extract(r"^(?P<sentence>.*)\.c(?P<n>\d+)$").astype({"n": int})
    last = number.groupby("sentence")["n"].max().to_dict()
    rows, renamed = [], {}
    for pair in passes.pairs.itertuples():
        decision = by_pair.get((pair.claim_a, pair.claim_b), {})
        if decision.get(CLAIM) == "drop":
            continue
        if pair.claim_a:
            row = dict(passes.cells[0][pair.claim_a])
            renamed[pair.claim_a] = pair.claim_a
        else:
            row = dict(passes.cells[1][pair.claim_b])
            row |= {column: passes.in_terms_of_a(row[column]) for column in REFERENCES}
            stem = pair.claim_b.rsplit(".", 1)[0]
            last[stem] = last.get(stem, 0) + 1
            row["claim_id"] = renamed[ONLY_B + pair.claim_b] = f"{stem}.c{last[stem]}"
        for variable in passes.recoded:
            a, b = passes.values(pair, variable)
            row[variable] = a if a == b else ""
        row |= {variable: value for variable, value in decision.items() if variable != CLAIM}
        for variable in passes.recoded:
            row[variable] = row[variable] if book.allowed(variable, row) else ""
        rows.append(row)
    rows += _without_claims(rows, passes)
    order = {
        key: n
        for n, key in enumerate(passes.study.sentences[["article", "sentence"]].itertuples(index=False, name=None))
    }

    def place(row: dict) -> tuple[int, int]:
        return order[row["article"], row["sentence"]], int(row["claim_id"].rsplit(".c", 1)[1])

    rows = _with_references(sorted(rows, key=place), renamed)
    rows = sorted([*rows, *passes.added[COLUMNS].to_dict("records")], key=place)
    return events.attach(pd.DataFrame(rows, columns=COLUMNS), passes.study)


def _with_references(rows: list[dict], renamed: dict[str, str]) -> list[dict]:
    """References as ids of the adjudicated coding; those to a dropped claim are left out or, for propositions, passed on."""
    first: dict[str, str] = {}
    for row in rows:
        row["justifies"] = ";".join(
            dict.fromkeys(renamed[key] for key in split_cell(row["justifies"]) if key in renamed)
        )
        root = row["prop_id"]
        if root in renamed:
            row["prop_id"] = renamed[root]
        elif root:  # its first statement was dropped: the first that is kept takes its place
            row["prop_id"] = first.setdefault(root, row["claim_id"])
    return rows


def _without_claims(rows: list[dict], passes: Passes) -> list[dict]:
    """NONE rows for sentences in which no claim is left and for which one of the passes has such a row."""
    coded = {(row["article"], row["sentence"]) for row in rows}
    found = {}
    for table in passes.rows:
        for row in table[table["claim_type"] == NO_CLAIM].to_dict("records"):
            if (row["article"], row["sentence"]) not in coded:
                found.setdefault((row["article"], row["sentence"]), row)
    return list(found.values())


def tally(passes: Passes, decided: pd.DataFrame) -> pd.DataFrame:
    """How the decisions went, a row a variable: for the first coder, the second, neither, and all.

    A claim that only one coder has went to that coder where it is kept. Rows in which the coders do not differ (wording that
    follows from another decision, a code of a claim that one of them alone has) are left out.
    """
    own = decided[decided["value_a"] != decided["value_b"]]
    own = own[~own["variable"].isin(WORDING)]
    both = own["claim_a"].ne("") & own["claim_b"].ne("")
    own = own[both | own["variable"].isin([CLAIM, *passes.recoded])]
    kept = own["variable"].eq(CLAIM)
    value_a = own["value_a"].where(~kept, own["value_a"].map({"coded": "keep", "": "drop"}))
    value_b = own["value_b"].where(~kept, own["value_b"].map({"coded": "keep", "": "drop"}))
    to = (
        pd.Series("neither", index=own.index)
        .mask(own["decision"] == value_b, "second")
        .mask(own["decision"] == value_a, "first")
    )
    table = pd.crosstab(own["variable"], to).reindex(columns=["first", "second", "neither"], fill_value=0)
    table["all"] = table.sum(axis=1)
    table = table.sort_values(["all"], ascending=False, kind="stable")
    table.loc["all"] = table.sum()
    return table.rename_axis(index=None, columns=None)


def origins(passes: Passes, decided: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Each claim of the adjudicated coding that a pass has to the pair of claims that it was made from, numbered as :func:`apply` does."""
    dropped = decided[(decided["variable"] == CLAIM) & (decided["decision"] == "drop")]
    dropped = set(zip(dropped["claim_a"], dropped["claim_b"], strict=True))
    last: dict[str, int] = {}
    for claim in passes.one["claim_id"]:
        stem, n = claim.rsplit(".c", 1)
        last[stem] = max(last.get(stem, 0), int(n))
    found = {}
    for pair in passes.pairs.itertuples():
        if (pair.claim_a, pair.claim_b) in dropped:
            continue
        name = pair.claim_a
        if not name:
            stem = pair.claim_b.rsplit(".c", 1)[0]
            last[stem] = last.get(stem, 0) + 1
            name = f"{stem}.c{last[stem]}"
        found[name] = (pair.claim_a, pair.claim_b)
    return found
