"""The rule coder: from any text to proposed claims, by rules that can be read; people decide."""

from claimtrace.rules.coder import PROPOSED, Coder, code_text, table
from claimtrace.rules.editions import code_study
from claimtrace.rules.rulebook import Rulebook

__all__ = ["PROPOSED", "Coder", "Rulebook", "code_study", "code_text", "table"]
