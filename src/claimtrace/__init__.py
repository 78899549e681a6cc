"""From raw text to coded claims to comparison charts, every mark traceable to its passage.

The modules in the order in which data flows: :mod:`study` opens a study folder, :mod:`corpus` gives passages and
sentences in either edition, :mod:`codebook` the codes, :mod:`claims` the table of claims, :mod:`compare` the counts,
:mod:`figures` the charts, :mod:`evidence` the way back from a mark to its passages. :mod:`worksheets`, :mod:`check`
and :mod:`audit` guard the data; :mod:`notebooks` runs and normalises notebooks; :mod:`cli` is the command line.
"""

__version__ = "0.1.0"
