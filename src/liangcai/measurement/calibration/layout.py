"""Which parameters are estimated, and how the items' working parameters follow from them.

working_i = offset_i + local_i·λ_i + shared_i·σ: λ belong to one row of parameters (an item, or an
item in one group), σ to several (a common slope, common steps, a slope held equal across groups).
Fixed parameters, those of anchors among them, are offsets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.arrays import Array, Flags, Index
from liangcai.measurement.calibration.families import working_width
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters

#: Working parameters of a logistic item beyond slope and intercept, and where they start.
_LOWER, _UPPER = 2, 3
_LOWER_START, _UPPER_START = np.log(0.15 / 0.85), np.log(0.95 / 0.05)
_FREE_ASYMPTOTES = {"3pl": (_LOWER,), "4pl": (_LOWER, _UPPER)}
_UNIT_SLOPE = {"rasch", "pcm", "rsm"}


class ModelUnsuitable(LiangcaiError):
    """The model cannot be fitted to these responses as asked."""

    code = "measurement.model-unsuitable"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of parameters of one family with equally many steps: one array operation."""

    family: str
    steps: int
    width: int
    rows: Index


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows of parameters (I), their models and items, and the map from what is free."""

    blocks: tuple[Rows, ...]
    items: Index
    models: tuple[str, ...]
    of_group: Index  # G × J: the row that an item has in a group
    offset: Array  # I × P
    local: Array  # I × P × L
    shared: Array  # I × P × S
    used: Flags  # I × L: which λ exist
    start: Array = field(repr=False)  # free values to begin with

    @property
    def steps(self) -> Index:
        """The number of steps of each row (I)."""
        steps = np.zeros(self.items.size, dtype=np.intp)
        for block in self.blocks:
            steps[block.rows] = block.steps
        return steps

    @property
    def local_count(self) -> int:
        """How many λ there are."""
        return int(self.used.sum())

    def unpack(self, free: Array) -> tuple[Array, Array]:
        """Return λ (I × L, 0 where unused) and σ (S)."""
        lambdas = np.zeros(self.used.shape)
        lambdas[self.used] = free[: self.local_count]
        return lambdas, free[self.local_count : self.local_count + self.shared.shape[2]]

    def working(self, free: Array) -> Array:
        """Return the working parameters (I × P) at these free values."""
        lambdas, sigma = self.unpack(free)
        moved = (self.local @ lambdas[:, :, None])[:, :, 0] + self.shared @ sigma
        return np.asarray(self.offset + moved, dtype=float)

    def jacobian(self) -> Array:
        """Return the derivatives of all working parameters (I·P) by the free values."""
        rows, width = self.offset.shape
        table = np.zeros((rows, width, self.local_count + self.shared.shape[2]))
        owner, place = np.nonzero(self.used)
        table[owner, :, np.arange(owner.size)] = self.local[owner, :, place]
        table[:, :, owner.size :] = self.shared
        return table.reshape(rows * width, -1)


@dataclass(slots=True)
class _Draft:
    """One row while the layout is drawn: offset, columns of its own, columns by shared name."""

    item: int
    model: str
    steps: int
    offset: Array
    local: list[Array] = field(default_factory=list)
    local_start: list[float] = field(default_factory=list)
    shared: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be estimated: a model per item, start values of the steps, anchors, freedom by group."""

    names: tuple[str, ...]
    models: tuple[str, ...]
    intercepts: Sequence[Array]
    anchors: ItemParameters | None = None
    free_by_group: Mapping[str, frozenset[str]] = field(default_factory=dict)
    groups: tuple[str, ...] = ("all",)


def layout_of(wanted: Wanted) -> Layout:
    """
    Return the layout.

    Raises:
        ModelUnsuitable: a two-category model for an item with more, an anchor that does not fit.
    """
    drafts: list[_Draft] = []
    starts: dict[str, list[float]] = {}
    of_group = np.zeros((len(wanted.groups), len(wanted.names)), dtype=np.intp)
    for item, name in enumerate(wanted.names):
        freed = wanted.free_by_group.get(name, frozenset())
        for group in range(len(wanted.groups) if freed else 1):
            of_group[group:, item] = len(drafts)
            draft = _drafted(wanted, item, starts)
            if freed:
                _share_what_is_equal(draft, name, freed, starts)
            drafts.append(draft)
    return _assembled(drafts, of_group, starts)


def _drafted(wanted: Wanted, item: int, starts: dict[str, list[float]]) -> _Draft:
    model, intercepts = wanted.models[item], wanted.intercepts[item]
    family, steps = FAMILY_OF[model], intercepts.size
    if family == "logistic" and steps > 1:
        raise ModelUnsuitable(
            f"item {wanted.names[item]!r} has {steps + 1} score categories; {model} knows two. "
            "Choose a model for ordered scores (grm, gpcm, pcm, rsm) or nominal."
        )
    draft = _Draft(item, model, steps, np.zeros(working_width(family, steps)))
    if family == "logistic":
        draft.offset[[_LOWER, _UPPER]] = -np.inf, np.inf
    anchors = wanted.anchors
    if anchors is not None and wanted.names[item] in anchors.names:
        _fix(draft, anchors, anchors.names.index(wanted.names[item]))
    elif model == "nominal":
        _open(draft, range(2 * steps), [*np.arange(1.0, steps + 1), *np.cumsum(intercepts)])
    elif model == "rsm":
        _open_location(draft, intercepts, starts)
    else:
        _open_slope(draft, starts)
        _open(draft, range(1, 1 + steps), list(intercepts))
        _open_asymptotes(draft)
    return draft


def _open(draft: _Draft, places: Sequence[int], values: Sequence[float]) -> None:
    for place, value in zip(places, values, strict=True):
        column = np.zeros(draft.offset.size)
        column[place] = 1.0
        draft.local.append(column)
        draft.local_start.append(float(value))


def _open_slope(draft: _Draft, starts: dict[str, list[float]]) -> None:
    if draft.model in _UNIT_SLOPE:
        draft.offset[0] = 1.0
    elif draft.model == "1pl":
        draft.shared["slope"] = np.eye(draft.offset.size)[0]
        starts.setdefault("slope", []).append(1.0)
    else:
        _open(draft, [0], [1.0])


def _open_asymptotes(draft: _Draft) -> None:
    for place in _FREE_ASYMPTOTES.get(draft.model, ()):
        draft.offset[place] = 0.0
        _open(draft, [place], [_LOWER_START if place == _LOWER else _UPPER_START])


def _open_location(draft: _Draft, intercepts: Array, starts: dict[str, list[float]]) -> None:
    """Andrich (1978): δ_l = −(location + step_l), the steps shared and summing to 0."""
    draft.offset[0] = 1.0
    location = -float(intercepts.mean())
    draft.local.append(np.concatenate([[0.0], -np.ones(draft.steps)]))
    draft.local_start.append(location)
    for step in range(draft.steps - 1):
        column = np.zeros(draft.offset.size)
        column[1 + step], column[-1] = -1.0, 1.0
        name = f"step {step + 1} of {draft.steps}"
        draft.shared[name] = column
        starts.setdefault(name, []).append(-float(intercepts[step]) - location)


def _fix(draft: _Draft, anchors: ItemParameters, row: int) -> None:
    b = anchors.b[row, : draft.steps]
    family = FAMILY_OF[draft.model]
    if FAMILY_OF[anchors.models[row]] != family or int(anchors.steps[row]) != draft.steps:
        raise ModelUnsuitable(
            f"anchor {anchors.names[row]!r} is a {anchors.models[row]} item with "
            f"{int(anchors.steps[row]) + 1} categories; its responses have {draft.steps + 1} "
            f"and are to be fitted by {draft.model}"
        )
    if draft.model == "nominal":
        draft.offset[:] = [*anchors.category_slopes[row, : draft.steps], *b]
        return
    draft.offset[: 1 + draft.steps] = [anchors.a[row], *(-anchors.a[row] * b)]
    if family == "logistic":
        with np.errstate(divide="ignore"):
            for place, share in ((_LOWER, anchors.c[row]), (_UPPER, anchors.d[row])):
                draft.offset[place] = np.log(share) - np.log1p(-share)


def _share_what_is_equal(
    draft: _Draft, name: str, freed: frozenset[str], starts: dict[str, list[float]]
) -> None:
    """Turn the columns that stay equal across groups into shared ones named after the item."""
    kept, kept_start = [], []
    for column, start in zip(draft.local, draft.local_start, strict=True):
        kind = _kind_of(int(np.flatnonzero(column)[0]), draft)
        if kind in freed:
            kept.append(column)
            kept_start.append(start)
        else:
            shared = f"{name}: {np.flatnonzero(column)[0]}"
            draft.shared[shared] = column
            starts.setdefault(shared, []).append(start)
    draft.local, draft.local_start = kept, kept_start


def _kind_of(place: int, draft: _Draft) -> str:
    if draft.model == "nominal":
        return "slope" if place < draft.steps else "difficulty"
    if FAMILY_OF[draft.model] == "logistic" and place >= _LOWER:
        return "asymptote"
    return "slope" if place == 0 else "difficulty"


def _assembled(drafts: list[_Draft], of_group: Index, starts: dict[str, list[float]]) -> Layout:
    width = max(draft.offset.size for draft in drafts)
    most = max(max((len(draft.local) for draft in drafts), default=1), 1)
    names = list(starts)
    offset = np.zeros((len(drafts), width))
    local = np.zeros((len(drafts), width, most))
    shared = np.zeros((len(drafts), width, len(names)))
    used = np.zeros((len(drafts), most), dtype=bool)
    for row, draft in enumerate(drafts):
        size = draft.offset.size
        offset[row, :size] = draft.offset
        for place, column in enumerate(draft.local):
            local[row, :size, place] = column
            used[row, place] = True
        for name, column in draft.shared.items():
            shared[row, :size, names.index(name)] = column
    own = [value for draft in drafts for value in draft.local_start]
    common = [float(np.mean(starts[name])) for name in names]
    return Layout(
        blocks=_blocks(drafts),
        items=np.array([draft.item for draft in drafts], dtype=np.intp),
        models=tuple(draft.model for draft in drafts),
        of_group=of_group,
        offset=offset,
        local=local,
        shared=shared,
        used=used,
        start=np.array([*own, *common], dtype=float),
    )


def _blocks(drafts: list[_Draft]) -> tuple[Rows, ...]:
    kinds: dict[tuple[str, int], list[int]] = {}
    for row, draft in enumerate(drafts):
        kinds.setdefault((FAMILY_OF[draft.model], draft.steps), []).append(row)
    return tuple(
        Rows(family, steps, working_width(family, steps), np.array(rows, dtype=np.intp))
        for (family, steps), rows in kinds.items()
    )
