"""The Frictionless description of a study's tables, its enums taken from the codebook."""

from __future__ import annotations

import json
from pathlib import Path

from claimtrace import events, objections
from claimtrace.claims import COLUMNS
from claimtrace.files import write_whole
from claimtrace.study import Study

_SHA = {"pattern": "[0-9a-f]{64}"}
_SENTENCE = {"required": True, "pattern": r"[ptcnb][0-9]{2,}\.s[0-9]+"}
_PASSAGE = {"required": True, "pattern": r"[ptcnb][0-9]{2,}"}
_SLUG = {"required": True, "pattern": "[a-z0-9]+(-[a-z0-9]+)*"}
#: A plain name: no folder, nothing hidden, so that no table leads out of the folder of the originals.
_FILE = {"pattern": r"[A-Za-z0-9_][A-Za-z0-9_ .-]*"}

_ARTICLES = [
    ("slug", "string", "Id of the article: first author or outlet, year.", _SLUG | {"unique": True}),
    ("original_file", "string", "File of the original text as downloaded.", {"required": True} | _FILE),
    ("first_line", "integer", "First line of the article in the file, from 1, blank lines counted.", {"required": True, "minimum": 1}),
    ("last_line", "integer", "Last line of the article in the file.", {"required": True, "minimum": 1}),
    ("sha256", "string", "SHA-256 of the whole original file.", {"required": True} | _SHA),
    ("title", "string", "Title in headline capitals; empty when the file does not give it and it is not established.", {}),
    ("authors", "string", "Authors, '; ' between them; empty when not known.", {}),
    ("outlet", "string", "Where it appeared; empty when not established.", {}),
    ("published_edtf", "string", "Date of publication, EDTF.", {"required": True}),
    ("url", "string", "Address; empty when not established.", {}),
    ("status_of_metadata", "string", "What is not known or was inferred, and how.", {}),
]  # fmt: skip

_SENTENCES = [
    ("article", "string", "Article the sentence belongs to.", _SLUG),
    ("passage", "string", "Passage id, unique within the article: a letter for the kind and a number.", _PASSAGE),
    ("sentence", "string", "Sentence id, unique within the article.", _SENTENCE),
    ("kind", "string", "What the passage is.", {"required": True, "enum": ["body", "title", "caption", "note", "boilerplate"]}),
    ("start", "integer", "First character in the original file, from 0, in Unicode code points.", {"required": True, "minimum": 0}),
    ("end", "integer", "Character after the last one.", {"required": True, "minimum": 1}),
    ("length", "integer", "Characters.", {"required": True, "minimum": 1}),
    ("sha256", "string", "SHA-256 of the sentence's characters, encoded as UTF-8.", {"required": True} | _SHA),
]  # fmt: skip

_SPLITTERS = [
    ("splitter", "string", "Name of the sentence splitter.", {"required": True, "unique": True}),
    ("version", "string", "Its version.", {"required": True}),
    ("boundaries", "integer", "Boundaries inside body paragraphs, as they were set by hand.", {"required": True}),
    ("right", "integer", "Boundaries that it set there.", {"required": True}),
    ("wrong", "integer", "Boundaries that it set elsewhere.", {"required": True}),
    ("missed", "integer", "Boundaries that it did not set.", {"required": True}),
    ("precision", "number", "right / (right + wrong).", {"minimum": 0, "maximum": 1}),
    ("recall", "number", "right / (right + missed).", {"minimum": 0, "maximum": 1}),
    ("f1", "number", "Harmonic mean of both.", {"minimum": 0, "maximum": 1}),
]

_SPEED = [
    ("measure", "string", "What was measured: rate, growth, hostile sentence, memory, workers.", {"required": True}),
    ("case", "string", "On what.", {"required": True}),
    ("value", "number", "The figure, to three digits, as measured once on one machine.", {"required": True}),
    ("unit", "string", "Its unit.", {"required": True}),
    ("note", "string", "What else to know.", {}),
]

_DECISIONS = [
    ("article", "string", "Article.", _SLUG),
    ("sentence", "string", "Sentence of the original.", _SENTENCE),
    ("claim_a", "string", "Claim of the first pass; empty where only the second has it.", {}),
    ("claim_b", "string", "Claim of the second pass that was matched with it; empty where only the first has it.", {}),
    ("variable", "string", "Column on which they differ; 'claim' where only one coder has the claim.", {"required": True}),
    ("value_a", "string", "What the first coder gave (for recoded variables, in the second round).", {}),
    ("value_b", "string", "What the second coder gave; 'b:' marks the id of a claim that only the second pass has.", {}),
    ("decision", "string", "What the adjudicated coding has; for 'claim' keep or drop.", {}),
    ("rule", "string", "Rule or variable of the codebook that decides. ';' between items.", {"required": True}),
    ("reason", "string", "Why, in our own words.", {"required": True}),
]  # fmt: skip

_OBJECTIONS = [
    ("article", "string", "Article.", _SLUG),
    ("sentence", "string", "Sentence of the original.", _SENTENCE),
    ("claim_id", "string", "Claim to which the later reader objects; for a missing claim, the dropped one that was restored, or empty where neither pass has it.", {}),
    ("kind", "string", "Wrong beyond doubt, wrong by the likelier reading of the codebook, or a claim that is missing.", {"required": True, "enum": list(objections.KINDS)}),
    ("variable", "string", "Column objected to; 'claim' for a claim that should not be one; for a missing claim, its type.", {"required": True}),
    ("value", "string", "What stood there.", {}),
    ("proposed", "string", "What the reader would put there.", {}),
    ("rule", "string", "Rule or variable of the codebook that the reader names. ';' between items.", {"required": True}),
    ("reason", "string", "The reader's reason.", {"required": True}),
    ("verdict", "string", "What was decided on it, by someone other than the reader. An accepted missing claim that neither pass has is in "
"additions.csv.", {"required": True, "enum": list(objections.VERDICTS)}),
    ("answer", "string", "Why.", {"required": True}),
]  # fmt: skip

_EVENTS = [
    ("event_id", "string", "Id of the event, figure or status.", {"required": True, "unique": True, "pattern": "[A-Za-z0-9._-]+"}),
    ("kind", "string", "What it is: an event, a figure that can be compared, or a lasting state on which accounts differ.", {"required": True, "enum": list(events.KINDS)}),
    ("description", "string", "What it is, in our own words; takes no side where accounts conflict.", {"required": True}),
    ("participants", "string", "Actor ids. ';' between items.", {}),
    ("place", "string", "Where.", {}),
    ("event_type", "string", "PLOVER type; empty for figures and states.", {}),
    ("event_time", "string", "When, EDTF, as precise as all reports together allow; conflicting accounts, or different readings of one account, as [a,b].", {}),
    ("contested", "string", "Point on which accounts conflict, and who says what; empty where they do not.", {}),
    ("settle", "string", "What would settle it.", {}),
    ("not_with", "string", "What only looks comparable, and why it is not.", {}),
]  # fmt: skip

_REPORTS = [
    ("event_id", "string", "The event.", {"required": True}),
    ("claim_id", "string", "The claim that reports it.", {"required": True}),
    ("stance", "string", "Whether the claim reports, alleges (hedged), plans or denies it.", {"required": True, "enum": list(events.STANCES)}),
    ("aspect", "string", "The aspect on which this report conflicts with another; empty where it conflicts with none (and then no denial that names an aspect denies it).", {"enum": events.ASPECTS}),
    ("version", "string", "This report's account of the aspect.", {}),
    ("source", "string", "The underlying source, where it can be told: a short label, the same everywhere.", {}),
    ("adds", "string", "A detail that fits and that the other reports lack.", {}),
]  # fmt: skip

_CLAIM_TEXT = {
    "claim_id": ("Id of the claim: article, sentence, number.", {"required": True, "unique": True}),
    "article": ("Article.", _SLUG),
    "passage": ("Passage, the same in both editions.", _PASSAGE),
    "sentence": ("Sentence of the original that holds the claim.", _SENTENCE),
    "statement": ("The claim in our own words; empty for NONE.", {}),
    "quote": ("The exact words of the digest passage that say it; empty in a pass whose coder had no digest.", {}),
    "original_start": ("First character of the claim's words in the original file.", {"required": True, "minimum": 0}),
    "original_end": ("Character after the last one.", {"required": True, "minimum": 1}),
    "original_sha256": ("SHA-256 of those characters, encoded as UTF-8.", {"required": True} | _SHA),
    "memo": ("Coder's note; for NONE the reason.", {}),
}


def _field(name: str, kind: str, description: str, constraints: dict) -> dict:
    field = {"name": name, "type": kind, "description": description}
    return field | ({"constraints": constraints} if constraints else {})


def _claim_fields(study: Study) -> list[dict]:
    fields = []
    for name in COLUMNS:
        if name in _CLAIM_TEXT:
            description, constraints = _CLAIM_TEXT[name]
            kind = "integer" if name in ("original_start", "original_end") else "string"
            fields.append(_field(name, kind, description, constraints))
            continue
        variable = study.codebook.variables[name]
        constraints = {"required": True} if variable.get("required_for") == "all" else {}
        if "codes" in variable and not variable.get("list"):
            constraints["enum"] = study.codebook.codes(name)
        kind = "number" if variable.get("format") == "number" else "string"
        description = f"{variable['label']}. {' '.join(variable['question'].split())}"
        if variable.get("list"):
            description += " ';' between items."
        field = _field(name, kind, description, constraints)
        if "codes" in variable and not variable.get("list"):
            # As Data Package 2 has it, for programs that show labels; to those of version 1 it says nothing.
            field["categories"] = [
                {"value": code, "label": study.codebook.label(name, code)} for code in study.codebook.codes(name)
            ]
        fields.append(field)
    return fields


def _recoding_fields(study: Study, name: str) -> list[dict]:
    """The unit, and those variables of a coding that were coded again."""
    header = list(study.table(f"coding/{name}.csv").columns)
    unit = [
        _field("coding", "string", "Pass that the unit is a claim of.", {"required": True}),
        _field("claim_id", "string", "The unit: id of the claim in that pass.", {"required": True}),
    ]
    return unit + [field for field in _claim_fields(study) if field["name"] in header and field["name"] != "claim_id"]


def package(study: Study) -> dict:
    """The Data Package descriptor of a study (Frictionless Data Package v1, tabular resources)."""
    article_key = {"fields": "article", "reference": {"resource": "articles", "fields": "slug"}}
    sentence_key = {
        "fields": ["article", "sentence"],
        "reference": {"resource": "sentences", "fields": ["article", "sentence"]},
    }

    def table(name: str, path: str, title: str, fields: list[dict], key: list[str], foreign: list[dict]) -> dict:
        schema = {"fields": fields, "missingValues": [""]} | ({"primaryKey": key} if key else {})
        schema |= {"foreignKeys": foreign} if foreign else {}
        return {
            "name": name, "title": title, "path": path, "profile": "tabular-data-resource", "format": "csv",
            "mediatype": "text/csv", "encoding": "utf-8", "schema": schema,
        }  # fmt: skip

    resources = [
        table("articles", "articles.csv", "Catalogue of the articles", [_field(*f) for f in _ARTICLES], ["slug"], []),
        table("sentences", "sentences.csv", "Stand-off index of the originals' sentences",
              [_field(*f) for f in _SENTENCES], ["article", "sentence"], [article_key]),
    ]  # fmt: skip
    titles = study.settings.get("codings", {})
    for coding in study.codings:
        title = titles.get(coding, f"Coding {coding}")
        resources.append(
            table(coding.replace("_", "-"), f"coding/{coding}.csv", title, _claim_fields(study), ["claim_id"],
                  [article_key, sentence_key])
        )  # fmt: skip
    for name in study.settings.get("recodings", []):
        if (study.root / "coding" / f"{name}.csv").is_file():
            resources.append(table(name.replace("_", "-"), f"coding/{name}.csv", titles.get(name, f"Second round {name}"),
                                   _recoding_fields(study, name), ["coding", "claim_id"], []))  # fmt: skip
    if (study.root / "coding" / "adjudication.csv").is_file():
        title = "Every difference between the passes, and the decision"
        resources.append(table("adjudication", "coding/adjudication.csv", title, [_field(*f) for f in _DECISIONS],
                               [], [article_key, sentence_key]))  # fmt: skip
    if (study.root / "coding" / "objections.csv").is_file():
        title = "Objections of a later reader to the adjudicated coding, and the answers"
        resources.append(table("objections", "coding/objections.csv", title, [_field(*f) for f in _OBJECTIONS],
                               [], [article_key, sentence_key]))  # fmt: skip
    if (study.root / "coding" / "additions.csv").is_file():
        title = "Claims that neither pass has, added on an objection that was accepted"
        resources.append(table("additions", "coding/additions.csv", title, _claim_fields(study), ["claim_id"],
                               [article_key, sentence_key]))  # fmt: skip
    if (study.root / "coding" / "events.csv").is_file():
        resources.append(table("events", "coding/events.csv", "Events, figures and contested states",
                               [_field(*f) for f in _EVENTS], ["event_id"], []))  # fmt: skip
        keys = [{"fields": "event_id", "reference": {"resource": "events", "fields": "event_id"}},
                {"fields": "claim_id", "reference": {"resource": "claims", "fields": "claim_id"}}]  # fmt: skip
        resources.append(table("reports", "coding/reports.csv", "Which claim reports which event",
                               [_field(*f) for f in _REPORTS], ["event_id", "claim_id"], keys))  # fmt: skip
    if (study.root / "splitters.csv").is_file():
        title = "Comparison of sentence splitters"
        resources.append(table("splitters", "splitters.csv", title, [_field(*f) for f in _SPLITTERS], ["splitter"], []))
    if (study.root / "rules_speed.csv").is_file():
        title = "Rate, memory and bounds of the rule coder"
        resources.append(table("rules-speed", "rules_speed.csv", title, [_field(*f) for f in _SPEED], [], []))
    return {
        "profile": "tabular-data-package",
        "name": "study",
        "title": study.title,
        "version": study.settings.get("version", study.codebook.version),
        "licenses": [{"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0"}],
        "resources": resources,
    }


def serialise(descriptor: dict) -> str:
    """The descriptor as it is committed."""
    return json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n"


def write(study: Study, path: Path) -> None:
    """Write the descriptor of a study."""
    write_whole(path, serialise(package(study)).encode("utf-8"))
