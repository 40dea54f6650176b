"""Reads the files of an Autopilot job's channel into columns of text cells; of data too large for memory a sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smstudio_ext.engine.autopilot import csvfiles, parquetfiles
from smstudio_ext.engine.autopilot.sampling import CELL_COST, read_sample
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.sklearn_automl import cells


@dataclass
class RawTable:
    """Text cells by column.

    Attributes:
        header: column names as written.
        columns: pyarrow string arrays (chunked), one a column.
        rows: number of rows.
        files: file names that were read.
        total_rows: rows of the files; more than `rows` when they were sampled.
        bytes: size of the files as text.
        sampled: how and why the rows were sampled, in a sentence; None when they are all there.
        notes: what the user should know of the files.
        parquet: the files are Parquet.
    """

    header: list[str]
    columns: list[Any]
    rows: int
    files: list[str]
    total_rows: int = 0
    bytes: int = 0
    sampled: str | None = None
    notes: list[str] = field(default_factory=list)
    parquet: bool = False


@dataclass(frozen=True)
class Source:
    """One data file of a channel.

    Attributes:
        columns: names of its columns in the file's own order.
        headed: its first line holds the names.
    """

    path: Path
    name: str
    parquet: bool
    columns: tuple[str, ...]
    headed: bool = True

    def extent(self) -> tuple[int, int]:
        """Bytes as text and number of cells, both about."""
        if self.parquet:
            return parquetfiles.extent(self.path, self.name)
        return csvfiles.extent(self.path)

    def whole(self, header: Sequence[str]) -> Any:
        """All rows, as a table of text columns in the order of `header`."""
        import pyarrow as pa

        if self.parquet:
            return pa.concat_tables(parquetfiles.read_blocks(self.path, self.name, header))
        table = csvfiles.read_whole(self.path, self.name, len(self.columns), skip_header=self.headed)
        return self._ordered(table, header)

    def blocks(self, header: Sequence[str]) -> Iterator[Any]:
        """The rows in blocks, in the order of `header`."""
        if self.parquet:
            yield from parquetfiles.read_blocks(self.path, self.name, header)
            return
        width = len(self.columns)
        for table in csvfiles.read_blocks(self.path, self.name, width, skip_header=self.headed):
            yield self._ordered(table, header)

    def _ordered(self, table: Any, header: Sequence[str]) -> Any:
        if tuple(header) == self.columns:
            return table
        places = {name: at for at, name in enumerate(self.columns)}
        chosen = table.select([places[name] for name in header])
        return chosen.rename_columns([str(at) for at in range(len(header))])


def read_table(
    folder: Path,
    *,
    channel: str,
    target: str,
    limit: int | None = None,
    seed: int = 0,
    header: Sequence[str] | None = None,
) -> RawTable:
    """Reads every file under a folder.

    Args:
        channel: `training` or `validation`, for messages.
        limit: bytes that the rows may cost in memory; of larger data a sample is read, block by block.
        header: the columns that the files must have; None takes those of the first file.

    Raises:
        AlgorithmError: no data, no header, bad encoding, ragged rows, duplicate or differing column names.
    """
    import pyarrow as pa

    notes: list[str] = []
    sources = find_sources(folder, channel, target, header, notes)
    names = list(header or sources[0].columns)
    extents = [source.extent() for source in sources]
    size = sum(text for text, _ in extents)
    cost = size + CELL_COST * sum(count for _, count in extents)
    files = [source.name for source in sources]
    if limit is not None and cost > limit:
        found = read_sample(sources, names, target, limit, seed)
        table, total, sampled = found.table, found.total_rows, found.reason
    else:
        table = pa.concat_tables([source.whole(names) for source in sources])
        total, sampled = table.num_rows, None
    if table.num_rows == 0:
        raise AlgorithmError(f"The {channel} input holds a header but no row.")
    return RawTable(
        names, table.columns, table.num_rows, files, total, size, sampled, notes, sources[0].parquet
    )


def find_sources(
    folder: Path, channel: str, target: str, header: Sequence[str] | None, notes: list[str]
) -> list[Source]:
    """The data files under a folder, in the order of their names; empty ones are left out.

    Raises:
        AlgorithmError: there is none, or one has other columns.
    """
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_SUCCESS"))
    ]
    if not files:
        raise AlgorithmError(f"The {channel} input holds no file.")
    found: list[Source] = []
    known = tuple(header) if header else None
    first = f"the {channel} channel's first file" if header is None else "the training channel"
    for path in files:
        name = str(path.relative_to(folder))
        source = _source(path, name, target, known, first)
        if source is None:
            continue
        if known is None:
            known, first = source.columns, f"'{name}'"
        if not source.headed:
            notes.append(f"File '{name}' has no header; its columns are taken to be those of {first}.")
        found.append(source)
    if not found:
        single = f"The {channel} input file '{files[0].relative_to(folder)}' is empty."
        raise AlgorithmError(single if len(files) == 1 else f"All files of the {channel} input are empty.")
    if len({source.parquet for source in found}) > 1:
        raise AlgorithmError(
            f"The {channel} input mixes Parquet and CSV files; give one of the two formats only."
        )
    return found


def _source(path: Path, name: str, target: str, known: tuple[str, ...] | None, first: str) -> Source | None:
    parquet = parquetfiles.is_parquet(path)
    written = parquetfiles.read_header(path, name) if parquet else csvfiles.read_header(path, name)
    if not written:
        return None
    if known is not None and not parquet and _holds_data(written, known):
        return Source(path, name, False, known, headed=False)
    columns = tuple(csvfiles.check_names(written, name))
    if known is None and target not in columns:
        raise AlgorithmError(csvfiles.without_target(written, name, target))
    if known is not None and sorted(columns) != sorted(known):
        raise AlgorithmError(
            f"File '{name}' has another header than {first}: {_difference(known, columns)}. All files of the input must have the same "
            "columns."
        )
    return Source(path, name, parquet, columns)


def _holds_data(first_line: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a file's first line is a row already: as many cells, none of them a column's name, and some a number or missing."""
    if len(first_line) != len(known) or set(first_line) & set(known):
        return False
    return any(cells.is_missing(cell) or cells.is_number(cell) for cell in first_line)


def _difference(expected: Sequence[str], found: Sequence[str]) -> str:
    missing = [name for name in expected if name not in set(found)]
    other = [name for name in found if name not in set(expected)]
    if len(expected) == len(found) and missing and other:
        at = next(at for at, pair in enumerate(zip(expected, found, strict=True)) if pair[0] != pair[1])
        return f"column {at + 1} is '{found[at]}' instead of '{expected[at]}'"
    said = [f"{len(found)} columns instead of {len(expected)}"]
    if missing:
        said.append(f"without {', '.join(repr(name) for name in missing[:5])}")
    if other:
        said.append(f"with {', '.join(repr(name) for name in other[:5])}")
    return ", ".join(said)
