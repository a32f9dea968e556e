"""Calibrated items in files: a calibration's JSON, or any JSON with items."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liangcai.kernel.errors import LiangcaiError

if TYPE_CHECKING:
    from liangcai.measurement.calibration.result import Calibration, LatentGroup
    from liangcai.measurement.models.items import ItemParameters


class ScoresDiffer(LiangcaiError):
    """An item's score categories stand for other scores in another calibration."""

    code = "measurement.scores-differ"


class ParametersUnreadable(LiangcaiError):
    """A file does not hold calibrated items."""

    code = "measurement.parameters-unreadable"


@dataclass(frozen=True, slots=True)
class ParameterFile:
    """Calibrated items, and what their file says beside: scores by item, latent groups, everything."""

    items: "ItemParameters"
    scores: Mapping[str, tuple[int, ...]]
    groups: tuple["LatentGroup", ...]
    calibration: "Calibration | None"


def read_parameters(path: Path) -> ParameterFile:
    """
    Return the items of a calibration's JSON, of another JSON object with "items", or of a list of items.

    Raises:
        ParametersUnreadable: the file is missing, is no JSON, or holds no items.
        ItemParametersInvalid: an item is malformed or describes no curve.
        ResultUnreadable: it is a calibration's JSON, and a field is missing or malformed.
    """
    from liangcai.measurement.calibration.result import Calibration, LatentGroup
    from liangcai.measurement.models.items import ItemParameters
    from liangcai.measurement.results import ResultUnreadable, decode

    document = _json(path)
    records = document.get("items") if isinstance(document, dict) else document
    if not isinstance(records, list) or not records:
        raise ParametersUnreadable(
            f'{path.name}: no items: it needs {{"items": [{{"item", "model", "a", "b", "c"}}]}}'
        )
    if not all(isinstance(record, dict) for record in records):
        raise ParametersUnreadable(f"{path.name}: an item is no JSON object")
    items = ItemParameters.from_json(records)
    if len(set(items.names)) < items.count:
        raise ParametersUnreadable(f"{path.name}: two items have one name")
    beside = document if isinstance(document, dict) else {}
    try:
        scores = decode(beside.get("scores") or [], tuple[tuple[int, ...], ...])
        groups = decode(beside.get("groups") or [], tuple[LatentGroup, ...])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ResultUnreadable(f"{path.name}: scores or groups are malformed ({error})") from error
    _check(path.name, items, scores)
    calibration = Calibration.from_json(beside) if "certificate" in beside else None
    by_name = dict(zip(items.names, scores, strict=True)) if scores else {}
    return ParameterFile(items, by_name, groups, calibration)


def require_like_scores(item: str, one: Sequence[int] | None, other: Sequence[int] | None) -> None:
    """
    Make sure that an item's categories mean the same scores in two calibrations, where both tell.

    Raises:
        ScoresDiffer: they do not.
    """
    if one and other and tuple(one) != tuple(other):
        here, there = (", ".join(map(str, scores)) for scores in (one, other))
        raise ScoresDiffer(
            f"item {item!r}: its categories are the scores {here} in one calibration and {there} in "
            "the other; give both the same scores, or name the item differently"
        )


def _check(file: str, items: "ItemParameters", scores: tuple[tuple[int, ...], ...]) -> None:
    from liangcai.measurement.models.items import FAMILY_OF
    from liangcai.measurement.responses.cells import HIGHEST

    for name, model, steps in zip(items.names, items.models, items.steps.tolist(), strict=True):
        if model not in FAMILY_OF:
            known = ", ".join(FAMILY_OF)
            raise ParametersUnreadable(f"{file}: item {name!r}: {model!r} is none of {known}")
        if FAMILY_OF[model] == "logistic" and steps > 1:
            raise ParametersUnreadable(f"{file}: item {name!r}: {model} has one difficulty as b")
    if scores and len(scores) != items.count:
        raise ParametersUnreadable(f"{file}: {len(scores)} lists of scores for {items.count} items")
    for name, own, steps in zip(items.names, scores, items.steps.tolist(), strict=False):
        rising = sorted(set(own)) == list(own) and own and 0 <= own[0] <= own[-1] <= HIGHEST
        if not rising or len(own) != steps + 1:
            raise ParametersUnreadable(
                f"{file}: item {name!r}: its scores must be {steps + 1} rising whole numbers from 0 "
                f"to {HIGHEST}"
            )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ParametersUnreadable(f"{path}: {error.strerror or 'it cannot be read'}") from error
    except UnicodeDecodeError as error:
        raise ParametersUnreadable(f"{path.name}: it is no UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise ParametersUnreadable(
            f"{path.name}, line {error.lineno}, column {error.colno}: no JSON: {error.msg}"
        ) from error
    except (
        RecursionError,
        ValueError,
    ) as error:  # nested too deeply, or a number of too many digits
        raise ParametersUnreadable(f"{path.name}: no JSON that can be read: {error}") from error
