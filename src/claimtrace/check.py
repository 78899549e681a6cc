"""Every violation in the data of a study, with file, row, column and value."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from claimtrace import adjudication, claims, conform, corpus, events, objections, schema
from claimtrace.codebook import NO_CLAIM, Codebook
from claimtrace.errors import Problem, StudyError
from claimtrace.files import write_whole
from claimtrace.rules import Rulebook
from claimtrace.study import Study


def check(study: Study) -> list[Problem]:
    """All problems of a study's tables and digests; an empty list when there are none.

    First what :func:`problems` finds; where that is nothing, what is wrong with the words of the rule coder, if the study has any, and
    what Frictionless finds, which validates the tables as ``datapackage.json`` describes them to the rest of the world.
    """
    found = problems(study)
    return found or [*_told(lambda: _indicator_problems(study)), *_package_problems(study)]


def problems(study: Study, codings: list[str] | None = None) -> list[Problem]:
    """What is wrong with a study, without Frictionless.

    The codebook comes first, then settings, and tables against their schemas, then what a schema cannot express. Where a step
    finds something the later ones, which rest on it, may find more after it is mended.

    Args:
        codings: only these codings, and the passes that the adjudicated one was made from; default all.
    """
    found = _told(lambda: _codebook_problems(study.codebook))
    found = found or [*_told(lambda: _settings_problems(study)), *_told(lambda: _table_problems(study, codings))]
    return _once(found or _told(lambda: _rule_problems(study, codings)))


def _indicator_problems(study: Study) -> list[Problem]:
    if (study.root / "codebook" / "indicators.yaml").is_file():
        Rulebook(study)  # raises StudyError
    return []


def _told(step: Callable[[], list[Problem]]) -> list[Problem]:
    try:
        return step()
    except StudyError as error:
        return [Problem("", "", "", "", str(error))]


def require(study: Study, codings: list[str], cache: Path | None = None) -> None:
    """Stop unless a study is as it has to be, so that nothing is counted that a slip has changed.

    Args:
        codings: those that are used.
        cache: folder in which it is noted that exactly this content holds, so that one build checks it once.

    Raises:
        StudyError: with the problems.
    """
    # A study of its own: what is read for the check is no input of what is made.
    own = Study(study.root)
    note = cache / f"checked-{_key(own, codings)}" if cache else None
    if note and note.is_file():
        return
    if found := problems(own, codings):
        raise StudyError.of(found)
    if note:
        note.parent.mkdir(parents=True, exist_ok=True)
        write_whole(note, b"")


def _key(study: Study, codings: list[str]) -> str:
    """Hash of every file of a study and of this library."""
    digest = hashlib.sha256(" ".join(sorted(set(codings))).encode())
    own = [path for path in study.root.rglob("*") if path.suffix in (".csv", ".yaml", ".md", ".json")]
    code = Path(__file__).parent.glob("*.py")
    for path in [*sorted(own), *sorted(code)]:
        if path.is_file():
            digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _used(study: Study, codings: list[str] | None) -> list[str]:
    passes = [name for name in study.settings.get("passes", []) if name in study.codings]
    return study.codings if codings is None else sorted({"claims", *codings, *passes} & set(study.codings))


def _settings_problems(study: Study) -> list[Problem]:
    """Names in ``study.yaml`` and the codebook that lead nowhere."""
    book, settings = study.codebook, study.settings
    found: list[Problem] = []

    def unknown(key: str, values: list[str], known, hint: str) -> None:
        found.extend(Problem("study.yaml", "", key, value, hint) for value in values if value not in known)

    for key, named in (
        ("focus", [study.focus]),
        *((key, settings.get(key, [])) for key in ("exclude_actors", "general_actors", "territories")),
    ):
        unknown(key, named, book.actors, "is no actor of actors.yaml")
    scopes, periods = book.codes("scope"), book.codes("period")
    unknown("headline_scope", [settings["headline_scope"]], scopes, f"is no scope; use one of: {', '.join(scopes)}")
    types = {entry["type"] for entry in book.actors.values()}
    for key in ("profile_types", "tie_types"):
        unknown(key, settings.get(key, []), types, f"no actor has this type; there are: {', '.join(sorted(types))}")
    sides = {f"divide.{side}": settings["divide"][side] for side in ("before", "after")}
    spans = {f"relation_spans.{name}": entry for name, entry in settings.get("relation_spans", {}).items()}
    for group in (sides, spans):
        taken: set[str] = set()
        for key, entry in group.items():
            unknown(key, entry["periods"], periods, f"is no period; use one of: {', '.join(periods)}")
            unknown(key, entry["periods"], set(periods) - taken, "stands in two stretches of time; remove it from one")
            taken |= set(entry["periods"])
    names = [*settings.get("passes", []), *settings.get("recodings", [])]
    there = {path.stem for path in (study.root / "coding").glob("*.csv")}
    unknown("passes and recodings", names, there, "no such file in coding/; add it or remove the name")
    if not claims.is_edtf(settings["divide"]["date"]):
        found.append(Problem("study.yaml", "", "divide.date", settings["divide"]["date"], "is not a date (EDTF)"))
    return found


def _codebook_problems(book: Codebook) -> list[Problem]:
    file, found = "codebook.yaml", []
    coded = set(claims.COLUMNS) - set(claims.BOOKKEEPING)
    for name in sorted(coded ^ set(book.variables)):
        message = "is missing; a coding has this column" if name in coded else "is no column of a coding; remove it"
        found.append(Problem(file, "", f"variables.{name}", "", message))
    if found:
        return found
    for taken in sorted(
        {"all", "headline"} & ({*book.actors} | {code for name in ("scope", "voice") for code in book.codes(name)})
    ):
        found.append(
            Problem(
                file,
                "",
                "",
                taken,
                "is no code or actor that can be told from the settings of notebooks; call it otherwise",
            )
        )
    types = set(book.codes("claim_type"))
    for name, entry in book.variables.items():
        place, rule = f"variables.{name}", entry["required_for"]
        allowed = [*(rule if isinstance(rule, list) else []), *entry.get("allowed_for", [])]
        for code in allowed:
            if code not in types:
                found.append(Problem(file, "", place, code, "is no claim type; correct required_for or allowed_for"))
        if isinstance(rule, str) and rule not in ("all", "claims", "motive", "quantity"):
            message = "must be all, claims, motive, quantity or a list of claim types"
            found.append(Problem(file, "", f"{place}.required_for", rule, message))
        if "codes" in entry and "codes_from" in entry:
            found.append(Problem(file, "", place, "", "has codes and codes_from; remove one"))
        groups = {content.get("group") for content in entry.get("codes", {}).values()} - {None}
        for group in sorted(groups - set(entry.get("groups", {}))):
            found.append(Problem(file, "", place, group, "is no group of this variable; add it to groups"))
        for code, content in entry.get("codes", {}).items():
            if "groups" in entry and "group" not in content:
                found.append(Problem(file, "", f"{place}.codes.{code}", "", "has no group; add one"))
        for label in _twice([book.label(name, code) for code in entry.get("codes", {})]):
            found.append(Problem(file, "", place, label, "is the label of two codes; charts could not tell them apart"))
    if NO_CLAIM not in types:
        found.append(
            Problem(file, "", "variables.claim_type", NO_CLAIM, "is missing; a sentence without a claim needs it")
        )
    for rule in _twice([rule["id"] for rule in book.rules]):
        found.append(Problem(file, "", "rules", rule, "is the id of two rules; rename one"))
    for actor in book.actors:
        book.roll_up(actor)  # refuses a circle
    for label in _twice([entry["label"] for entry in book.actors.values()]):
        found.append(
            Problem("actors.yaml", "", "label", label, "is the label of two actors; charts could not tell them apart")
        )
    return found


def _twice(values: list[str]) -> list[str]:
    """Values that occur more than once, sorted."""
    return sorted({value for value in values if values.count(value) > 1})


def _table_problems(study: Study, codings: list[str] | None) -> list[Problem]:
    """Tables against their schemas; the catalogue and the index of sentences first, which the others lead to."""
    chosen = {f"coding/{name}.csv" for name in set(study.codings) - set(_used(study, codings))}
    resources = [entry for entry in schema.package(study)["resources"] if entry["path"] not in chosen]
    tables = {entry["name"]: study.table(entry["path"]) for entry in resources}
    # Keys to claims and events are among the rules, which say more of them.
    index = {name: tables[name] for name in ("articles", "sentences")}
    found = [problem for entry in resources for problem in conform.problems(tables[entry["name"]], entry, index)]
    return found or _catalogue_problems(study)


#: Columns of a claim that follow from the reports of events.
_EVENTS = ["event_id", "corroboration"]


def _rule_problems(study: Study, codings: list[str] | None) -> list[Problem]:
    found = []
    digests = _digests(study, found)
    for coding in _used(study, codings):
        table = claims.load_all(study, coding)
        found += claims.violations(table, study, f"{coding}.csv")
        found += _quote_problems(table, digests, f"{coding}.csv", required=coding == "claims")
    if "claims" in study.codings:
        table = claims.load_all(study)
        found += events.violations(study, table)
        if not found and not events.attach(table, study)[_EVENTS].equals(table[_EVENTS]):
            message = "does not follow from reports.csv; run claimtrace adjudicate (with one coder: claimtrace assemble claims)"
            found.append(Problem("claims.csv", "", _EVENTS[0], "", message))
    return found or _adjudication_problems(study)


def _adjudication_problems(study: Study) -> list[Problem]:
    """Undecided differences; and whether the adjudicated coding is what the passes and the decisions give."""
    if not (study.root / "coding" / "adjudication.csv").is_file():
        return []
    try:
        passes, decided = adjudication.Passes(study), adjudication.decisions(study)
        found = adjudication.violations(passes, decided)
        made, there = adjudication.apply(passes, decided), claims.load_all(study)
        if not found and not made.equals(there):
            message = (
                "does not follow from the passes, adjudication.csv and additions.csv; "
                "change those, then run claimtrace adjudicate"
            )
            found.append(Problem("claims.csv", *_first_difference(made, there), message))
        if not found and (objected := objections.load(study)) is not None:
            found = objections.violations(objected, claims.load_all(study))
    except StudyError as error:
        return [Problem("", "", "", "", str(error))]
    return found


def _first_difference(made: pd.DataFrame, there: pd.DataFrame) -> tuple[str, str, str]:
    """Row, column and value of the first cell that is not as it was made; the row alone where one has too many or too few."""
    for number, (own, other) in enumerate(zip(there.to_dict("records"), made.to_dict("records"), strict=False), 2):
        for column in made.columns:
            if own.get(column) != other[column]:
                return f"{number} ({own['claim_id']})", column, str(own.get(column))
    return str(min(len(made), len(there)) + 2), "", ""


def _once(problems: list[Problem]) -> list[Problem]:
    """The schema and the codebook both know an enum; a cell is reported once."""
    seen, kept = set(), []
    for problem in problems:
        key = (problem.file, problem.row.split(" ")[0], problem.column, problem.value)
        if not problem.row or key not in seen:
            kept.append(problem)
        seen.add(key)
    return kept


def _package_text(study: Study) -> list[Problem]:
    """Whether ``datapackage.json`` is what follows from the codebook."""
    there = study.text("datapackage.json", "is missing; run claimtrace schema")
    made = schema.serialise(schema.package(study))
    if there == made:
        return []
    lines = list(zip(there.splitlines(), made.splitlines(), strict=False))
    line = next((n for n, pair in enumerate(lines, 1) if len(set(pair)) > 1), len(lines) + 1)
    message = f"line {line} does not match the codebook and the codings; run claimtrace schema"
    return [Problem("datapackage.json", "", "", "", message)]


def _package_problems(study: Study) -> list[Problem]:
    from frictionless import Package, system

    try:
        found = _package_text(study)
    except StudyError as error:
        found = [Problem("", "", "", "", str(error))]
    if found:
        return found
    with system.use_context(trusted=True):
        report = Package.from_descriptor(schema.package(study), basepath=str(study.root)).validate()
    for error in report.errors:
        found.append(Problem("datapackage.json", "", "", "", error.message))
    for task in report.tasks:
        file = task.place.rsplit("/", 1)[-1]
        for error in task.errors:
            row = str(getattr(error, "row_number", "") or "")
            column, value = getattr(error, "field_name", ""), str(getattr(error, "cell", "") or "")
            message = error.note or error.message
            message = "is empty; it must have a value" if message.startswith('constraint "required"') else message
            found.append(Problem(file, row, column, value, message))
    return found


def _catalogue_problems(study: Study) -> list[Problem]:
    """What the schema cannot say of the catalogue, the index of sentences and the segmentation."""
    found = []
    articles = study.articles
    if articles.empty:
        return [Problem("articles.csv", "", "", "", "has no article; add a row")]
    for number, article in enumerate(articles.to_dict("records"), 2):

        def problem(column: str, message: str, number=number, article=article) -> None:
            found.append(Problem("articles.csv", str(number), column, article[column], message))

        if not claims.is_edtf(article["published_edtf"]):
            problem("published_edtf", "is not EDTF; write for example 2019-10-05, 2019-10, 2019~")
        if int(article["first_line"]) > int(article["last_line"]):
            problem("last_line", f"comes before the first line, {article['first_line']}")
    for file, own in articles.groupby("original_file"):
        if own["sha256"].nunique() > 1:
            message = "two checksums for one file; correct one"
            found.append(Problem("articles.csv", str(own.index[-1] + 2), "sha256", str(file), message))
    for number, row in enumerate(study.sentences.itertuples(), 2):
        kind = corpus.KINDS.get(row.kind)
        if row.passage[0] != kind:
            message = f"is of kind {row.kind}, whose passages begin with {kind}; run claimtrace index"
            found.append(Problem("sentences.csv", str(number), "passage", row.passage, message))
        if row.sentence.split(".")[0] != row.passage:
            found.append(
                Problem(
                    "sentences.csv", str(number), "sentence", row.sentence, f"does not belong to passage {row.passage}"
                )
            )
        if row.end - row.start != row.length:
            message = f"must be end - start, {row.end - row.start}; run claimtrace index"
            found.append(Problem("sentences.csv", str(number), "length", str(row.length), message))
    for slug in study.segmentation["articles"]:
        if slug not in set(articles["slug"]):
            found.append(Problem("segmentation.yaml", "", "articles", slug, "is no article of articles.csv"))
    return found


def _digests(study: Study, found: list[Problem]) -> dict[str, dict[str, str]]:
    """The passages of every article; missing and unknown ones are added to ``found``."""
    index = study.sentences
    digests = {}
    for slug in study.articles["slug"]:
        file, own = f"{slug}.md", index[index["article"] == slug]
        try:
            digests[slug] = corpus.digest(study, slug)
        except StudyError as error:
            found.append(Problem("", "", "", "", str(error)))
            digests[slug] = {}
            continue
        known, body = set(own["passage"]), dict.fromkeys(own[own["kind"] == "body"]["passage"])
        for passage in digests[slug]:
            if passage not in known:
                found.append(Problem(file, "", "", f"[{passage}]", "is no passage of sentences.csv; correct its id"))
        for passage in body:
            if not digests[slug].get(passage):
                found.append(
                    Problem(file, "", "", f"[{passage}]", "is missing or empty; each body passage needs its digest")
                )
    return digests


def _quote_problems(table, digests: dict[str, dict[str, str]], file: str, required: bool) -> list[Problem]:
    found = []
    for number, row in enumerate(table.to_dict("records"), 2):
        if row["claim_type"] == NO_CLAIM:
            continue
        text = digests.get(row["article"], {}).get(row["passage"], "")
        place = f"{number} ({row['claim_id']})"
        if not row["quote"]:
            if required:
                found.append(Problem(file, place, "quote", "", "is empty; give the words of the digest that say it"))
        elif row["quote"] not in text:
            message = f"is not in passage [{row['passage']}] of {row['article']}.md"
            found.append(Problem(file, place, "quote", row["quote"], message))
    return found
