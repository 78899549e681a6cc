"""Partitions coded by other processes, on this machine or on a cluster, with Dask.

Workers get a partition's texts and the rules with the task and send its rows back: they need no folder in common with this
machine. A worker that dies costs the partition it was at, which another one does again.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from claimtrace.batch import Item, Rules, code_partition
from claimtrace.errors import StudyError
from claimtrace.parts import Facts

#: How often a partition may be given out again after it has been on several workers that died (Dask gives it to four of them
#: before it calls it lost).
AGAIN = 3
#: Seconds to wait for a scheduler and its first worker.
PATIENCE = 60


def spread(
    rules: Rules, jobs: Iterator[tuple[int, list[Item], int]], workers: int = 0, scheduler: str = ""
) -> Iterator[tuple[int, tuple[bytes, Facts]]]:
    """Code partitions on ``workers`` processes of this machine, or on the workers of a Dask scheduler.

    At any time twice as many partitions are under way as there are threads, so that memory does not grow with the input.

    Returns:
        Number, Parquet file and facts of each partition, in the order in which they are finished.

    Raises:
        StudyError: Dask is not installed, the scheduler cannot be reached or was lost, workers die of a partition.
    """
    try:
        import dask
        from distributed import as_completed
    except ImportError:
        raise StudyError(
            "--workers and --scheduler need the package distributed: pip install 'claimtrace[code]'"
        ) from None
    settings = {
        "distributed.admin.large-graph-warning-threshold": "1 GB",
        # Dask would look at each worker a hundred times a second; every look takes time from the coding.
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "1s",
        "distributed.admin.system-monitor.interval": "10s",
    }
    with dask.config.set(settings), _client(workers, scheduler) as client:
        waiting, under_way = as_completed(), {}

        def give(job, tries: int = 0) -> None:
            future = client.submit(code_partition, rules, job[1], job[2], pure=False)
            under_way[future] = (job, tries)
            waiting.add(future)

        def fill() -> None:
            room = 2 * max(sum(client.nthreads().values()), 1) - len(under_way)
            for job in _next(jobs, room):
                give(job)

        fill()
        for future in waiting:
            job, tries = under_way.pop(future)
            if not _lost(future, job[0], tries):
                yield job[0], future.result()
                future.release()
            else:
                give(job, tries + 1)
            fill()


def _next(jobs: Iterator, room: int) -> Iterator:
    while room > 0 and (job := next(jobs, None)) is not None:
        room -= 1
        yield job


def _lost(future, number: int, tries: int) -> bool:
    """Whether a partition has to be given out again."""
    from distributed import KilledWorker

    if future.status == "finished":
        return False
    if future.status == "cancelled":
        raise StudyError("the scheduler was lost; the finished partitions are kept: run the command again")
    error = future.exception()
    if isinstance(error, StudyError):
        raise error
    if not isinstance(error, KilledWorker):
        raise StudyError(
            f"a worker failed at partition {number}: {type(error).__name__}: {error}; every worker needs claimtrace[code]"
        )
    if tries >= AGAIN:
        raise StudyError(f"partition {number}: every worker that tried it died; see the workers' logs (memory?)")
    return True


@contextlib.contextmanager
def _client(workers: int, scheduler: str):
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as stack:
        if workers:
            place = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                # Any free port: the usual one may be taken by another cluster.
                dashboard_address=":0",
                # A worker that dies is replaced; only what cannot be put right is worth a line.
                silence_logs=logging.ERROR,
            )
            stack.enter_context(place)
        else:
            place = scheduler
        try:
            client = stack.enter_context(Client(place, timeout=PATIENCE))
        except (OSError, ValueError) as error:
            raise StudyError(f"--scheduler {scheduler}: cannot be reached: {error}") from None
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise StudyError(f"--scheduler {scheduler}: has had no worker for {PATIENCE} seconds; start one") from None
        yield client
