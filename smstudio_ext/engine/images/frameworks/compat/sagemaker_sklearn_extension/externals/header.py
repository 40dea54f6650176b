"""The names of a table's columns, with and without the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Header:
    """Turns column names into places.

    Args:
        column_names: every column in the order of the file, the target among them.
        target_column_name: the target.

    Attributes:
        target_column_name, target_column_index: the target and its place in the file.

    Raises:
        ValueError: the target is no column, or a name occurs twice.

    Examples:
        >>> header = Header(column_names=["a", "b", "c"], target_column_name="b")
        >>> header.as_feature_indices(["a", "c"])
        [0, 1]
        >>> header.as_column_indices(["a", "c"])
        [0, 2]
    """

    def __init__(self, column_names: Sequence[str], target_column_name: str) -> None:
        names = list(column_names)
        if target_column_name not in names:
            raise ValueError(f"Specified target column '{target_column_name}' is not a valid column name.")
        self._columns: dict[str, int] = {}
        twice = []
        for at, name in enumerate(names):
            if name in self._columns:
                twice.append(f"{name} at index [{at}]")
            self._columns.setdefault(name, at)
        if twice:
            raise ValueError("Duplicate column names were found:\n" + "\n".join(twice))
        self.target_column_name = target_column_name
        self.target_column_index = self._columns[target_column_name]

    def as_feature_indices(self, column_names: Iterable[str]) -> list[int]:
        """Places of features in a table without the target.

        Raises:
            ValueError: a name is unknown, or the target's.
        """
        return [self._feature(name) for name in column_names]

    def as_column_indices(self, column_names: Iterable[str]) -> list[int]:
        """Places of columns in the whole table.

        Raises:
            ValueError: a name is unknown.
        """
        return [self._column(name) for name in column_names]

    @property
    def feature_column_indices(self) -> list[int]:
        """Places of all features in the whole table."""
        return [at for at in self._columns.values() if at != self.target_column_index]

    @property
    def num_columns(self) -> int:
        """Number of columns with the target."""
        return len(self._columns)

    @property
    def num_features(self) -> int:
        """Number of columns without the target."""
        return len(self._columns) - 1

    def _column(self, name: str) -> int:
        if name not in self._columns:
            raise ValueError(f"'{name}' is an unknown column name.")
        return self._columns[name]

    def _feature(self, name: str) -> int:
        if name == self.target_column_name:
            raise ValueError(f"'{name}' is the target column name. It cannot be converted to feature index.")
        if name not in self._columns:
            raise ValueError(f"'{name}' is an unknown feature name")
        at = self._columns[name]
        return at - (at > self.target_column_index)
