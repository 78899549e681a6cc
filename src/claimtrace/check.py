"""Every violation in the data of a study, with file, row, column and value."""

from __future__ import annotations

from claimtrace import adjudication, claims, corpus, events, schema
from claimtrace.codebook import NO_CLAIM
from claimtrace.errors import Problem, StudyError
from claimtrace.study import Study


def check(study: Study) -> list[Problem]:
    """All problems of a study's tables and digests; an empty list when there are none.

    Table schemas (types, enums, keys) are enforced by Frictionless as ``datapackage.json`` describes them; the rules
    that a schema cannot express, by :func:`claimtrace.claims.violations`; quotes against the digests here.
    """
    found = _schema_problems(study)
    found += _catalogue_problems(study)
    for coding in study.codings:
        table = claims.load_all(study, coding)
        file = f"{coding}.csv"
        found += claims.violations(table, study, file)
        found += _quote_problems(study, table, file, required=coding == "claims")
    found += events.violations(study, claims.load_all(study))
    found += _adjudication_problems(study)
    return _once(found)


def _adjudication_problems(study: Study) -> list[Problem]:
    """Undecided differences; and whether the adjudicated coding is what the passes and the decisions give."""
    if not (study.root / "coding" / "adjudication.csv").is_file():
        return []
    try:
        passes, decided = adjudication.Passes(study), adjudication.decisions(study)
        found = adjudication.violations(passes, decided)
        if not found and not adjudication.apply(passes, decided).equals(claims.load_all(study)):
            message = "is not what the passes and adjudication.csv give; change those, then run claimtrace adjudicate"
            found.append(Problem("claims.csv", "", "", "", message))
    except StudyError as error:
        return [Problem("adjudication.csv", "", "", "", str(error))]
    return found


def _once(problems: list[Problem]) -> list[Problem]:
    """The schema and the codebook both know an enum; a cell is reported once."""
    seen, kept = set(), []
    for problem in problems:
        key = (problem.file, problem.row.split(" ")[0], problem.column, problem.value)
        if not problem.row or key not in seen:
            kept.append(problem)
        seen.add(key)
    return kept


def _schema_problems(study: Study) -> list[Problem]:
    from frictionless import Package, system

    path = study.root / "datapackage.json"
    expected = schema.serialise(schema.package(study))
    if not path.is_file() or path.read_text(encoding="utf-8") != expected:
        return [Problem("datapackage.json", "", "", "", "is not what the codebook says; run claimtrace schema")]
    found = []
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
    return [
        Problem("articles.csv", str(number), "published_edtf", article["published_edtf"], "is not EDTF")
        for number, article in enumerate(study.articles.to_dict("records"), 2)
        if not claims.is_edtf(article["published_edtf"])
    ]


def _quote_problems(study: Study, table, file: str, required: bool) -> list[Problem]:
    digests, found = {}, []
    for slug in study.articles["slug"]:
        try:
            digests[slug] = corpus.read_digest(study.digests / f"{slug}.md")
        except StudyError as error:
            found.append(Problem(f"{slug}.md", "", "", "", str(error).split(": ", 1)[1]))
            digests[slug] = {}
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
