"""The rule coder on the articles of a study, in either edition."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from claimtrace.claims import COLUMNS
from claimtrace.codebook import NO_CLAIM
from claimtrace.corpus import digest, passages, read_original, sentence_spans
from claimtrace.rules.coder import PROPOSED, Coder
from claimtrace.study import Study

#: Memo of a sentence in which the rules find no claim.
NOTHING = "no rule fires"


def sentences(study: Study, edition: str, originals: Path | None = None) -> pd.DataFrame:
    """The coded sentences of an edition with the text they are cut from.

    Returns:
        article, passage, sentence, start, end, source (text that the offsets count in). Sentences of the original are
        those of the index; sentences of the digest are numbered anew within each passage.
    """
    if edition == "original":
        passages(study, edition, originals)  # refuses files that are missing or not the catalogued ones
        files = study.articles.set_index("slug")["original_file"]
        held = {name: read_original((originals or study.originals) / name) for name in sorted(set(files))}
        body = study.sentences[study.sentences["kind"] == "body"]
        found = body[["article", "passage", "sentence", "start", "end"]].reset_index(drop=True)
        return found.assign(source=[held[files[slug]] for slug in found["article"]])
    rows = []
    language = study.segmentation.get("language", "en")
    for slug in study.articles["slug"]:
        for passage, text in digest(study, slug).items():
            for number, (start, end) in enumerate(sentence_spans(text, 0, len(text), language), 1):
                rows.append((slug, passage, f"{passage}.s{number}", start, end, text))
    return pd.DataFrame(rows, columns=["article", "passage", "sentence", "start", "end", "source"])


def code_study(coder: Coder, study: Study, edition: str = "digest", originals: Path | None = None) -> pd.DataFrame:
    """Proposals for every coded passage of a study: columns :data:`PROPOSED`."""
    published = study.articles.set_index("slug")["published_edtf"]
    rows, contexts = [], {}
    for (article, passage), group in sentences(study, edition, originals).groupby(["article", "passage"], sort=False):
        spans = list(zip(group["sentence"], group["start"], group["end"], strict=True))
        found, contexts[article] = coder.passage(
            group["source"].iloc[0],
            spans,
            article=article,
            passage=passage,
            published=published[article],
            context=contexts.get(article),
        )
        rows += found
    return pd.DataFrame(rows, columns=PROPOSED)


def as_coding(proposed: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Proposals on the originals as a coding of the study: the columns of a claim, no words of the text, NONE where nothing is proposed.

    Args:
        proposed: output of :func:`code_study` on the edition ``original``.
    """
    body = study.sentences[study.sentences["kind"] == "body"]
    done = set(zip(proposed["article"], proposed["sentence"], strict=True))
    rows = []
    for row in body.itertuples():
        if (row.article, row.sentence) not in done:
            key = f"{row.article}.{row.sentence}.c0"
            place = {"article": row.article, "passage": row.passage, "sentence": row.sentence}
            span = {"original_start": str(row.start), "original_end": str(row.end), "original_sha256": row.sha256}
            rows.append(
                dict.fromkeys(COLUMNS, "") | {"claim_id": key, "claim_type": NO_CLAIM, "memo": NOTHING} | place | span
            )
    table = pd.concat([proposed[COLUMNS].assign(quote="", memo=proposed["rule"]), pd.DataFrame(rows, columns=COLUMNS)])
    order = {key: n for n, key in enumerate(zip(body["article"], body["sentence"], strict=True))}
    places = [order[key] for key in zip(table["article"], table["sentence"], strict=True)]
    return table.assign(place=places).sort_values("place", kind="stable").drop(columns="place").reset_index(drop=True)


def in_edition(table: pd.DataFrame, study: Study, edition: str) -> pd.DataFrame:
    """Claims with the sentence of the edition that they stand in: in the digest, the one that holds their quote."""
    if edition == "original":
        return table
    held = dict(list(sentences(study, edition).groupby(["article", "passage"], sort=False)))
    found = []
    for claim in table.itertuples():
        group = held.get((claim.article, claim.passage))
        at = group["source"].iloc[0].find(" ".join(claim.quote.split())) if group is not None and claim.quote else -1
        inside = group[(group["start"] <= at) & (at < group["end"])] if at >= 0 else None
        found.append(inside["sentence"].iloc[0] if inside is not None and len(inside) else f"{claim.passage}.s0")
    return table.assign(sentence=found)
