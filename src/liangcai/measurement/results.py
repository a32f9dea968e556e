"""What every result can do: say what it is, become a table, and be written to JSON and read back."""

import dataclasses
import math
import types
import typing
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from liangcai.kernel.errors import LiangcaiError

if TYPE_CHECKING:
    import pandas as pd

Json = dict[str, Any] | list[Any] | str | int | float | bool | None
_SIGNIFICANT = 6


class FramesMissing(LiangcaiError):
    """A data frame was asked for, and pandas is not installed."""

    code = "measurement.frames-missing"


class ResultUnreadable(LiangcaiError):
    """A JSON document is not the result that it was read as."""

    code = "measurement.result-unreadable"


class Result(ABC):
    """The base of every result of this package: a frozen dataclass with these four abilities.

    A subclass sets `title`, and `method` and `source` either for the class or as fields; it
    defines `columns` (its table) and, where there is more to say, `facts` (its headline).
    """

    __slots__ = ()

    #: What this is, in a few words.
    title: ClassVar[str]
    if TYPE_CHECKING:
        # Read-only here, so that a subclass may set either for the class or as a field.
        @property
        def method(self) -> str:
            """How it was computed."""

        @property
        def source(self) -> str:
            """Who published that."""

    @abstractmethod
    def columns(self) -> Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]:
        """Return the table as columns of one length, in reading order."""

    def facts(self) -> Mapping[str, Any]:
        """Return the headline: a few names and values."""
        return {}

    def to_frame(self) -> "pd.DataFrame":
        """
        Return the table as a pandas data frame.

        Raises:
            FramesMissing: pandas is not installed; `columns` gives the same without it.
        """
        try:
            import pandas as pd
        except ImportError:
            raise FramesMissing(
                "to_frame needs pandas: pip install 'liangcai[frames]'; "
                "columns() gives the same table without it"
            ) from None
        return pd.DataFrame({name: list(values) for name, values in self.columns().items()})

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form: every field, with NaN as null and ±∞ as strings."""
        document: dict[str, Any] = {"method": self.method, "source": self.source}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]  # subclasses are dataclasses
            document[field.name] = encode(getattr(self, field.name))
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """
        Return the result that `to_json` wrote.

        Raises:
            ResultUnreadable: a field is missing or has another type.
        """
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            try:
                values[field.name] = decode(document[field.name], hints[field.name])
            except (KeyError, TypeError, ValueError) as error:
                raise ResultUnreadable(
                    f"{cls.__name__}: field {field.name!r} is missing or malformed ({error})"
                ) from error
        return cls(**values)

    def summary(self, *, rows: int = 10) -> str:
        """Return the result as text: title, headline, the first `rows` of the table, the source."""
        lines = [self.title]
        lines += [f"  {name}: {shown(value)}" for name, value in self.facts().items()]
        lines += ["", *_table(self.columns(), rows), "", f"Method: {self.method}"]
        return "\n".join([*lines, f"Source: {self.source}"])


def shown(value: object) -> str:
    """Return a value as a person reads it: six significant digits, missing as an en dash."""
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{value:.{_SIGNIFICANT}g}"
    if isinstance(value, np.ndarray | list | tuple):
        return ", ".join(shown(entry) for entry in value)
    return str(value)


def _table(columns: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]], rows: int) -> list[str]:
    if not columns:
        return []
    length = len(next(iter(columns.values())))
    cells = [[name, *(shown(value) for value in values[:rows])] for name, values in columns.items()]
    widths = [max(map(len, column)) for column in cells]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in zip(*cells, strict=True)
    ]
    return [*lines, f"… and {length - rows} more"] if length > rows else lines


def encode(value: Any) -> Json:  # noqa: PLR0911  (one line a kind of value)
    """Return the JSON form of a field: numbers, arrays, tuples, mappings, dataclasses."""
    if hasattr(value, "to_json"):
        return typing.cast("Json", value.to_json())
    if isinstance(value, np.ndarray):
        return encode(value.tolist())
    if isinstance(value, np.generic):
        return encode(value.item())
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {str(key): encode(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [encode(entry) for entry in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return typing.cast("Json", value)


def decode(value: Any, hint: Any) -> Any:  # noqa: PLR0911
    """Return the value of type `hint` that `encode` wrote as `value`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in {types.UnionType, typing.Union}:
        if value is None and type(None) in arguments:
            return None
        return decode(value, next(part for part in arguments if part is not type(None)))
    if origin is np.ndarray:
        dtype = np.dtype(typing.get_args(arguments[1])[0])
        return _array(value, dtype)
    if origin is tuple:
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(decode(entry, kind) for entry, kind in zip(value, kinds, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: decode(entry, arguments[1]) for key, entry in value.items()}
    if hasattr(hint, "from_json"):
        return hint.from_json(value)
    if dataclasses.is_dataclass(hint):
        members = typing.get_type_hints(hint)
        return hint(
            **{f.name: decode(value[f.name], members[f.name]) for f in dataclasses.fields(hint)}
        )  # type: ignore[operator]
    if hint is float:
        return _number(value)
    if not isinstance(value, hint if isinstance(hint, type) else object):
        raise TypeError(f"expected {hint}, found {type(value).__name__}")
    return value


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _array(value: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    if dtype.kind != "f":
        return np.array(value, dtype=dtype)
    return np.array(_numbers(value), dtype=dtype)


def _numbers(value: Any) -> Any:
    return [_numbers(entry) for entry in value] if isinstance(value, list) else _number(value)
