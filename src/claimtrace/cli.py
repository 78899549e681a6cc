"""The command line: one command a step, errors in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from claimtrace.errors import Problem, StudyError

app = typer.Typer(
    help="From raw text to coded claims to comparison charts, every mark traceable to its passage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyOption = Annotated[Path, typer.Option("--study", help="Study folder (it holds study.yaml).")]
OriginalsOption = Annotated[Path, typer.Option("--originals", help="Folder of the original files.")]
RepositoryOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder with README.md and CITATION.cff. Default: the folder above a study called data, else the study."
    ),
]


def main() -> None:
    """Entry point: a :class:`StudyError` becomes one message and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that has not all letters shows some as escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except StudyError as error:
        sys.exit(f"claimtrace: {error}")
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that may not be written
        sys.exit(f"claimtrace: {error.filename or 'a file'} cannot be read or written: {error.strerror}")


def _report(problems: list[Problem], good: str, then: str = "") -> None:
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}{then}" if problems else good)
    if problems:
        raise typer.Exit(1)


def _repository(study: Path, given: Path | None) -> Path:
    """Another study that stands in this repository has a front page and a citation of its own, or none."""
    return given or (study.parent if study.name == "data" else study)


@app.command()
def check(study: StudyOption = Path("data")) -> None:
    """Report every violation in the data: file, row, column, value."""
    from claimtrace.check import check as find
    from claimtrace.study import Study

    opened = Study(study)
    _report(
        find(opened),
        f"{opened.title}: articles, sentences, {', '.join(opened.codings)} and digests are in order; no problem",
        "; correct them and check again: they may hide others",
    )


@app.command()
def audit(
    originals: OriginalsOption,
    study: StudyOption = Path("data"),
    tree: Annotated[Path, typer.Option(help="Repository to scan for copied sentences.")] = Path(),
) -> None:
    """Verify checksums, offsets and hashes against the originals, and that their wording is not in the repository."""
    from claimtrace.audit import RUN
    from claimtrace.audit import audit as verify
    from claimtrace.study import Study

    result = verify(Study(study), originals, tree)
    good = (
        f"{result.files} files match their checksums; {result.sentences} sentences and {result.claims} coded rows match "
        f"their offsets and hashes; 0 runs of {RUN} words shared in {result.scanned} files"
    )
    _report(result.problems, good)


@app.command()
def index(originals: OriginalsOption, study: StudyOption = Path("data")) -> None:
    """Cut the originals into passages and sentences and write sentences.csv. Sentences whose original is missing are kept."""
    from claimtrace.corpus import index_sentences, without_original
    from claimtrace.files import write_whole
    from claimtrace.study import Study

    opened = Study(study)
    table, kept = index_sentences(opened, originals), without_original(opened, originals)
    write_whole(study / "sentences.csv", table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    print(f"{study / 'sentences.csv'}: {len(table)} sentences in {table['article'].nunique()} articles")
    if kept:
        print(f"kept as they were, because {originals} does not hold their originals: {', '.join(kept)}")


@app.command()
def sheet(article: str, originals: OriginalsOption, study: StudyOption = Path("data")) -> None:
    """Print an article sentence by sentence with ids, for a coder to read."""
    from claimtrace.corpus import original
    from claimtrace.study import Study

    opened = Study(study)
    catalogue = opened.articles.set_index("slug")
    if article not in catalogue.index:
        raise StudyError(f"{article!r}: no such article; there are: {', '.join(catalogue.index)}")
    text = original(opened, originals, catalogue.loc[article, "original_file"])
    for row in opened.sentences[opened.sentences["article"] == article].itertuples():
        print(f"{row.sentence} ({row.kind}): {' '.join(text[row.start : row.end].split())}")


@app.command()
def assemble(
    coding: Annotated[str, typer.Argument(help="Name of the coding: pass_a, pass_b, ...")],
    originals: OriginalsOption,
    study: StudyOption = Path("data"),
    article: Annotated[list[str] | None, typer.Option(help="Check only these articles; nothing is written.")] = None,
) -> None:
    """Make a coding from the worksheets in coding/worksheets/CODING/ARTICLE/PASSAGE.yaml. An article without worksheets keeps its rows."""
    from claimtrace import events
    from claimtrace.claims import violations
    from claimtrace.files import write_whole
    from claimtrace.study import Study
    from claimtrace.worksheets import assemble as build
    from claimtrace.worksheets import without_worksheets

    opened = Study(study)
    slugs = list(opened.articles["slug"])
    for slug in article or []:
        if slug not in slugs:
            raise StudyError(f"{slug!r}: no such article; there are: {', '.join(slugs)}")
    table, problems = build(opened, coding, originals, article or slugs)
    problems += [
        problem
        for problem in violations(table, opened, f"{coding}.csv")
        if not article or "without a row" not in problem.message or problem.value.split(".")[0] in article
    ]
    if coding == "claims":  # one coder: nothing is adjudicated, and reports of events belong to these claims
        table = events.attach(table, opened)
    if not article and not problems:
        target = study / "coding" / f"{coding}.csv"
        write_whole(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    kept = [slug for slug in without_worksheets(opened, coding) if slug in set(table["article"])]
    told = f"; kept from {coding}.csv, as there are no worksheets: {', '.join(kept)}" if kept else ""
    _report(problems, f"{len(table)} rows, {(table['claim_type'] != 'NONE').sum()} claims{told}")


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="CSV file to write.")],
    study: StudyOption = Path("data"),
    coding: Annotated[str, typer.Option(help="Coding to write: claims, pass_a, ...")] = "claims",
) -> None:
    """Write the claims as a table in words, for R, Stata or a spreadsheet: labels for codes, names for actors, title and date of the article."""
    from claimtrace import claims
    from claimtrace.check import require
    from claimtrace.files import write_whole
    from claimtrace.study import Study

    if target.suffix.lower() != ".csv":
        raise StudyError(f"{target}: is no CSV file; name one that ends in .csv")
    if not target.parent.is_dir():
        raise StudyError(f"{target.parent}: no such folder; make it, or name another")
    if study.resolve() in target.resolve().parents:
        raise StudyError(f"{target}: lies in the study, whose own files must not be lost; name a file elsewhere")
    opened = Study(study)
    require(opened, [coding])
    table = claims.in_words(claims.load(opened, coding), opened)
    write_whole(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    print(f"{target}: {len(table)} claims; empty cells mean that a variable does not apply or has no value")


@app.command()
def differences(
    study: StudyOption = Path("data"),
    append: Annotated[
        bool, typer.Option("--append", help="Add them to coding/adjudication.csv, to be filled in.")
    ] = False,
) -> None:
    """Print, as CSV, the differences between the two passes that adjudication.csv does not decide yet."""
    from claimtrace import adjudication
    from claimtrace.files import write_whole
    from claimtrace.study import Study

    passes = adjudication.Passes(Study(study))
    path = study / "coding" / "adjudication.csv"
    # A shell that was told to write there has emptied the file before this command could read it.
    there = path.is_file() and path.stat().st_size > 0
    decided = adjudication.decisions(passes.study) if there else None
    found = adjudication.undecided(passes, decided)
    if append:
        table = adjudication.extended(decided, found)
        write_whole(path, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
        print(f"{path}: {len(found)} rows added; fill in decision, rule and reason")
    else:
        print(found.to_csv(index=False, lineterminator="\n"), end="")


@app.command()
def adjudicate(study: StudyOption = Path("data")) -> None:
    """Make claims.csv from the two passes, the decisions in adjudication.csv, the claims of additions.csv and the reports of events."""
    from claimtrace import adjudication, events
    from claimtrace.claims import violations
    from claimtrace.files import write_whole
    from claimtrace.study import Study

    opened = Study(study)
    passes, decided = adjudication.Passes(opened), adjudication.decisions(opened)
    problems = adjudication.violations(passes, decided)
    if not problems:
        table = adjudication.apply(passes, decided)
        problems = violations(table, opened, "claims.csv") + events.violations(opened, table)
    if not problems:
        write_whole(study / "coding" / "claims.csv", table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    _report(problems, f"{study / 'coding' / 'claims.csv'}: {len(decided)} decisions applied")


@app.command()
def code(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT", help="Text, Markdown, HTML, PDF, CSV, JSONL or Parquet file, or a folder of them."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="What to write: a .csv file, a .parquet file, or a folder of Parquet files.")
    ],
    study: StudyOption = Path("data"),
    column: Annotated[str, typer.Option(help="Column that holds the text.")] = "text",
    identifier: Annotated[str, typer.Option("--id", help="Column that names a text.")] = "id",
    date: Annotated[
        str, typer.Option(help="Column that holds the date of publication, if there is one.")
    ] = "published",
    published: Annotated[
        str,
        typer.Option(
            help="Date of publication (EDTF) of texts that give none; without any, what they tell is taken to lie after the end of every period that has one."
        ),
    ] = "",
    workers: Annotated[int, typer.Option(help="Worker processes on this machine; 0: code in this process.")] = 0,
    scheduler: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Run on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786."),
    ] = "",
    partition: Annotated[
        float, typer.Option(help="Megabytes of text in a partition, the unit in which work is saved.")
    ] = 1.0,
    restart: Annotated[bool, typer.Option("--restart", help="Throw away what an interrupted run left.")] = False,
) -> None:
    """Propose claims for any text by the rules of a study.

    Rows, their order and the bytes written are the same whatever the
    number of workers. To continue an interrupted run, give the same command
    again: finished partitions are kept in OUT.parts until OUT is complete.

    Tables (CSV, JSONL, Parquet) give one text a row. Dates may be EDTF, time
    stamps or English words (6 June 2015); any other is ignored. Names are
    turned into lower-case letters, digits and hyphens, with a number added
    where two would be alike; so use ids of that form if the proposals are to
    be joined to the table again. Long texts are held a million characters at
    a time; a row, an HTML page or a PDF file may have up to 256 MB.

    Offsets count characters: in a text file, as Python reads it (a line end
    is one character, a byte order mark none); in a table, within the cell;
    in HTML and PDF, within the extracted text.

    Exit status: 0 everything was coded, 2 some input was skipped (it is
    listed with the reason), 1 an error, 130 interrupted.
    """
    from claimtrace import batch

    try:
        done = batch.code(
            source, out, study, column, identifier, published,
            date=date, workers=workers, scheduler=scheduler, partition=partition, restart=restart,
        )  # fmt: skip
    except KeyboardInterrupt:
        print("claimtrace: interrupted; give the same command again to continue", file=sys.stderr)
        raise typer.Exit(130) from None
    for line in batch.as_lines(done.skipped):
        print(line, file=sys.stderr)
    print(f"{out}: {done.proposals} proposals from {done.texts} texts; {len(done.skipped)} skipped")
    if done.skipped:
        raise typer.Exit(2)


@app.command()
def propose(
    originals: Annotated[Path, typer.Option(help="Folder that holds the original files.")],
    study: StudyOption = Path("data"),
) -> None:
    """Write what the rules propose for the study's own articles as a coding, coding/rules.csv."""
    from claimtrace.claims import violations
    from claimtrace.files import write_whole
    from claimtrace.rules import Coder, Rulebook, code_study
    from claimtrace.rules.editions import as_coding
    from claimtrace.study import Study

    opened = Study(study)
    table = as_coding(code_study(Coder(Rulebook(opened)), opened, "original", originals), opened)
    problems = violations(table, opened, "rules.csv")
    if not problems:
        target = study / "coding" / "rules.csv"
        write_whole(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    _report(problems, f"{study / 'coding' / 'rules.csv'}: {len(table)} rows")


@app.command("schema")
def write_schema(study: StudyOption = Path("data")) -> None:
    """Write datapackage.json from the codebook."""
    from claimtrace import schema
    from claimtrace.study import Study

    schema.write(Study(study), study / "datapackage.json")
    print(f"{study / 'datapackage.json'} written")


@app.command()
def pages(
    study: StudyOption = Path("data"),
    repository: Annotated[
        Path | None, typer.Option(help="Also the generated parts of this repository's README.")
    ] = None,
) -> None:
    """Write the pages that describe the data: codebook, data dictionary, findings and exhibits."""
    from claimtrace import pages as build
    from claimtrace.study import Study

    for path in build.write(Study(study), repository):
        print(f"{path} written")


@app.command()
def profiles(study: StudyOption = Path("data"), coding: str = "claims") -> None:
    """Print the ids of the actors that have a profile, one a line."""
    from claimtrace import claims, compare
    from claimtrace.check import require
    from claimtrace.study import Study

    opened = Study(study)
    require(opened, [coding])  # make reads this list before it runs a notebook
    print("\n".join(compare.profiles(claims.load(opened, coding), opened)["actor"]))


@app.command()
def run(
    notebook: Path,
    target: Path,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help=r"NAME=VALUE; VALUE is YAML, a list in \[brackets].")
    ] = None,
    record: Annotated[Path | None, typer.Option(help="Record here the checksums of everything that it wrote.")] = None,
) -> None:
    """Execute a notebook with papermill and write it without anything that changes from run to run."""
    from claimtrace import notebooks
    from claimtrace.plain import parse_yaml

    values = {}
    for item in parameter or []:
        name, equals, value = item.partition("=")
        if not equals:
            raise StudyError(f"-p {item}: write NAME=VALUE")
        try:
            values[name] = parse_yaml(value, f"-p {name}") if value else ""
        except StudyError:
            raise StudyError(f"-p {item}: the value is not YAML; put a list in [brackets]") from None
    notebooks.run(notebook, target, values, record)


@app.command()
def lint(files: Annotated[list[Path], typer.Argument(metavar="NOTEBOOK...")]) -> None:
    """Check that committed notebooks can be compared: counts 1 to n, no stderr, nothing volatile."""
    from claimtrace import notebooks

    _report([problem for path in files for problem in notebooks.lint(path)], f"{len(files)} notebooks are clean")


@app.command()
def manifest(
    build: Annotated[Path, typer.Argument()] = Path("build"),
    compare: Annotated[Path | None, typer.Option(help="Compare with this manifest instead of printing one.")] = None,
    repository: Annotated[Path, typer.Option(help="Holds data, notebooks, library and requirements.lock.")] = Path(),
) -> None:
    """Checksums of everything that was built: print them, or name each difference from the published ones and its likely cause."""
    from claimtrace import causes
    from claimtrace import manifest as sums

    if compare is None:
        print(sums.serialise(sums.compute(build), causes.sources(repository)), end="")
        return
    built, published = sums.compute(build), sums.read(compare)
    if not (build / "site").is_dir():
        published = {name: digest for name, digest in published.items() if not name.startswith("site/")}
        print("the pages of the site are not compared, because they were not built; make site builds them")
    differences = sums.differences(built, published)
    if differences:
        for line in causes.explain(differences, build, sums.read_sources(compare), repository):
            print(line)
    print(f"{len(differences)} differences from {compare}" if differences else f"equal to {compare}")
    if differences:
        raise typer.Exit(1)


@app.command()
def summary(
    build: Annotated[Path, typer.Argument()] = Path("build"),
    published: Annotated[Path, typer.Option(help="The published manifest.")] = Path("MANIFEST.sha256"),
    started: Annotated[float, typer.Option(help="When the build began, seconds since the epoch.")] = 0.0,
) -> None:
    """What was built, where it is, how long it took and whether it equals the published results."""
    from claimtrace import manifest as sums

    sums.summarise(build, published, started)


@app.command()
def site(
    build: Annotated[Path, typer.Argument(help="Folder of figures, tables and executed notebooks.")] = Path("build"),
    study: StudyOption = Path("data"),
    repository: RepositoryOption = None,
    coding: str = "claims",
) -> None:
    """Make the static site in BUILD/site: every mark that counts claims leads to them."""
    from claimtrace.files import write_record
    from claimtrace.provenance import sha256
    from claimtrace.site import build as make
    from claimtrace.study import Study

    pages = make(Study(study), _repository(study, repository), build, build / "site", coding)
    first = build / "site" / "index.html"
    files = [path for path in (build / "site").rglob("*") if path.is_file() and path != first]
    write_record(build / ".made/site/index.html.sha256", {path: sha256(path) for path in [*files, first]})
    largest = max(pages, key=lambda path: path.stat().st_size)
    size = largest.stat().st_size / 1e6
    print(
        f"{build / 'site' / 'index.html'}: {len(pages)} pages; the largest, {largest.relative_to(build / 'site')}, has {size:.2f} MB"
    )


@app.command("crate")
def write_crate(
    build: Annotated[Path, typer.Argument(help="Folder of figures, tables and executed notebooks.")] = Path("build"),
    study: StudyOption = Path("data"),
    repository: RepositoryOption = None,
) -> None:
    """Write BUILD/ro-crate-metadata.json: what every exhibit was made from."""
    from claimtrace import crate
    from claimtrace.files import write_whole
    from claimtrace.study import Study

    content = crate.build(Study(study), _repository(study, repository), build)
    write_whole(build / crate.FILE, crate.serialise(content).encode("utf-8"))
    print(f"{build / crate.FILE}: {len(content['@graph'])} entities")


@app.command()
def show(
    claim: Annotated[str, typer.Argument(help="Id of a claim, such as stands in the site and in tables.")],
    study: StudyOption = Path("data"),
    coding: Annotated[str, typer.Option(help="Coding of the claim.")] = "claims",
    originals: Annotated[
        Path | None,
        typer.Option(help="Folder of the original files: also print the words there, after a check of their hash."),
    ] = None,
) -> None:
    """Print all that is known of one claim: codes, coders, decisions, objections, passage, place in the original."""
    from claimtrace import tracing
    from claimtrace.study import Study

    print(tracing.show(Study(study), claim, coding, originals))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def trace(
    context: typer.Context,
    figure: str,
    build: Annotated[Path, typer.Option(help="Folder that was built.")] = Path("build"),
    study: StudyOption = Path("data"),
    coding: Annotated[
        str, typer.Option(help="Coding that was counted; default the one that BUILD is named after, or else claims.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Print the claims behind marks of a chart: claimtrace trace FIGURE --COLUMN VALUE ..., COLUMN a key of its table."""
    from claimtrace import tracing
    from claimtrace.study import Study

    found = tracing.trace(Study(study), build, figure, tracing.options(context.args), coding)
    print(tracing.as_json(found) if as_json else tracing.as_text(found))
