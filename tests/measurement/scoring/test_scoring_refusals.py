import pytest

from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.scoring.likelihood import ItemsUnmatched, SeveralAbilities
from liangcai.measurement.scoring.persons import ScoringInvalid, score
from liangcai.measurement.scoring.prior import GridTooFine, PriorInvalid

from .test_person_scores import LSAT7, MIXED, lsat7


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"method": "guess"}, ScoringInvalid, "guess"),
        ({"method": "mle", "bounds": (1.0, 1.0)}, ScoringInvalid, "rising"),
        ({"prior_sd": 0.0}, PriorInvalid, "positive"),
        ({"prior_mean": [0.0, 1.0]}, PriorInvalid, "each of 1 groups"),
    ],
)
def test_what_cannot_be_scored_is_refused(change: dict, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        score(lsat7(), LSAT7, **change)


def test_an_unknown_item_or_an_impossible_score_is_named() -> None:
    with pytest.raises(ItemsUnmatched, match="'z'"):
        score(responses_of([[1]], items=("z",)), MIXED)
    with pytest.raises(ItemsUnmatched, match="item 'p' was calibrated for scores 0 to 1"):
        score(responses_of([[2]], items=("p",)), MIXED)


def test_items_of_several_dimensions_are_not_scored_as_one() -> None:
    two = ItemParameters.from_json(
        [{"item": str(n), "model": "2pl", "a": 1.0, "b": 0.0, "dimension": n} for n in range(2)]
    )

    with pytest.raises(SeveralAbilities, match="score_dimensions"):
        score(responses_of([[1, 0]], items=two.names), two)


def test_an_item_with_two_sets_of_parameters_is_refused() -> None:
    bank = ItemParameters.from_json(
        [{"item": "p", "model": "2pl", "a": 1.0, "b": b} for b in (0.0, 1.0)]
    )

    with pytest.raises(ItemsUnmatched, match="'p' has parameters more than once"):
        score(responses_of([[1]], items=("p",)), bank)


@pytest.mark.parametrize("bounds", [(-1e8, 1e8), (-1e308, 1e308)])
def test_a_search_that_no_grid_can_hold_is_refused(bounds: tuple[float, float]) -> None:
    with pytest.raises(GridTooFine, match="narrower bounds"):
        score(lsat7(), LSAT7, method="mle", bounds=bounds)
