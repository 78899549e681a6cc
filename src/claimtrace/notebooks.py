"""Run, normalise and lint notebooks."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

# nbformat loads jsonschema, which loads every format checker it finds; this one, for internationalised addresses, takes
# two seconds to build its grammar, and no notebook needs it. A missing checker is skipped.
sys.modules.setdefault("rfc3987_syntax", None)

import nbformat  # noqa: E402

from claimtrace.errors import Problem, StudyError  # noqa: E402
from claimtrace.files import JOURNAL, write_record, write_whole  # noqa: E402
from claimtrace.signature import check_names, declared  # noqa: E402

T = TypeVar("T")
#: Times that a kernel is started. Its ports are picked, let go, and bound by the kernel a second later; two builds beside each other
#: may pick the same (nteract/papermill#511), and the kernel that comes second dies before it has answered.
STARTS = 3
_VOLATILE_CELL = ("papermill", "execution", "scrolled", "collapsed", "editable", "slideshow")


def read(path: Path) -> nbformat.NotebookNode:
    """A notebook of format 4.

    Raises:
        StudyError: no such file, or not a notebook.
    """
    try:
        flaw: dict = {}  # nbformat only logs what it finds
        notebook = nbformat.reads(path.read_bytes().decode("utf-8-sig"), as_version=4, capture_validation_error=flaw)
        if flaw:
            raise flaw["ValidationError"]
        list(notebook.cells)
        return notebook
    except FileNotFoundError:
        raise StudyError(f"{path}: no such notebook") from None
    except OSError as error:
        raise StudyError(f"{path}: cannot be read: {error.strerror}") from None
    # nbformat lets through what it did not expect of a damaged file: missing keys, lists for mappings, deep nesting.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, nbformat.ValidationError) as error:
        cause = " ".join(str(error.__cause__ or error).split())[:120]
        raise StudyError(
            f"{path}: not a Jupyter notebook ({cause or 'missing parts'}); take it from the repository again"
        ) from None


def parameters_of(notebook: nbformat.NotebookNode) -> dict[str, object]:
    """Names and defaults of the cell tagged ``parameters``."""
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            return declared(cell.source)
    return {}


def normalise(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what changes from run to run: times, run metadata, library versions, random ids.

    Ids are made from the content of a cell, so that a cell that does not change keeps its id.
    """
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        for key in _VOLATILE_CELL:
            cell.metadata.pop(key, None)
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        if "outputs" in cell:
            cell["outputs"] = _joined(cell["outputs"])
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output["metadata"] = {}
    return notebook


def _joined(outputs: list) -> list:
    """Outputs with printed text that follows printed text joined: a slow kernel sends in two parts what a quick one sends in one."""
    joined: list = []
    for output in outputs:
        stream = output.get("output_type") == "stream"
        if stream and joined and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
            continue
        joined.append(output)
    return joined


def serialise(notebook: nbformat.NotebookNode) -> bytes:
    """The one way in which a notebook is written: UTF-8, LF, sorted keys, final newline."""
    text = nbformat.writes(notebook, version=4)
    return (json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def started(start: Callable[[], T]) -> T:
    """What ``start`` returns, tried again where its kernel dies before it has answered for the first time.

    Raises:
        RuntimeError: the kernel died in each of :data:`STARTS` times, or something else went wrong.
    """
    for _ in range(STARTS - 1):
        try:
            return start()
        except RuntimeError as error:
            if "before replying" not in str(error):
                raise
    return start()


def run(source: Path, target: Path, parameters: dict[str, object] | None = None, record: Path | None = None) -> None:
    """Execute a notebook with papermill in its own folder and write it, normalised, whole or not at all.

    Args:
        record: where to note the SHA-256 of the notebook and of every file that it wrote, for ``tools/intact.sh``.

    Raises:
        StudyError: an unknown parameter, or a cell that fails; the message is the cell's.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from traitlets.config import Config

    parameters = parameters or {}
    try:
        known = parameters_of(read(source))
    except StudyError as error:
        raise StudyError(str(error) if str(source) in str(error) else f"{source}, {error}") from None
    check_names(set(parameters), set(known))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part.ipynb")
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "written"
        os.environ[JOURNAL] = str(journal)
        try:
            execute = partial(
                papermill.execute_notebook,
                str(source),
                str(part),
                parameters,
                kernel_name="python3",
                cwd=str(source.parent),
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                record_timing=False,
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
                extra_arguments=["--log-level=CRITICAL"],
                timeout=600,
            )
            started(execute)
            content = serialise(normalise(read(part)))
            if record:
                # First the record, then the notebook that make goes by: a kill between them leaves nothing that is trusted.
                write_record(record, _written(journal) | {target: hashlib.sha256(content).hexdigest()})
            write_whole(target, content)
        except papermill.PapermillExecutionError as error:
            place = f"{source.name}, cell {error.exec_count}"
            message = re.sub(r"\x1b\[[0-9;]*m", "", str(error.evalue))
            raise StudyError(message if error.ename == "StudyError" else f"{place}: {error.ename}: {message}") from None
        except DeadKernelError:
            raise StudyError(
                f"{source.name}: its kernel was killed (is there memory enough?); run make again"
            ) from None
        except RuntimeError as error:
            if "Kernel" not in str(error):
                raise
            # Killed before it answered for the first time, which jupyter_client tells in another way.
            raise StudyError(f"{source.name}: its kernel was killed or did not start; run make again") from None
        except CellTimeoutError:
            raise StudyError(f"{source.name}: a cell took more than ten minutes; run make again") from None
        finally:
            os.environ.pop(JOURNAL)
            part.unlink(missing_ok=True)


def _written(journal: Path) -> dict[Path, str]:
    """SHA-256 of the figures and tables that a kernel wrote; what it cached is sealed in its own way."""
    if not journal.is_file():
        return {}
    paths = {Path(line) for line in journal.read_text(encoding="utf-8").splitlines()}
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths) if path.parent.name != "cache"
    }


def lint(path: Path) -> list[Problem]:
    """What would keep a committed notebook from being compared, or make it differ from machine to machine."""
    notebook = read(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    found = []

    def problem(cell: int, message: str) -> None:
        found.append(Problem(path.name, f"cell {cell}" if cell else "", "", "", message))

    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        problem(0, f"execution counts are {counts}, not 1 to {len(code)}; run make refresh")
    if not parameters_of(notebook):
        problem(0, "has no cell tagged parameters")
    if serialise(normalise(notebook)) != path.read_bytes():
        problem(0, "is not as claimtrace writes it (its bytes differ from the normalised form); run make refresh")
    for number, cell in enumerate(code, 1):
        for output in cell.outputs:
            if output.output_type == "error":
                problem(number, "holds an error")
            if output.get("name") == "stderr":
                problem(number, "wrote to stderr")
            if re.search(r"/(home|root|Users|tmp|work)/", json.dumps(output)):
                problem(number, "shows a path of one machine")
    return found
