"""The result of a calibration: parameters, errors, latent densities, certificate, audit record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from liangcai.measurement.arrays import Array
from liangcai.measurement.models.items import FAMILY_OF, ItemParameters
from liangcai.measurement.results import Result, ResultUnreadable, decode, encode


@dataclass(frozen=True, slots=True)
class ItemErrors:
    """Standard errors of the parameters of `ItemParameters`, in the same places; NaN where fixed."""

    a: Array
    b: Array
    c: Array
    d: Array
    category_slopes: Array


@dataclass(frozen=True, slots=True)
class LatentGroup:
    """The latent density of one group in logits; an error is None where the value was fixed."""

    name: str
    persons: float
    mean: float
    sd: float
    mean_se: float | None
    sd_se: float | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far the iteration came, and what the numbers are worth.

    `remaining` is the log-likelihood that the last secant model still expected to gain, `largest_move`
    the last move of any parameter in units of 1/√information, `quadrature_error` the change of the
    log-likelihood when the grid's step is halved. `maximum` says whether the observed information is
    positive definite (None: not computed). `converged` needs all of them to hold.
    """

    converged: bool
    iterations: int
    restarts: int
    remaining: float
    largest_move: float
    tolerance: float
    nodes: int
    low: float
    high: float
    quadrature_error: float
    quadrature_tolerance: float
    maximum: bool | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What the calibration rests on: the hash of its responses, the model, the version, the settings."""

    responses_sha256: str
    model: str
    version: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Calibration(Result):
    """Item parameters with D = 1 in slope–difficulty form, and everything needed to trust them.

    `group_items` holds the parameters of each group's items where some differ by group; otherwise
    it is empty and `items` are everybody's. `scores` are the scores that occurred on each item:
    category k of an item is its k-th score. `covariance` (not written to JSON) is that of the item
    parameters, item by item: a, b of each step, then c and d where the model has them (nominal: the
    slopes of the categories, then their intercepts).
    """

    title: ClassVar[str] = "Calibration"

    model: str
    log_likelihood: float
    log_posterior: float
    persons: float
    parameters: int
    items: ItemParameters
    standard_errors: ItemErrors | None
    group_items: tuple[ItemParameters, ...]
    groups: tuple[LatentGroup, ...]
    latent_covariance: Array | None
    covariance: Array | None
    scores: tuple[tuple[int, ...], ...]
    certificate: Certificate
    audit: AuditRecord
    method: str
    source: str

    @property
    def converged(self) -> bool:
        """Whether every part of the certificate holds."""
        return self.certificate.converged

    @property
    def iterations(self) -> int:
        """The number of E-steps over all persons."""
        return self.certificate.iterations

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return float(np.log(self.persons)) * self.parameters - 2.0 * self.log_likelihood

    def facts(self) -> Mapping[str, Any]:
        """Return model, likelihood, criteria, convergence and quadrature error."""
        certificate = self.certificate
        facts: dict[str, Any] = {
            "model": self.model,
            "persons": self.persons,
            "items": self.items.count,
            "log-likelihood": f"{self.log_likelihood:.4f}",
            "parameters": self.parameters,
            "AIC": f"{self.aic:.2f}",
            "BIC": f"{self.bic:.2f}",
            "converged": certificate.converged,
            "iterations": certificate.iterations,
            "nodes": f"{certificate.nodes} from {certificate.low:.2f} to {certificate.high:.2f}",
            "quadrature error": certificate.quadrature_error,
        }
        if certificate.reasons:
            facts["because"] = "; ".join(certificate.reasons)
        for group in self.groups:
            if self.latent_covariance is not None:
                continue
            facts[f"latent density of {group.name}"] = f"mean {group.mean:.4f}, sd {group.sd:.4f}"
        return facts

    def columns(self) -> Mapping[str, Sequence[Any] | Array]:
        """Return one row an item: parameters, each with its standard error where there are any."""
        items, errors = self.items, self.standard_errors
        table: dict[str, Sequence[Any] | Array] = {"item": items.names, "model": items.models}
        wide = items.b.shape[1]
        named: list[tuple[str, Array, Array | None]] = [
            ("a", items.a, None if errors is None else errors.a)
        ]
        for step in range(wide):
            name = "b" if wide == 1 else f"b{step + 1}"
            named.append((name, items.b[:, step], None if errors is None else errors.b[:, step]))
        named += [
            ("c", items.c, None if errors is None else errors.c),
            ("d", items.d, None if errors is None else errors.d),
        ]
        for step in range(wide if not np.isnan(items.category_slopes).all() else 0):
            error = None if errors is None else errors.category_slopes[:, step]
            named.append((f"slope{step + 1}", items.category_slopes[:, step], error))
        for name, values, error in named:
            table[name] = values
            if error is not None and not np.isnan(error).all():
                table[f"se({name})"] = error
        return table

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, one record an item with its errors under `se`."""
        document: dict[str, Any] = {
            "model": self.model,
            "log_likelihood": self.log_likelihood,
            "log_posterior": self.log_posterior,
            "aic": self.aic,
            "bic": self.bic,
            "converged": self.converged,
            "iterations": self.iterations,
            "persons": self.persons if self.persons % 1 else int(self.persons),
            "parameters": self.parameters,
            "items": self._item_records(),
        }
        for name in (
            "group_items",
            "groups",
            "latent_covariance",
            "scores",
            "certificate",
            "audit",
            "method",
            "source",
        ):
            document[name] = encode(getattr(self, name))
        return document

    def _item_records(self) -> list[dict[str, Any]]:
        records = self.items.to_json()
        for row, record in enumerate(records):
            record["se"] = _errors_of(self.standard_errors, row, record)
        return records

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """
        Return the calibration that `to_json` wrote, without the covariance.

        Raises:
            ResultUnreadable: a field is missing or malformed.
            ItemParametersInvalid: an item is.
        """
        try:
            items = ItemParameters.from_json(document["items"])
            kinds = {
                "log_posterior": float,
                "parameters": int,
                "method": str,
                "source": str,
                "group_items": tuple[ItemParameters, ...],
                "groups": tuple[LatentGroup, ...],
                "latent_covariance": Array | None,
                "scores": tuple[tuple[int, ...], ...],
                "certificate": Certificate,
                "audit": AuditRecord,
                "model": str,
                "log_likelihood": float,
            }
            read = {name: decode(document[name], kind) for name, kind in kinds.items()}
            return cls(
                persons=float(document["persons"]),
                items=items,
                standard_errors=_errors_from(document["items"], items),
                covariance=None,
                **read,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ResultUnreadable(f"not a calibration: {error!r}") from error


def _errors_of(errors: ItemErrors | None, row: int, record: Mapping[str, Any]) -> dict[str, Any]:
    if errors is None:
        return {}
    found: dict[str, Any] = {}
    for field in fields(errors):
        values = getattr(errors, field.name)[row]
        listed = isinstance(record.get(field.name), list)
        if np.ndim(values) == 0:
            if np.isfinite(values):
                found[field.name] = float(values)
        elif np.isfinite(values).any():
            size = len(record[field.name]) if listed else 1
            written = [float(v) if np.isfinite(v) else None for v in values[:size]]
            found[field.name] = written if listed else written[0]
    return found


def _errors_from(records: Sequence[Mapping[str, Any]], items: ItemParameters) -> ItemErrors | None:
    if not any(record.get("se") for record in records):
        return None
    filled: dict[str, Array] = {}
    for field in fields(ItemErrors):
        table = np.full(getattr(items, field.name).shape, np.nan)
        for row, record in enumerate(records):
            value = record.get("se", {}).get(field.name)
            if value is not None:
                entries = np.array(value, dtype=float)
                table[row] = (
                    entries
                    if table.ndim == 1
                    else np.pad(
                        np.atleast_1d(entries),
                        (0, table.shape[1] - entries.size),
                        constant_values=np.nan,
                    )
                )
        filled[field.name] = table
    return ItemErrors(**filled)


def describe_family(models: Sequence[str]) -> str:
    """Return the published sources of the models used."""
    sources = {
        "logistic": "Birnbaum (1968); Rasch (1960)",
        "graded": "Samejima (1969)",
        "partial-credit": "Masters (1982); Muraki (1992); Andrich (1978)",
        "nominal": "Bock (1972)",
    }
    return "; ".join(sources[family] for family in dict.fromkeys(FAMILY_OF[m] for m in models))
