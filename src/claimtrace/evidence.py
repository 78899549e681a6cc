"""From a mark back to its claims, and from a claim to its passage."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from claimtrace.claims import split_cell
from claimtrace.study import Study


def claimant_label(chain: str, article: str, study: Study) -> str:
    """A claimant chain in words, innermost first: who says so, and through whom it reached the article."""
    authors = study.catalogue["authors"]
    names = []
    for actor in reversed(split_cell(chain)):
        if actor == "AUTHOR":
            names.append(authors.get(article, "").replace("; ", ", ") or "author not known")
        else:
            names.append(study.codebook.actor_label(actor))
    return " via ".join(names)


def locator(claim, study: Study) -> str:
    """Where the claim stands in the original: file, characters and sentence."""
    name = study.catalogue.at[claim.article, "original_file"]
    return f"{name}, characters {claim.original_start}-{claim.original_end} ({claim.sentence})"


def trace(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The evidence behind claims, one row a claim in the order given.

    Returns:
        claim, says (claimant chain in words), voice, statement, quote (from the digest), original (locator).
    """
    rows = [
        {
            "claim": claim.claim_id,
            "says": claimant_label(claim.claimant, claim.article, study),
            "voice": claim.voice or claim.attribution,
            "statement": claim.statement,
            "quote": claim.quote,
            "original": locator(claim, study),
        }
        for claim in table.itertuples()
    ]
    return pd.DataFrame(rows, columns=["claim", "says", "voice", "statement", "quote", "original"])


def fingerprint(study: Study, edition: str, coding: str = "") -> str:
    """What an output rests on, in one line: versions and short hashes, so that any change of the data shows."""

    def short(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

    title = study.settings.get("codings", {}).get(coding, "")
    told = f"{title[:1].lower()}{title[1:]}; " if title else ""
    parts = [f"coding {coding} ({told}sha256 {short(study.coding_path(coding))})"] if coding else []
    parts += [
        f"catalogue (sha256 {short(study.root / 'articles.csv')})",
        f"sentence index (sha256 {short(study.root / 'sentences.csv')})",
        f"read with codebook version {study.codebook.version}",
        f"{edition} edition",
    ]
    return ", ".join(parts)
