"""Notebooks: parameters, normalising, and that a changed output, bar or claim is noticed."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import HARBOURS, ROOT
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from jupyter_client.connect import LocalPortCache
from traitlets.config import Config

from claimtrace import exhibits, notebooks, parameters, provenance
from claimtrace.errors import StudyError
from claimtrace.signature import check_names, declared

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def claimtrace(*arguments, cwd=ROOT):
    command = [str(Path(sys.executable).with_name("claimtrace")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebooks_can_be_compared(path):
    assert notebooks.lint(path) == []


def test_lint_notices_what_would_go_uncompared(tmp_path):
    notebook = notebooks.read(NOTEBOOKS[0])
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[1].execution_count = None
    code[2].outputs = [nbformat.v4.new_output("stream", name="stderr", text="warning")]
    code[3].outputs = [nbformat.v4.new_output("stream", name="stdout", text="/home/somebody/data")]
    path = tmp_path / "x.ipynb"
    path.write_bytes(notebooks.serialise(notebook))
    messages = " ".join(problem.message for problem in notebooks.lint(path))
    assert "execution counts" in messages
    assert "stderr" in messages
    assert "path of one machine" in messages


def test_normalising_twice_changes_nothing():
    for path in NOTEBOOKS:
        once = notebooks.serialise(notebooks.normalise(notebooks.read(path)))
        assert once == path.read_bytes()


def test_normalising_removes_what_changes_from_run_to_run():
    notebook = nbformat.v4.new_notebook(
        metadata={"papermill": {"start_time": "now"}, "language_info": {"name": "python", "version": "3.11.7"}}
    )
    cell = nbformat.v4.new_code_cell(
        "1", metadata={"papermill": {"duration": 1}, "execution": {}, "tags": ["parameters"]}
    )
    notebook.cells = [cell, nbformat.v4.new_code_cell("1")]
    text = notebooks.serialise(notebooks.normalise(notebook)).decode()
    assert "papermill" not in text
    assert "3.11" not in text
    assert [c["id"] for c in json.loads(text)["cells"]][1].endswith("-2")
    assert json.loads(text)["cells"][0]["metadata"] == {"tags": ["parameters"]}


def test_text_that_a_slow_kernel_sends_in_parts_is_joined():
    def printed(*texts):
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_code_cell("1")]
        streams = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in texts]
        notebook.cells[0].outputs = [
            *streams,
            nbformat.v4.new_output("display_data", data={"text/plain": "x"}),
            *streams,
        ]
        return notebooks.serialise(notebooks.normalise(notebook))

    assert printed("one\n", "two\n") == printed("one\ntwo\n")


def test_what_is_printed_and_what_went_wrong_stay_apart():
    names = ["stdout", "stderr", "stderr", "stdout"]
    outputs = [nbformat.v4.new_output("stream", name=name, text=f"{n}\n") for n, name in enumerate(names)]
    joined = [(output["name"], output["text"]) for output in notebooks._joined(outputs)]
    assert joined == [("stdout", "0\n"), ("stderr", "1\n2\n"), ("stdout", "3\n")]


def test_the_parameters_cell_is_read():
    assert declared("a = 1  # one\nb = ['x']\nc: int = 3") == {"a": 1, "b": ["x"]}
    with pytest.raises(StudyError, match="'voices': no such parameter; there are: unit, voice"):
        check_names({"voices"}, {"voice", "unit"})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"edition": "both"}, "choose from: 'digest', 'original'"),
        ({"unit": "words"}, "'claims', 'propositions', 'articles'"),
        ({"voice": "SELF"}, "must be a list"),
        (
            {"voice": ["OWN"]},
            "'SELF' (Stated by the actor), 'REPORTED' (Said by a third party), 'IMPUTED' (Imputed by the author)",
        ),
        ({"actors": ["ATLANTIS"]}, "'GUILD' (Salt Guild), 'VARN' (Varn)"),
        ({"actors": ["VARN_MAYOR"]}, "is counted with VARN; give that"),
        ({"actor": "AUTHOR"}, "unknown; choose from: 'GUILD' (Salt Guild), 'VARN' (Varn)"),
        ({"voices": ["all;SELF"]}, "all and headline stand alone"),
        ({"scopes": ["headline;DEALINGS"]}, "all and headline stand alone"),
        ({"scope": "TALIBAN"}, "'DEALINGS' (Dealing with the Guild), 'ELSEWHERE' (Elsewhere)"),
        ({"coding": "pass_z"}, "'claims', 'pass_a'"),
        ({"explicit_only": 1}, "must be of type bool"),
        ({"minimum": "5"}, "must be of type int"),
    ],
)
def test_a_wrong_value_lists_the_right_ones(harbours, values, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        parameters.check_values(harbours, values)


def test_what_was_chosen_is_told_in_captions_and_in_pictures(harbours, tmp_path):
    """What a filter leaves out must not pass for silence of the articles."""
    values = {
        "coding": "claims",
        "actors": [],
        "scope": "DEALINGS",
        "voice": [],
        "motive_polarity": ["drive", "brake", "unclear"],
        "unit": "claims",
    }
    assert parameters.chosen(harbours, values) == {}
    assert parameters.in_words(harbours, {}) == ""
    chosen = parameters.chosen(
        harbours, values | {"voice": ["SELF"], "actors": ["OSK", "VARN"], "scope": "", "unit": "articles"}
    )
    assert chosen == {"actors": ["OSK", "VARN"], "scope": "", "voice": ["SELF"], "unit": "articles"}
    told = parameters.in_words(harbours, chosen)
    assert told.startswith(
        " **Chosen by parameters:** actors: Osk, Varn; scope: all; voice: Stated by the actor. What these"
    )
    assert "does not mean that the articles are silent" in told
    assert parameters.in_words(harbours, {"coding": "pass_b"}) == " **Chosen by parameters:** coding: pass_b."
    exhibit = exhibits.corpus(harbours)
    assert exhibit.told("") is exhibit
    assert exhibit.told(told).caption == exhibit.caption + told
    exhibit.told(told).save(tmp_path, provenance.of(harbours, chosen))
    assert provenance.read(tmp_path / "figures/fig_corpus.svg").parameters == chosen
    assert "Chosen by parameters: actors: Osk, Varn" in (tmp_path / "figures/fig_corpus.svg").read_text(
        encoding="utf-8"
    )
    exhibit.save(tmp_path, provenance.of(harbours))
    assert "parameters" not in provenance.of(harbours).as_text()


def test_an_empty_parameter_stands_for_what_the_study_has(harbours, tmp_path):
    """No notebook names a coding or an actor of this study."""
    begun = {"study": str(harbours.root), "build": str(tmp_path)}
    assert parameters.begin(begun | {"coding": "claims", "actor": ""}).actor == "OSK"
    found = parameters.begin(begun | {"one": "", "other": "pass_a", "codings": []})
    assert (found.one, found.other, found.codings) == ("pass_a", "pass_a", ["claims", "pass_a", "pass_b"])
    del harbours.settings["passes"]
    with pytest.raises(StudyError, match="names no two passes"):
        parameters._codings(harbours, {"one": ""})


def test_a_kernel_whose_port_is_taken_is_started_again(tmp_path, monkeypatch):
    cell = nbformat.v4.new_code_cell("n = 1", metadata={"tags": ["parameters"]})
    source, target = tmp_path / "one.ipynb", tmp_path / "two.ipynb"
    source.write_bytes(notebooks.serialise(nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_code_cell("n + 1")])))
    free, given = LocalPortCache.find_available_port, []
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]

        def port(self, ip):
            given.append(free(self, ip) if given else taken)
            return given[-1]

        monkeypatch.setattr(LocalPortCache, "find_available_port", port)
        notebooks.run(source, target)
    assert given[0] == taken
    assert notebooks.read(target).cells[-1].outputs[0].data["text/plain"] == "2"


@pytest.mark.parametrize("slip", ["edition = digest", "n = 5)", "actors = ["])
def test_a_slip_in_the_cell_of_parameters_is_told(slip, tmp_path):
    cell = nbformat.v4.new_code_cell(f"n = 1\n{slip}", metadata={"tags": ["parameters"]})
    source = tmp_path / "one.ipynb"
    source.write_bytes(notebooks.serialise(nbformat.v4.new_notebook(cells=[cell])))
    with pytest.raises(StudyError) as told:
        notebooks.run(source, tmp_path / "two.ipynb")
    assert str(told.value) == (
        f"{source}, cell of parameters, line 2, {slip!r}: cannot be read; give each name a plain value, text in quotation marks"
    )


def test_a_kernel_that_never_starts_is_given_up():
    tries = []

    def start():
        tries.append(len(tries))
        raise RuntimeError("Kernel died before replying to kernel_info")

    with pytest.raises(RuntimeError, match="before replying"):
        notebooks.started(start)
    assert len(tries) == notebooks.STARTS


@pytest.mark.parametrize("argument", ["voices=[SELF]", "voice=[OWN]", "voice=[", "voice"])
def test_a_wrong_parameter_stops_the_run_in_one_line(argument, tmp_path):
    done = claimtrace("run", "notebooks/04_motives.ipynb", tmp_path / "x.ipynb", "-p", argument)
    assert done.returncode == 1
    assert done.stderr.startswith("claimtrace: ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def shown(name: str, values: dict, monkeypatch) -> str:
    """All that a notebook shows with these parameters, run in this process: it spares a kernel."""
    monkeypatch.chdir(ROOT / "notebooks")
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    try:
        with capture_output() as output:
            for cell in notebooks.read(Path(f"{name}.ipynb")).cells:
                if cell.cell_type == "code":
                    given = values if "parameters" in cell.metadata.get("tags", []) else {}
                    source = "\n".join([cell.source, *(f"{key} = {value!r}" for key, value in given.items())])
                    shell.run_cell(source).raise_error()
    finally:
        InteractiveShell.clear_instance()
    return output.stdout + "".join(str(value) for one in output.outputs for value in one.data.values())


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("01_corpus", {"edition": "original"}),
        ("01_corpus", {"edition": "digest"}),
        ("02_coding", {"edition": "original"}),
        ("03_reliability", {"draws": 20}),
        ("05_country", {"edition": "original", "actor": "VARN"}),
        ("06_events", {"edition": "digest"}),
        ("07_relations", {"edition": "original"}),
        ("08_robustness", {"minimum": 1}),
        ("09_rules", {"draws": 20}),
    ],
)
def test_another_study_has_what_the_same_notebooks_need(name, settings, tmp_path, monkeypatch):
    text = shown(name, {"study": str(HARBOURS), "build": str(tmp_path), **settings}, monkeypatch)
    assert "Taliban" not in text
    assert "<svg" in text
    figures = sorted(path.stem for path in (tmp_path / "figures").glob("*.svg"))
    assert figures == sorted(path.stem for path in (tmp_path / "tables").glob("fig_*.csv"))
    assert figures


def test_another_study_runs_through_the_same_notebooks(tmp_path):
    settings = [f"study={HARBOURS}", f"build={tmp_path / 'build'}", "edition=digest", "minimum=1"]
    settings = [word for setting in settings for word in ("-p", setting)]
    done = claimtrace("run", "notebooks/04_motives.ipynb", tmp_path / "out.ipynb", *settings)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert "Taliban" not in text
    assert list((tmp_path / "build/figures").glob("*.svg"))
    table = (tmp_path / "build/tables/fig_motives.csv").read_text(encoding="utf-8").splitlines()
    assert table == [
        "motive,direction,actor,voice,n,articles,articles_cell,n_low,n_high,claim_ids",
        "PRIDE,drive,VARN,IMPUTED,1,1,1,1,1,ledger-1704.p01.s2.c1",
        "SALT,drive,VARN,SELF,1,1,1,1,1,gazette-1703.p01.s2.c1",
        "TOLL,brake,OSK,IMPUTED,1,1,2,1,2,gazette-1703.p02.s1.c1",
        "TOLL,brake,OSK,REPORTED,1,1,2,1,2,courier-1701.p01.s2.c1",
    ]


def failing(folder: Path) -> dict[str, int]:
    """Cells of each notebook of a folder that differ from its stored outputs, by nbval."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "--nbval-current-env",
        "-p",
        "no:cacheprovider",
        "-rA",
        "-q",
        ".",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert re.search(r"^PASSED ", done.stdout, re.MULTILINE), done.stdout + done.stderr
    names = [path.name for path in folder.glob("*.ipynb")]
    return {name: len(re.findall(rf"^FAILED {re.escape(name)}", done.stdout, re.MULTILINE)) for name in names}


def test_a_changed_digit_bar_or_claim_is_noticed(tmp_path):
    shutil.copytree(HARBOURS, tmp_path / "data")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    stored = tmp_path / "stored/05_country.ipynb"
    notebooks.run(
        ROOT / "notebooks/05_country.ipynb",
        stored,
        {"study": str(tmp_path / "data"), "build": str(tmp_path / "build"), "actor": "VARN"},
    )
    text = stored.read_text(encoding="utf-8")

    cells = json.loads(text)["cells"]
    svg = next(
        o["data"]["image/svg+xml"] for c in cells for o in c.get("outputs", []) if "image/svg+xml" in o.get("data", {})
    )
    bar = next(line for line in reversed(svg) if re.match(r'\s*<path d="M [\d.]+ [\d.]+ $', line))
    moved = re.sub(r"M ([\d.]+)", lambda m: f"M {float(m[1]) + 1}", bar, count=1)
    changed = text.replace(json.dumps(bar)[1:-1], json.dumps(moved)[1:-1], 1)
    changed = changed.replace("4 claims as subject", "5 claims as subject")
    (folder / "bar_and_digit.ipynb").write_text(changed, encoding="utf-8")

    shutil.copytree(HARBOURS, tmp_path / "reworded")
    claims = tmp_path / "reworded/coding/claims.csv"
    reworded = claims.read_text(encoding="utf-8").replace("Varn extended its treaty", "Varn renewed its treaty", 1)
    claims.write_text(reworded, encoding="utf-8")
    other = text.replace(str(tmp_path / "data"), str(tmp_path / "reworded"))
    (folder / "claim.ipynb").write_text(other, encoding="utf-8")
    found = failing(folder)
    assert found["bar_and_digit.ipynb"] == 2
    assert found["claim.ipynb"] > 1  # not only the checksum of the claims
