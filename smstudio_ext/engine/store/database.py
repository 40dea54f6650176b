"""Opens the data base: WAL, migrations, and transactions that a writer holds from their start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from smstudio_ext.engine.store.tables import metadata

HEAD = "0003"
"""Newest revision in `migrations/versions`."""


class StoreVersionError(Exception):
    """The data directory was written by another (newer) version of smstudio_ext."""


class Database:
    """One data base of the engine.

    Reads run in autocommit; `write()` takes SQLite's write lock at once (BEGIN IMMEDIATE), so that a
    read-modify-write never loses to another one. Safe from several threads.

    Args:
        url: SQLAlchemy URL. SQLite gets WAL and `synchronous=FULL`: what was acknowledged is on disk.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        options = {"connect_args": {"timeout": 60, "check_same_thread": False}} if self.sqlite else {}
        self.engine: Engine = create_engine(url, pool_size=16, max_overflow=32, **options)
        if self.sqlite:
            event.listen(self.engine, "connect", _configure_sqlite)
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._local = threading.local()
        self._kept: list[DBAPIConnection] = []
        self._migrate()

    @classmethod
    def at(cls, directory: Path) -> Database:
        """The SQLite data base of a data directory (mode 0600)."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "engine.db"
        if not path.exists():
            path.touch(mode=0o600)
        return cls(f"sqlite:///{path}")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; sees every committed write."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection for reading whose queries all see the data base as it is at the first of them."""
        with self._reader.connect() as connection:
            if self.sqlite:
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                if self.sqlite:
                    connection.exec_driver_sql("ROLLBACK")

    def row(self, sql: str, parameters: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """The first row of a plain query with `?` marks: the quick way to read one row by its key.

        Describe calls are most of what an engine answers; building and compiling a statement costs them ten times
        what SQLite takes. Each thread keeps a connection of its own for it.
        """
        if not self.sqlite:
            with self.read() as connection:
                found = connection.exec_driver_sql(sql.replace("?", "%s"), parameters).first()
                return None if found is None else tuple(found)
        kept: DBAPIConnection | None = getattr(self._local, "connection", None)
        if kept is None:
            borrowed = self.engine.raw_connection()
            kept = self._local.connection = borrowed.driver_connection
            borrowed.detach()  # ours from now on, not the pool's
            assert kept is not None
            self._kept.append(kept)
        row: tuple[Any, ...] | None = kept.execute(sql, parameters).fetchone()
        return row

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that holds the write lock; commits at the end, rolls back on an exception.

        Args:
            durable: it outlives a power cut. Without it only a crash of the engine; it saves the wait for the disk (4 ms and
                more), and the next durable transaction brings it to the disk too.
        """
        with self.engine.connect() as connection, _waiting_for_disk(connection, durable or not self.sqlite):
            if self.sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with_commit = False
            try:
                yield connection
                with_commit = True
            finally:
                if with_commit:
                    connection.commit()
                else:
                    connection.rollback()

    def close(self) -> None:
        """Closes every connection."""
        for kept in self._kept:
            kept.close()
        self._kept.clear()
        self._local = threading.local()
        self.engine.dispose()

    def _migrate(self) -> None:
        """Brings the schema to HEAD; a new data base is made at HEAD directly."""
        found = self._revision()
        if found == HEAD:
            return
        if found is None:
            with self.write() as connection:
                metadata.create_all(connection)
                connection.execute(
                    text(
                        "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
                    )
                )
                connection.execute(text("DELETE FROM alembic_version"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
            return
        if found > HEAD:
            raise StoreVersionError(
                f"The data directory was written by a newer smstudio_ext (schema {found}, this version knows {HEAD}). "
                "Update the package, or choose another directory with --data."
            )
        from smstudio_ext.engine.store.migrations import upgrade  # alembic costs 0.2 s: only when needed

        upgrade(self.engine)

    def _revision(self) -> str | None:
        with self.read() as connection:
            if not self.engine.dialect.has_table(connection, "alembic_version"):
                return None
            row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
            return None if row is None else str(row[0])


def plain(
    connection: Connection, sql: str, rows: tuple[Any, ...] | list[tuple[Any, ...]]
) -> CursorResult[Any]:
    """Runs a plain statement with `?` marks, with a row of values or with many; building and compiling one costs more than it takes.

    Within SQL no other `?` may stand.
    """
    marked = sql if connection.dialect.paramstyle == "qmark" else sql.replace("?", "%s")
    return connection.exec_driver_sql(marked, rows)


@contextmanager
def _waiting_for_disk(connection: Connection, waits: bool) -> Iterator[None]:
    """Unless it waits, commits of this connection return before the disk has them, as long as this lasts."""
    if waits:
        yield
        return
    connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        connection.connection.rollback()  # of a commit that failed; it is no transaction else
        connection.exec_driver_sql("PRAGMA synchronous=FULL")


def _configure_sqlite(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # SQLAlchemy's documented recipe: we BEGIN ourselves
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=60000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
