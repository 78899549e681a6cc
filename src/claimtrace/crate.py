"""What a build was made from, as an RO-Crate: exhibits, their tables, the notebooks that drew them and what these had read."""

from __future__ import annotations

import json
import platform
import re
import tomllib
from pathlib import Path

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from claimtrace import __version__, provenance
from claimtrace.errors import StudyError
from claimtrace.manifest import EXHIBITS, compute
from claimtrace.notebooks import parameters_of
from claimtrace.notebooks import read as read_notebook
from claimtrace.plain import read_yaml
from claimtrace.signature import declared
from claimtrace.site.cite import author_name
from claimtrace.site.gallery import pictures
from claimtrace.study import Study

FILE = "ro-crate-metadata.json"
_FORMATS = {
    ".csv": "text/csv", ".yaml": "application/yaml", ".md": "text/markdown", ".svg": "image/svg+xml", ".png": "image/png",
    ".pdf": "application/pdf", ".ipynb": "application/x-ipynb+json", ".txt": "text/plain", ".json": "application/json",
}  # fmt: skip
_CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def parameters(notebook) -> dict[str, object]:
    """The parameters that an executed notebook ran with."""
    found = parameters_of(notebook)
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            found |= declared(cell.source)
    return found


def build(study: Study, repository: Path, folder: Path) -> dict:
    """The crate of a build, as JSON-LD (RO-Crate 1.1); the same for the same build of one commit.

    Args:
        repository: holds CITATION.cff and, if any, the commit.
        folder: figures, tables and executed notebooks.

    Raises:
        StudyError: nothing was built.
    """
    files = compute(folder, EXHIBITS)
    if not files:
        raise StudyError(f"{folder}: nothing is built there; run make")
    if not any(name.startswith("notebooks/") for name in files):
        raise StudyError(
            f"{folder}/notebooks: no executed notebook, which tells what was made from what; run one into that folder"
        )
    citation = read_yaml(repository / "CITATION.cff") if (repository / "CITATION.cff").is_file() else {}
    commit, date = provenance.commit(repository)
    crate = ROCrate(gen_preview=False, version="1.1")

    def add(identifier: str, kind: str, /, **properties) -> ContextEntity:
        return crate.add(ContextEntity(crate, identifier, {"@type": kind, **properties}))

    license_ = add(
        _CC_BY, "CreativeWork", name="Creative Commons Attribution 4.0 International", identifier="CC-BY-4.0"
    )
    authors = [
        add(
            f"#author-{number}",
            "Organization",
            name=author_name(author),
        )
        for number, author in enumerate(citation.get("authors", []), 1)
    ]
    crate.name = study.title
    crate.description = str(citation.get("abstract", study.title))
    crate.license = license_
    crate.datePublished = date or str(citation.get("date-released", "1970-01-01"))
    if authors:
        crate.root_dataset["author"] = authors if len(authors) > 1 else authors[0]
        crate.root_dataset["publisher"] = authors[0]
    crate.root_dataset["version"] = commit or f"claimtrace {__version__}"
    software = _software(add)
    inputs: dict[str, ContextEntity] = {}
    entities = {
        name: crate.add_file(
            folder / name,
            name,
            properties={
                "name": Path(name).name, "identifier": f"sha256:{digest}", "encodingFormat": _FORMATS.get(Path(name).suffix, "application/octet-stream"),
                "contentSize": str((folder / name).stat().st_size),
            },
        )
        for name, digest in files.items()
    }  # fmt: skip
    for name in files:
        if name.startswith("notebooks/"):
            _run(study, folder, name, entities, inputs, software, add)
    crate.root_dataset["mentions"] = [entity for entity in crate.get_entities() if "CreateAction" in _types(entity)]
    return crate.metadata.generate()


def _types(entity) -> list[str]:
    return entity.type if isinstance(entity.type, list) else [entity.type]


def _software(add) -> list[ContextEntity]:
    """This package, Python and the libraries that shape the bytes."""
    versions = {"claimtrace": __version__, "Python": platform.python_version()} | provenance.libraries()
    return [
        add(f"#software-{name}", "SoftwareApplication", name=name, version=number, softwareVersion=number)
        for name, number in versions.items()
    ]


def _run(study: Study, folder: Path, name: str, entities, inputs, software, add) -> None:
    """One executed notebook: what it drew, from what, with which parameters."""
    notebook = read_notebook(folder / name)
    drawn = sorted({exhibit for cell in notebook.cells for exhibit, _ in pictures(cell)})
    results, sources = [], {}
    for exhibit in drawn:
        files = [f"figures/{exhibit}.{suffix}" for suffix in ("svg", "pdf", "png")] + [f"tables/{exhibit}.csv"]
        files = [file for file in files if file in entities]
        made = provenance.read(folder / files[0]).inputs if files and files[0].endswith(".svg") else {}
        sources |= made
        for file in files:
            entities[file]["isBasedOn"] = [_input(study, path, digest, inputs, add) for path, digest in made.items()]
            if file.startswith("figures/") and f"tables/{exhibit}.csv" in entities:
                entities[file]["about"] = entities[f"tables/{exhibit}.csv"]
        results += [entities[file] for file in files]
    # A table without a picture is told of in the notebook, and made from the same files.
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    for file in sorted(set(re.findall(r"tables/[\w.-]+\.csv", printed)) & entities.keys()):
        if entities[file] not in results:
            entities[file]["isBasedOn"] = [
                _input(study, path, digest, inputs, add) for path, digest in sorted(sources.items())
            ]
            results.append(entities[file])
    stem = name.removeprefix("notebooks/").removesuffix(".ipynb").replace("/", "-")
    values = [
        add(f"#parameter-{stem}-{key}", "PropertyValue", name=key, value=json.dumps(value, ensure_ascii=False))
        for key, value in sorted(parameters(notebook).items())
    ]
    used = [_input(study, path, digest, inputs, add) for path, digest in sorted(sources.items())]
    add(f"#run-{stem}", "CreateAction", name=f"Run of {stem}", instrument=software, object=[*used, *values], result=[entities[name], *results])  # fmt: skip


def _input(study: Study, path: str, digest: str, inputs: dict, add) -> ContextEntity:
    """A file of the study that was read; it is no part of the crate, and named by its path and its hash."""
    key = f"{path} {digest}"
    if key not in inputs:
        properties = {
            "name": path,
            "identifier": f"sha256:{digest}",
            "encodingFormat": _FORMATS.get(Path(path).suffix, "text/plain"),
        }
        if path.startswith("codebook/"):
            properties["version"] = study.codebook.version
        inputs[key] = add(f"#input-{path.replace('/', '-')}-{digest[:12]}", "CreativeWork", **properties)
    return inputs[key]


def codemeta(repository: Path) -> dict:
    """``codemeta.json`` (CodeMeta 3.0) from ``pyproject.toml`` and ``CITATION.cff``."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = read_yaml(repository / "CITATION.cff")
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": project["name"],
        "description": project["description"],
        "version": project["version"],
        "license": f"https://spdx.org/licenses/{project['license']}",
        "author": [{"@type": "Organization", "name": author["name"]} for author in project["authors"]],
        "dateModified": str(citation.get("date-released", "")),
        "keywords": citation.get("keywords", []),
        "programmingLanguage": {"@type": "ComputerLanguage", "name": "Python"},
        "runtimePlatform": f"Python {project['requires-python']}",
        "softwareRequirements": project["dependencies"],
        "referencePublication": [
            {"@type": "Dataset", "name": entry.get("title", "")} for entry in citation.get("references", [])[:1]
        ],
    }


def serialise(content: dict) -> str:
    """As it is written: UTF-8, entities and keys in the order in which they are made."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
