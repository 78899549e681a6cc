"""Two studies to test on: the invented harbours (a copy that may be broken) and the real one (read only)."""

import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from claimtrace.notebooks import started
from claimtrace.study import Study

ROOT = Path(__file__).resolve().parent.parent
HARBOURS = ROOT / "tests" / "harbours"
BUILT = ROOT / "build"
SITE = BUILT / "site"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Chromium asks nobody for anything, and runs where there is neither a screen nor a sandbox.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_addoption(parser):
    parser.addoption(
        "--whole", action="store_true", help="show every page and every chart to Chromium, not one of a kind"
    )


#: Files whose tests share what takes long to make: one worker makes it, and runs them all. So do the cells of a notebook.
TOGETHER = {"test_site.py", "test_figures.py"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Every other test goes to the worker that is free. (xdist's own groups do nothing under pytest 9.2: its issue 1386.)"""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::")[0]
            return file if Path(file).name in TOGETHER or file.endswith(".ipynb") else nodeid

    return Scheduler(config, log)


def pytest_configure():
    """Kernels of nbval, too, are started again where another took their ports."""
    import nbval.kernel

    start = nbval.kernel.start_new_kernel
    nbval.kernel.start_new_kernel = lambda *args, **kwargs: started(partial(start, *args, **kwargs))


@pytest.fixture(scope="session")
def whole(request) -> bool:
    """Whether to leave nothing out, which takes some minutes more."""
    return request.config.getoption("--whole")


@pytest.fixture
def harbours(tmp_path):
    """A copy of the invented study, to be changed at will."""
    shutil.copytree(HARBOURS, tmp_path / "data")
    return Study(tmp_path / "data")


@pytest.fixture(scope="session")
def real():
    """The study of this repository. Where another has taken its place, what is known of this one cannot be tested."""
    study = Study(ROOT / "data")
    if study.focus != "TAL":
        pytest.skip("data/ holds another study")
    return study


@pytest.fixture(scope="session")
def originals(real):
    """The original articles, where all of them are: ORIGINALS, data/raw/original/ or ../shared/originals/."""
    for folder in (os.environ.get("ORIGINALS"), ROOT / "data/raw/original", ROOT.parent / "shared/originals"):
        if folder and all((Path(folder) / name).is_file() for name in real.articles["original_file"]):
            return Path(folder)
    pytest.skip("the original articles are not here")


@pytest.fixture(scope="session")
def pages():
    """The pages of the site of this repository."""
    if not (SITE / "index.html").is_file():
        if os.environ.get("CI"):
            pytest.fail("the site was not made; run make site")
        pytest.skip("the site was not made; run make site")
    return sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)


@pytest.fixture(scope="session")
def chromium():
    """One window of one browser, for all tests: to start one takes longer than most of them."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser.new_context()
        browser.close()


@pytest.fixture
def tab(chromium):
    """A page that keeps what it complained of and asked for."""
    page = chromium.new_page()
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    page.on(
        "request",
        lambda request: request.url.startswith(("file:", "data:")) or page.complaints.append(f"fetches {request.url}"),
    )
    yield page
    page.close()
