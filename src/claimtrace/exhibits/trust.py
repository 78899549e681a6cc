"""Exhibits on how far to trust the others: agreement of coders, uncertainty, robustness."""

from __future__ import annotations

import pandas as pd

from claimtrace import figures
from claimtrace.figures import Exhibit
from claimtrace.study import Study

#: Krippendorff's customary bounds of alpha: reliable, and fit for tentative conclusions.
RELIABLE, TENTATIVE = 0.8, 0.667


def reliability(study: Study, numbers: pd.DataFrame) -> Exhibit:
    """Krippendorff's alpha of every variable and motive, with its interval.

    Args:
        numbers: output of :func:`claimtrace.agreement.reliability`.
    """
    claims_only = numbers[numbers["group"] == "Matched claims"]
    good = int((claims_only["value"] >= RELIABLE).sum())
    weak = claims_only[claims_only["value"] < RELIABLE].sort_values("value")
    figure = figures.intervals(
        numbers,
        bounds={TENTATIVE: f"{TENTATIVE:.3f}".lstrip("0"), RELIABLE: f"{RELIABLE:.3f}".lstrip("0")},
        heading=f"Agreement of two codings: {good} of {len(claims_only)} variables at {RELIABLE:.2f} or above",
    )
    below = ", ".join(f"{row.label[:1].lower() + row.label[1:]} ({row.value:.2f})" for row in weak.itertuples())
    caption = (
        "**Agreement before adjudication.** Krippendorff's alpha with 95 % intervals (articles, then sentences, drawn with "
        f"replacement), against the customary bounds {TENTATIVE} (tentative) and {RELIABLE} (reliable). Units on the right. "
        + (f"Below {RELIABLE}: {below}. " if below else "")
        + "Agreement of two coders is not truth; two runs of one language model share its habits, so that these figures say "
        "how well the codebook settles a code, and are likely to be higher than those of two human readers."
    )
    alt = "Alpha by variable. " + "; ".join(
        f"{row.label} {row.value:.2f}" for row in numbers.itertuples() if row.value == row.value
    )
    return Exhibit("fig_reliability", figure, numbers, caption, alt + ".")
