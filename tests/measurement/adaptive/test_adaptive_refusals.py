"""Settings and answers that mean nothing are refused before anybody is tested; pools are synthetic."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.measurement.adaptive.adaptive_banks import pool_3pl

from liangcai.kernel.errors import LiangcaiError
from liangcai.measurement.adaptive.blueprint import Blueprint, BlueprintInvalid, Count, ItemSet
from liangcai.measurement.adaptive.content import ContentInvalid, priority_index
from liangcai.measurement.adaptive.design import Design, DesignInvalid, Start
from liangcai.measurement.adaptive.exposure import ExposureInvalid, Lottery
from liangcai.measurement.adaptive.item_pool import PoolInvalid, item_pool
from liangcai.measurement.adaptive.report import ReportInvalid, report
from liangcai.measurement.adaptive.selection import CutInformation, SelectionInvalid
from liangcai.measurement.adaptive.session import (
    BarsMissing,
    ScoreImpossible,
    SeedImpossible,
    answer,
    begin,
    replay,
)
from liangcai.measurement.adaptive.simulation import SimulationInvalid, simulate
from liangcai.measurement.adaptive.stopping import Length
from liangcai.measurement.grid import Grid, even_grid
from liangcai.measurement.models.items import ItemParameters

POOL = pool_3pl(40)
DESIGN = Design(POOL, Length(5))
ROW = np.ones((1, 40), dtype=bool)


def steep(slope: float) -> ItemParameters:
    records = [{"item": f"s{n}", "a": slope, "b": n / 10.0} for n in range(-20, 20)]
    return ItemParameters.from_json(records)


def test_an_item_too_steep_for_the_grid_is_refused_with_the_step_it_needs() -> None:
    with pytest.raises(PoolInvalid, match=r"steps of at most 0\.02"):
        item_pool(steep(50.0))


def test_the_steepest_item_allowed_is_estimated_as_on_a_finer_grid() -> None:
    """Slope 16 rises by one logit a node of the default grid; the finer grid has eight times the nodes."""
    coarse, fine = (
        item_pool(steep(16.0)),
        item_pool(steep(16.0), grid=even_grid(-5.0, 5.0, 1281)),
    )

    one, other = (replay(Design(pool, Length(4)), [1, 0, 0, 1], seed=3) for pool in (coarse, fine))

    assert one.asked == other.asked
    assert one.theta == pytest.approx(other.theta, abs=1e-6)
    assert one.se == pytest.approx(other.se, abs=1e-6)


def test_an_infinite_upper_bound_leaves_information_to_decide() -> None:
    free = priority_index(ROW, least=np.array([0.0]), most=np.array([np.inf]))

    bounded, plain = (
        simulate(design, theta=[0.5], rng=np.random.default_rng(1))
        for design in (Design(POOL, Length(5), content=free), DESIGN)
    )

    assert bounded.items.tolist() == plain.items.tolist()


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: answer(begin(DESIGN, seed=1), 0.5), ScoreImpossible, "whole scores .* not 0.5"),
        (lambda: answer(begin(DESIGN, seed=1), "1"), ScoreImpossible, "not '1'"),
        (lambda: begin(DESIGN, seed=1.5), SeedImpossible, "not 1.5"),
        (lambda: begin(DESIGN, seed=1, barred=np.arange(40)), BarsMissing, "true or false"),
        (lambda: Design(POOL, Length(3), start=Start(-np.inf, 0.0)), DesignInvalid, "finite"),
        (lambda: CutInformation((np.nan,)), SelectionInvalid, "finite cut"),
        (
            lambda: Design(POOL, Length(5), shadow=Blueprint(5, gap=-1.0)),
            BlueprintInvalid,
            "gap is a share",
        ),
        (
            lambda: Design(POOL, Length(5), shadow=Blueprint(5, (Count("x", (99,)),))),
            BlueprintInvalid,
            "outside 0",
        ),
        (
            lambda: Design(
                POOL, Length(5), shadow=Blueprint(5, (ItemSet("x", (1, 2)), ItemSet("y", (2, 3))))
            ),
            BlueprintInvalid,
            r"\[2\] belong to two",
        ),
        (lambda: Lottery(np.ones((40, 3)), np.array([1.0, 0.0])), ExposureInvalid, "rise"),
        (
            lambda: priority_index(ROW, least=np.array([np.nan]), most=np.array([2.0])),
            ContentInvalid,
            "constraint 0",
        ),
        (
            lambda: item_pool(steep(1.0), grid=Grid(POOL.grid.nodes[::-1], POOL.grid.step)),
            PoolInvalid,
            "even steps",
        ),
        (
            lambda: simulate(DESIGN, theta=["a"], rng=np.random.default_rng(1)),
            SimulationInvalid,
            "row of numbers",
        ),
        (
            lambda: report(
                DESIGN, simulate(DESIGN, theta=[0.0], rng=np.random.default_rng(1)), cuts=(np.nan,)
            ),
            ReportInvalid,
            "cuts must be finite",
        ),
    ],
)
def test_what_means_nothing_is_refused(
    make: Callable[[], object], error: type[LiangcaiError], said: str
) -> None:
    with pytest.raises(error, match=said):
        make()
