"""Two studies to test on: the invented harbours (a copy that may be broken) and the real one (read only)."""

import os
import shutil
from pathlib import Path

import pytest

from claimtrace.study import Study

ROOT = Path(__file__).resolve().parent.parent
HARBOURS = ROOT / "tests" / "harbours"


@pytest.fixture
def harbours(tmp_path):
    """A copy of the invented study, to be changed at will."""
    shutil.copytree(HARBOURS, tmp_path / "data")
    return Study(tmp_path / "data")


@pytest.fixture(scope="session")
def real():
    """The study of this repository."""
    return Study(ROOT / "data")


@pytest.fixture(scope="session")
def originals():
    """The original articles, where there are any: ORIGINALS, data/raw/original/ or ../shared/originals/."""
    for folder in (os.environ.get("ORIGINALS"), ROOT / "data/raw/original", ROOT.parent / "shared/originals"):
        if folder and any(Path(folder).glob("*.txt")):
            return Path(folder)
    pytest.skip("the original articles are not here")
