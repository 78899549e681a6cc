"""The study as a static site: every mark of every chart leads to its claims, and every claim to its passage.

Sphinx, myst-nb and sphinx-book-theme make the pages; they are in the extra ``site``. Nothing is fetched, while building or reading.
"""

from claimtrace.site.build import build

__all__ = ["build"]
