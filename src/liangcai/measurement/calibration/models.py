"""Models to fit: Model → Calibration.

Every model has `fit(responses, …)`; `Mixed` gives each item a model of its own. All use D = 1 and a
latent density of mean 0 and standard deviation 1 in the reference group; with slopes fixed at 1
(Rasch, rating scale, partial credit) the standard deviation is estimated instead.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from liangcai.kernel.errors import LiangcaiError
from liangcai.kernel.plugins import UnknownPlugin, load_plugin
from liangcai.measurement.calibration.fit import calibrate
from liangcai.measurement.calibration.layout import ModelUnsuitable
from liangcai.measurement.calibration.priors import NO_PRIORS, Priors
from liangcai.measurement.calibration.request import Request, Settings
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters
from liangcai.measurement.responses.matrix import Responses

#: The entry points that offer models.
PLUGINS = "liangcai.models"
_KINDS = frozenset({"slope", "difficulty", "asymptote"})
DEFAULTS = Settings()


class UnknownModel(LiangcaiError):
    """No response model has this name."""

    code = "measurement.unknown-model"


@dataclass(frozen=True, slots=True)
class ModelOfItems:
    """The base of the models: all items alike. `priors` turn maximum likelihood into the posterior mode."""

    name: ClassVar[str]

    priors: Priors = NO_PRIORS

    def models_of(self, responses: Responses) -> tuple[str, ...]:
        """Return the model of each item."""
        return (self.name,) * responses.item_count

    def fit(
        self,
        responses: Responses,
        *,
        anchors: ItemParameters | None = None,
        free_by_group: Mapping[str, Collection[str]] | None = None,
        reference: str | None = None,
        settings: Settings = DEFAULTS,
    ) -> Calibration:
        """
        Return the calibration by marginal maximum likelihood (Bock & Aitkin, 1981).

        `anchors` are items (found by name) whose parameters stay fixed; with any, the means and
        standard deviations of all groups are estimated. `free_by_group` names for an item what may
        differ between groups: "slope", "difficulty", "asymptote". `reference` is the group with
        mean 0 (the first by name unless given).

        Raises:
            ModelUnsuitable: an item without variance, or one that the model does not fit.
        """
        request = self.request(
            responses, anchors=anchors, free_by_group=free_by_group, reference=reference
        )
        return calibrate(responses, request, settings)

    def request(
        self,
        responses: Responses,
        *,
        anchors: ItemParameters | None = None,
        free_by_group: Mapping[str, Collection[str]] | None = None,
        reference: str | None = None,
    ) -> Request:
        """
        Return what `fit` asks for; of the responses only the items count.

        Raises:
            ModelUnsuitable: `free_by_group` names no item, or something that no item has.
        """
        freed = {item: frozenset(kinds) for item, kinds in (free_by_group or {}).items()}
        for item, kinds in freed.items():
            if item not in responses.items or not kinds <= _KINDS:
                raise ModelUnsuitable(
                    f"free_by_group: {item!r} → {sorted(kinds)} names no item, or something other "
                    f"than {', '.join(sorted(_KINDS))}"
                )
        return Request(self.name, self.models_of(responses), self.priors, anchors, freed, reference)


@dataclass(frozen=True, slots=True)
class Rasch(ModelOfItems):
    """Slopes 1, difficulties and the latent standard deviation free (Rasch, 1960)."""

    name: ClassVar[str] = "rasch"


@dataclass(frozen=True, slots=True)
class OneParameter(ModelOfItems):
    """One common slope, difficulties free."""

    name: ClassVar[str] = "1pl"


@dataclass(frozen=True, slots=True)
class TwoParameter(ModelOfItems):
    """Slopes and difficulties free (Birnbaum, 1968)."""

    name: ClassVar[str] = "2pl"


@dataclass(frozen=True, slots=True)
class ThreeParameter(ModelOfItems):
    """With a lower asymptote (Birnbaum, 1968); give it a prior unless the sample is very large."""

    name: ClassVar[str] = "3pl"


@dataclass(frozen=True, slots=True)
class FourParameter(ModelOfItems):
    """With both asymptotes (Barton & Lord, 1981); needs priors or a very large sample."""

    name: ClassVar[str] = "4pl"


@dataclass(frozen=True, slots=True)
class RatingScale(ModelOfItems):
    """Slopes 1, a location per item, steps common to the items with equally many (Andrich, 1978)."""

    name: ClassVar[str] = "rsm"


@dataclass(frozen=True, slots=True)
class PartialCredit(ModelOfItems):
    """Slopes 1, step difficulties free (Masters, 1982)."""

    name: ClassVar[str] = "pcm"


@dataclass(frozen=True, slots=True)
class GeneralizedPartialCredit(ModelOfItems):
    """Slopes and step difficulties free (Muraki, 1992)."""

    name: ClassVar[str] = "gpcm"


@dataclass(frozen=True, slots=True)
class GradedResponse(ModelOfItems):
    """Slopes and rising thresholds (Samejima, 1969)."""

    name: ClassVar[str] = "grm"


@dataclass(frozen=True, slots=True)
class Nominal(ModelOfItems):
    """A slope and an intercept per category, those of the lowest 0 (Bock, 1972)."""

    name: ClassVar[str] = "nominal"


@dataclass(frozen=True, slots=True)
class Mixed(ModelOfItems):
    """A model of its own for each item named in `models`; `default` for the others."""

    name: ClassVar[str] = "mixed"

    models: Mapping[str, str] = field(default_factory=dict)
    default: str = "2pl"

    def models_of(self, responses: Responses) -> tuple[str, ...]:
        """
        Return the model of each item.

        Raises:
            UnknownModel: a name is no model's.
            ModelUnsuitable: a model is given to an item that is not there.
        """
        require_items(self.models, responses)
        chosen = tuple(self.models.get(item, self.default) for item in responses.items)
        for name in {*chosen, *self.models.values()}:
            known_model(name)
        return chosen


def require_items(names: Iterable[str], responses: Responses) -> None:
    """
    Check that every name is an item's.

    Raises:
        ModelUnsuitable: one is not.
    """
    lost = [name for name in names if name not in responses.items]
    if lost:
        raise ModelUnsuitable(f"no item is called {', '.join(map(repr, lost[:10]))}")


MODELS: dict[str, type[ModelOfItems]] = {
    model.name: model
    for model in (
        Rasch,
        OneParameter,
        TwoParameter,
        ThreeParameter,
        FourParameter,
        RatingScale,
        PartialCredit,
        GeneralizedPartialCredit,
        GradedResponse,
        Nominal,
    )
}


def model_named(name: str, *, priors: Priors = NO_PRIORS) -> ModelOfItems:
    """
    Return the model of this name: rasch, 1pl … 4pl, rsm, pcm, gpcm, grm, nominal, or a plug-in's.

    A plug-in is an entry point of the group `liangcai.models`: a class like ours, which passes
    `liangcai.testing.models.check_model`.

    Raises:
        UnknownModel: no model has this name.
    """
    if name in MODELS:
        return MODELS[name](priors)
    try:
        found = load_plugin(PLUGINS, name)
    except UnknownPlugin as error:
        raise UnknownModel(str(error)) from None
    if not (isinstance(found, type) and issubclass(found, ModelOfItems)):
        raise UnknownModel(f"{name!r} is no model: {found!r}")
    return found(priors)


def known_model(name: str) -> str:
    """
    Return the name if a model has it.

    Raises:
        UnknownModel: none has.
    """
    if name not in FAMILY_OF:
        raise UnknownModel(f"no model is called {name!r}; there are {', '.join(FAMILY_OF)}")
    return name
