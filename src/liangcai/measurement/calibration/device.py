"""Calibration of responses that lie on a device: CuPy, PyTorch or any array of the array API standard.

The arrays bring their own library; the E-step uses nothing but the standard's operations. What is
small (item parameters, expected counts) is computed in NumPy.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.calibration.design import Coding
from liangcai.measurement.calibration.estep import CountTask, LikelihoodTask
from liangcai.measurement.calibration.fit import fitted, prepare
from liangcai.measurement.calibration.models import DEFAULTS, ModelOfItems
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.calibration.shards import BlockTask, Sums, one_thread_each
from liangcai.measurement.calibration.summary import Summary
from liangcai.measurement.responses.matrix import HASHED_ROWS, Responses, ResponsesInvalid, hash_of

#: Persons in a block on a device: enough work for its many cores.
_ROWS = 65_536


class ArrayLibraryMissing(LiangcaiError):
    """Arrays of a device were given, and array-api-compat is not installed."""

    code = "measurement.array-library-missing"


def calibrate_on_device(
    model: ModelOfItems,
    scores: Any,
    *,
    items: tuple[str, ...] | None = None,
    settings: Settings = DEFAULTS,
) -> Calibration:
    """
    Return the calibration of int8 scores (N × J, −1 missing) that lie on a device.

    One group without weights. Standard errors, where asked for, are computed in NumPy from copies
    of the blocks.

    Raises:
        ArrayLibraryMissing: array-api-compat is not installed.
        ResponsesInvalid: the scores are no int8 matrix.
        ModelUnsuitable: an item without variance, or one that the model does not fit.
    """
    space = _namespace(scores)
    if scores.ndim != 2 or scores.dtype != space.int8:
        raise ResponsesInvalid("scores on a device must be an int8 matrix, persons × items")
    names = items or tuple(str(n + 1) for n in range(scores.shape[1]))
    shards = DeviceShards(space, scores)
    summary, hashes = shards.summary(names)
    # A person stands for the items here: a model asks how many there are and what they are called.
    one = Responses(np.zeros((1, len(names)), dtype=np.int8), names)
    request = model.request(one)
    prepared = prepare(summary, request, settings)
    sample = None
    if prepared.stride is not None:
        sample = Responses(shards.host(scores[:: prepared.stride, :]), names)
    with one_thread_each():
        return fitted(
            prepared,
            shards.coded(prepared.problem.coding),
            sample,
            request=request,
            settings=settings,
            data_hash=hash_of(names, (), summary.rows, hashes),
        )


def _namespace(scores: Any) -> Any:
    if isinstance(scores, np.ndarray):
        return np
    try:
        from array_api_compat import array_namespace
    except ImportError:
        raise ArrayLibraryMissing(
            "arrays of a device need array-api-compat: pip install 'liangcai[gpu]'"
        ) from None
    return array_namespace(scores)


@dataclass(frozen=True, slots=True)
class DeviceShards:
    """One shard: a score matrix on a device, worked through in large blocks."""

    space: Any
    scores: Any
    coding: Coding | None = None

    @property
    def groups(self) -> int:
        """One group."""
        return 1

    def coded(self, coding: Coding) -> "DeviceShards":
        """Return the shard with the coding of its categories."""
        return DeviceShards(self.space, self.scores, coding)

    def host(self, array: Any) -> Any:
        """Return a NumPy copy of an array of the device."""
        if isinstance(array, np.ndarray):
            return np.ascontiguousarray(array)
        if hasattr(array, "get"):  # CuPy
            return np.ascontiguousarray(array.get())
        if hasattr(array, "cpu"):  # PyTorch
            return np.ascontiguousarray(array.cpu().numpy())
        return np.ascontiguousarray(np.from_dlpack(array))

    def summary(self, names: tuple[str, ...]) -> tuple[Summary, list[bytes]]:
        """Return the summary of the scores and the hashes of their blocks."""
        space = self.space
        frequencies = np.zeros((len(names), 128))
        missing = False
        hashes: list[bytes] = []
        rows = int(self.scores.shape[0])
        for start in range(0, rows, _ROWS):
            block = self.scores[start : min(start + _ROWS, rows), :]
            missing |= bool(space.any(block < 0))
            for score in range(int(space.max(block)) + 1):
                hit = space.astype(block == score, space.int64)
                frequencies[:, score] += self.host(space.sum(hit, axis=0))
            copy = Responses(self.host(block), names)
            hashes += copy.block_hashes()
        sizes = np.array([float(rows)])
        summary = Summary(names, frequencies, rows, float(rows), missing, ("all",), sizes, rows)
        return summary, hashes

    def sums(self, task: BlockTask) -> list[Sums]:
        """Return the sums over all blocks: on the device where the task is part of the iteration."""
        total: Sums | None = None
        rows = _ROWS if isinstance(task, CountTask | LikelihoodTask) else HASHED_ROWS
        count = int(self.scores.shape[0])
        for start in range(0, count, rows):
            part = self._part(task, self.scores[start : min(start + rows, count), :])
            total = (
                part if total is None else tuple(a + b for a, b in zip(total, part, strict=True))
            )
        return [total or ()]

    def _part(self, task: BlockTask, scores: Any) -> Sums:
        coding = self.coding
        if coding is None:
            raise ResponsesInvalid("the shard has no coding yet")
        if isinstance(task, CountTask):
            return self._counts(task, scores, coding)
        if isinstance(task, LikelihoodTask):
            return self._likelihoods(task, scores, coding)
        return task(coding.encode(self.host(scores), task.dtype), 0, None)

    def _design(self, scores: Any, coding: Coding, dtype: Any) -> Any:
        space = self.space
        parts = []
        for rows, values in zip(coding.items, coding.values, strict=True):
            held = (
                scores
                if rows.size == coding.item_count
                else space.take(scores, self._like(rows.astype(np.int64)), axis=1)
            )
            parts.append(space.astype(held == self._like(values), dtype))
        if coding.asked:
            parts.append(space.astype(scores >= 0, dtype))
        parts.append(space.astype(scores[:, :1] >= -1, dtype))
        return space.concat(parts, axis=1)

    def _like(self, array: Any) -> Any:
        if self.space is np:
            return array
        from array_api_compat import device

        return self.space.asarray(np.ascontiguousarray(array), device=device(self.scores))

    def _weights(self, design: Any, values: Any, least: float) -> tuple[Any, Any]:
        """Return exp of the log posterior less its peak (persons × nodes), and the peak."""
        space = self.space
        log = space.matmul(design, values)
        peak = space.max(log, axis=1, keepdims=True)
        low = space.asarray(least, dtype=log.dtype)
        return space.exp(space.maximum(log - peak, low)), peak

    def _counts(self, task: CountTask, scores: Any, coding: Coding) -> Sums:
        space = self.space
        values = self._like(task.values[0])
        design = self._design(scores, coding, values.dtype)
        weights, peak = self._weights(design, values, -80.0)
        total = space.sum(weights, axis=1, keepdims=True)
        expected = space.matmul(space.matrix_transpose(design), weights / total)
        logs = space.astype(space.log(total) + peak, space.float64)
        return (
            np.asarray(self.host(expected), dtype=float),
            np.array([float(space.sum(logs))]),
        )

    def _likelihoods(self, task: LikelihoodTask, scores: Any, coding: Coding) -> Sums:
        space = self.space
        values = self._like(task.values[0])
        design = self._design(scores, coding, values.dtype)
        weights, peak = self._weights(design, values, -700.0)
        coarse = space.sum(weights[:, ::2], axis=1, keepdims=True)
        fine = coarse + space.sum(weights[:, 1::2], axis=1, keepdims=True)
        rows = float(scores.shape[0])
        total = float(space.sum(space.log(fine) + peak))
        other = float(space.sum(space.log(coarse) + peak)) + rows * task.coarse_offset[0]
        return (np.array([total, other]),)
