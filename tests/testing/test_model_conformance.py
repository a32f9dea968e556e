from dataclasses import replace

import numpy as np
import pytest

from liangcai.kernel.plugins import UnknownPlugin, load_plugin, plugin_names
from liangcai.measurement.calibration.models import MODELS, TwoParameter, model_named
from liangcai.measurement.calibration.priors import Beta, LogNormal, Priors
from liangcai.measurement.calibration.request import Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.testing.models import CHECKS, Make, NotConforming, check_model

_PRIORS = {
    "3pl": Priors(lower=Beta(5.0, 17.0)),
    "4pl": Priors(LogNormal(0.3, 0.3), lower=Beta(5.0, 17.0), upper=Beta(17.0, 5.0)),
}
_TWO = {"rasch", "1pl", "2pl", "3pl", "4pl"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", sorted(MODELS))
def test_our_models_conform(name: str, check) -> None:
    def make() -> TwoParameter:
        return model_named(name, priors=_PRIORS.get(name, Priors()))

    check(make, 2 if name in _TWO else 4)


class Shuffled(TwoParameter):
    """A model whose answer hangs on the order of the persons."""

    def fit(self, responses: Responses, *, settings: Settings = Settings()) -> Calibration:  # noqa: B008
        half = responses.select_persons(np.arange(responses.person_count // 2))
        return super().fit(half, settings=settings)


class Boastful(TwoParameter):
    """A model that always says it converged."""

    def fit(self, responses: Responses, *, settings: Settings = Settings()) -> Calibration:  # noqa: B008
        found = super().fit(responses, settings=settings)
        sure = replace(found.certificate, converged=True, reasons=())
        return replace(found, certificate=sure)


class Indulgent(TwoParameter):
    """A model that invents a response where an item has no variance."""

    def fit(self, responses: Responses, *, settings: Settings = Settings()) -> Calibration:  # noqa: B008
        scores = responses.scores.copy()
        scores[0], scores[1] = 0, 1
        return super().fit(responses_of(scores, weights=responses.weights), settings=settings)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Shuffled, "order of persons and items"),
        (Boastful, "must not say that it converged"),
        (Indulgent, "must be refused"),
    ],
)
def test_a_model_that_misbehaves_is_told_what_is_wrong(make: Make, said: str) -> None:
    with pytest.raises(NotConforming, match=said):
        check_model(make, categories=2)


def test_our_models_come_through_the_same_door_as_others() -> None:
    assert set(MODELS) <= set(plugin_names("liangcai.models"))
    assert load_plugin("liangcai.models", "grm") is MODELS["grm"]


def test_an_unknown_plug_in_is_refused_with_what_there_is() -> None:
    with pytest.raises(UnknownPlugin, match=r"nothing-of-this-name.*2pl"):
        load_plugin("liangcai.models", "nothing-of-this-name")
