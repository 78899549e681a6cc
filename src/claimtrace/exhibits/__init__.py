"""The exhibits of the notebooks: tables counted, charts drawn, captions and alternative texts written from the data."""

from claimtrace.exhibits.corpus import claim_types, claims_per_article, corpus
from claimtrace.exhibits.events import contested, corroboration, event_table, event_types, time_line
from claimtrace.exhibits.motives import motives, motives_before_after, motives_by_article, profile, sought
from claimtrace.exhibits.relations import network, tie_changes, tie_matrix
from claimtrace.exhibits.rules import rule_errors, rule_scores, rule_variables
from claimtrace.exhibits.trust import CHARTED, RELIABLE, TENTATIVE, change, reliability, specification_curves, voices

__all__ = [
    "CHARTED",
    "RELIABLE",
    "TENTATIVE",
    "change",
    "claim_types",
    "claims_per_article",
    "contested",
    "corpus",
    "corroboration",
    "event_table",
    "event_types",
    "motives",
    "motives_before_after",
    "motives_by_article",
    "network",
    "profile",
    "reliability",
    "rule_errors",
    "rule_scores",
    "rule_variables",
    "sought",
    "specification_curves",
    "tie_changes",
    "tie_matrix",
    "time_line",
    "voices",
]
