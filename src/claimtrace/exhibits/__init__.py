"""The exhibits of the notebooks: tables counted, charts drawn, captions and alternative texts written from the data."""

from claimtrace.exhibits.corpus import claim_types, claims_per_article, corpus
from claimtrace.exhibits.motives import motives, motives_before_after, motives_by_article, profile, sought
from claimtrace.exhibits.trust import RELIABLE, TENTATIVE, reliability

__all__ = [
    "RELIABLE",
    "TENTATIVE",
    "claim_types",
    "claims_per_article",
    "corpus",
    "motives",
    "motives_before_after",
    "motives_by_article",
    "profile",
    "reliability",
    "sought",
]
