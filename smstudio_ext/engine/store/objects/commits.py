"""Group commit: writers that meet share one transaction, and so one fsync of the data base."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.store.database import Database
from smstudio_ext.engine.store.objects.failures import StorageFull

Result = TypeVar("Result")


@dataclass
class _Pending:
    work: Callable[[Connection], Any]
    result: Any = None
    error: BaseException | None = None
    done: bool = False


class GroupCommit:
    """Runs small pieces of work, each atomic, in as few durable transactions as it can."""

    def __init__(self, database: Database, place: Path) -> None:
        self._database = database
        self._place = place
        self._queue: list[_Pending] = []
        self._queue_lock = threading.Lock()
        self._leader = threading.Lock()

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Does the work and returns its result when it is on disk.

        An `AwsError` that the work raises undoes this piece alone and is raised here.

        Raises:
            StorageFull: no space for the data base.
        """
        mine = _Pending(work)
        with self._queue_lock:
            self._queue.append(mine)
        with self._leader:  # who gets it commits for all who wait
            if not mine.done:
                with self._queue_lock:
                    batch, self._queue = self._queue, []
                self._commit(batch)
        if mine.error is not None:
            raise mine.error
        result: Result = mine.result
        return result

    def _commit(self, batch: list[_Pending]) -> None:
        try:
            with self._database.write() as connection:
                if len(batch) == 1:  # undone as a whole: no savepoint needed
                    batch[0].result = batch[0].work(connection)
                else:
                    for pending in batch:
                        _run_one(connection, pending)
        except BaseException as error:  # noqa: BLE001  # handed to every waiting writer, which raises it
            failure = self._translate(error)
            for pending in batch:
                pending.error = failure
        for pending in batch:
            pending.done = True

    def _translate(self, error: BaseException) -> BaseException:
        if isinstance(error, OperationalError) and "disk is full" in str(error):
            return StorageFull(str(self._place))
        return error


def _run_one(connection: Connection, pending: _Pending) -> None:
    savepoint = connection.begin_nested()
    try:
        pending.result = pending.work(connection)
    except AwsError as error:
        savepoint.rollback()
        pending.error = error
    else:
        savepoint.commit()
