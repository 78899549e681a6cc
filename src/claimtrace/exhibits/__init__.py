"""The exhibits of the notebooks: tables counted, charts drawn, captions and alternative texts written from the data."""

from claimtrace.exhibits.corpus import claim_types, claims_per_article, corpus
from claimtrace.exhibits.motives import motives, motives_before_after, motives_by_article, profile, sought
from claimtrace.exhibits.trust import CHARTED, RELIABLE, TENTATIVE, change, reliability, specification_curves, voices

__all__ = [
    "CHARTED",
    "RELIABLE",
    "TENTATIVE",
    "change",
    "claim_types",
    "claims_per_article",
    "corpus",
    "motives",
    "motives_before_after",
    "motives_by_article",
    "profile",
    "reliability",
    "sought",
    "specification_curves",
    "voices",
]
