"""Transactions of the engine's data base, and which of them wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from smstudio_ext.engine.store import Database, tables

FULL, NORMAL = 2, 1


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.at(tmp_path)
    yield made
    made.close()


def level(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())


def row(name: str) -> dict[str, object]:
    return {"region": "r", "name": name, "created": 1.0}


def put(connection: Connection, name: str) -> None:
    connection.execute(insert(tables.log_groups), row(name))


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return [found.name for found in connection.execute(select(tables.log_groups.c.name))]


def test_only_durable_transactions_wait_for_the_disk(database: Database) -> None:
    for durable, expected in ((False, NORMAL), (True, FULL), (False, NORMAL)):
        with database.write(durable=durable) as connection:
            assert level(connection) == expected
            put(connection, f"{durable}-{len(names(database))}")
    assert len(names(database)) == 3
    with database.write() as connection:  # the pool's connection is as it was
        assert level(connection) == FULL


def test_a_failure_undoes_the_transaction_and_leaves_the_connection_durable(database: Database) -> None:
    with database.write() as connection:
        put(connection, "kept")
    with pytest.raises(IntegrityError), database.write(durable=False) as connection:
        connection.execute(insert(tables.log_groups), [row("lost"), row("kept")])
    assert names(database) == ["kept"]
    with database.write() as connection:
        assert level(connection) == FULL


def test_a_failed_commit_leaves_no_transaction_open(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def full(connection: Connection) -> None:
            raise OSError("disk is full")

        patch.setattr(Connection, "commit", full)
        with pytest.raises(OSError, match="disk is full"), database.write(durable=False) as connection:
            put(connection, "lost")
    with database.write() as connection:
        assert level(connection) == FULL
        put(connection, "kept")
    assert names(database) == ["kept"]


def test_what_did_not_wait_outlives_the_connection(database: Database, tmp_path: Path) -> None:
    with database.write(durable=False) as connection:
        put(connection, "kept")
    other = Database.at(tmp_path)  # as an engine that starts after a kill
    assert names(other) == ["kept"]
    other.close()


def test_a_data_base_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    first = Database.at(tmp_path)
    known = {"resources", "tags", "buckets", "objects", "multipart_uploads", "multipart_parts", "log_groups"}
    known |= {"log_streams", "log_events", "metric_points", "documents"}
    with first.write() as connection:
        put(connection, "kept")
        for table in reversed(tables.metadata.sorted_tables):
            if table.name not in known:
                table.drop(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    first.close()
    later = Database.at(tmp_path)
    assert names(later) == ["kept"]
    with later.read() as connection:
        for table in tables.metadata.sorted_tables:
            connection.execute(select(table).limit(1))
    later.close()
