"""Our largest differences from reference values that other programs computed, data set by data set.

Run `python benchmarks/measurement/references.py --refs FOLDER`. The folder holds what another program
was given and what it found, as CSV (whatever is missing is said and passed over):

  lsat7_patterns.csv, science4_mirt.csv      responses: patterns with a frequency; persons
  irt_loglik.csv       dataset, model, software, logLik, npar, note
  irt_parameters.csv   dataset, model, software, parametrisation, item, param, est, se
  person_scores.csv    dataset, pattern, method, theta, se    (2PL)
  q3_LSAT7.csv         residual correlations at EAP (2PL)
  ptam4long.csv, mfrm_tam_ptam4.csv          ratings; item + rater + step by marginal likelihood
  shrout_fleiss_1979.csv, icc_shrout_fleiss.csv   ratings; intraclass correlations
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from liangcai.measurement.agreement.intraclass import intraclass_correlation
from liangcai.measurement.calibration.models import (
    GeneralizedPartialCredit,
    GradedResponse,
    Mixed,
    ModelOfItems,
    Nominal,
    OneParameter,
    PartialCredit,
    Rasch,
    ThreeParameter,
    TwoParameter,
)
from liangcai.measurement.calibration.priors import Normal, Priors
from liangcai.measurement.calibration.result import Calibration
from liangcai.measurement.facets.model import ManyFacet
from liangcai.measurement.facets.ratings import ratings_of
from liangcai.measurement.fit.local_dependence import q3
from liangcai.measurement.responses.matrix import Responses, responses_of
from liangcai.measurement.scoring.persons import score

Row = dict[str, str]

#: Beginning of a reference's name of a model → ours; the longest that fits counts.
MODELS: dict[str, ModelOfItems] = {
    "Rasch": Rasch(),
    "1PL": OneParameter(),
    "2PL": TwoParameter(),
    "3PL + logit(g)~N(-1.1;2)": ThreeParameter(Priors(lower=Normal(-1.1, 2.0))),
    "graded": GradedResponse(),
    "gpcm": GeneralizedPartialCredit(),
    "nominal": Nominal(),
    "PCM": PartialCredit(),
    "mixed graded/gpcm/graded/gpcm": Mixed(models={"Work": "gpcm", "Benefit": "gpcm"}, default="grm"),
}  # fmt: skip


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a CSV by column, or none where there is no such file."""
    if not path.exists():
        print(f"missing: {path.name}")
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def responses_in(folder: Path) -> dict[str, Responses]:
    """Return the responses of each data set whose file is there."""
    found = {}
    patterns = rows_of(folder / "lsat7_patterns.csv")
    if patterns:
        names = tuple(name for name in patterns[0] if name != "freq")
        scores = [[int(row[name]) for name in names] for row in patterns]
        weights = [float(row["freq"]) for row in patterns]
        found["LSAT7"] = responses_of(scores, items=names, weights=weights)
    persons = rows_of(folder / "science4_mirt.csv")
    if persons:
        scores = [[int(value) for value in row.values()] for row in persons]
        found["Science4"] = responses_of(scores, items=tuple(persons[0]))
    return found


def model_for(name: str) -> ModelOfItems | None:
    """Return our model of a reference's name."""
    fitting = [start for start in MODELS if name.startswith(start)]
    return MODELS[max(fitting, key=len)] if fitting else None


def log_likelihoods(folder: Path, fitted: Callable[[str, str], Calibration | None]) -> None:
    """Print the differences of log-likelihoods (of log-posteriors too where a note has one)."""
    print(
        "\n| data | model | other program | log-likelihood | ours − theirs |\n|---|---|---|---|---|"
    )
    for row in rows_of(folder / "irt_loglik.csv"):
        calibration = fitted(row["dataset"], row["model"])
        if calibration is None or "slope-intercept" in row["model"]:
            continue
        away = calibration.log_likelihood - float(row["logLik"])
        told = f"{away:+.1e}"
        if row["note"].startswith("log-posterior="):
            posterior = float(row["note"].removeprefix("log-posterior="))
            told += f" (log-posterior {calibration.log_posterior - posterior:+.1e})"
        print(
            f"| {row['dataset']} | {row['model']} | {row['software']} | {row['logLik']} | {told} |"
        )


def ours(  # noqa: PLR0911  (one line a kind of parameter)
    calibration: Calibration, row: Row
) -> tuple[float, float] | None:
    """Return our value of a reference's parameter and its error (NaN: none reported by us)."""
    name, item, none = row["param"], row["item"], float("nan")
    if item == "GROUP":
        group = calibration.groups[0]
        if name != "COV_11":
            return None
        return group.sd**2, none if group.sd_se is None else 2.0 * group.sd * group.sd_se
    items, errors = calibration.items, calibration.standard_errors
    place = items.names.index(item)
    step = int(name[1:]) - 1 if name[1:].isdigit() else 0
    a, b = items.a[place], items.b[place]
    if items.models[place] == "nominal":
        table = {"a": items.category_slopes[place], "c": b}.get(name[0])
        return None if table is None else (float(np.append(0.0, table)[step]), none)
    if row["parametrisation"] == "slope-intercept":
        if name[0] != "d" or name == "d0":
            return (float(a), none) if name == "a1" else None
        steps = np.cumsum(-a * b) if items.models[place] == "gpcm" else -a * b
        return float(steps[step]), none
    if name == "a":
        return float(a), none if errors is None else float(errors.a[place])
    if name[0] == "b":
        return float(b[step]), none if errors is None else float(errors.b[place, step])
    if name in {"g", "u"}:
        return float(items.c[place] if name == "g" else items.d[place]), none
    return None


def contrasted(rows: list[Row]) -> Iterator[tuple[Row, float]]:
    """Yield rows with their reference value; nominal categories as differences from the first."""
    nominal = [row for row in rows if row["model"].startswith("nominal") and row["item"] != "GROUP"]
    first = {(r["item"], r["param"][0]): float(r["est"]) for r in nominal if r["param"][1:] == "1"}
    for row in rows:
        base = first.get((row["item"], row["param"][0]), 0.0)
        yield row, float(row["est"]) - base


def parameters(folder: Path, fitted: Callable[[str, str], Calibration | None]) -> None:
    """Print the largest differences of parameters and of standard errors (relative)."""
    print("\n| data | model | parameters | largest difference | errors | largest relative |")
    print("|---|---|---|---|---|---|")
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(folder / "irt_parameters.csv"):
        groups.setdefault((row["dataset"], row["model"]), []).append(row)
    for (data, model), rows in groups.items():
        calibration = fitted(data, model)
        if calibration is None:
            continue
        away, relative, first_steps = [], [], []
        for row, value in contrasted(rows):
            found = ours(calibration, row)
            if found is None:
                continue
            label = f"{row['item']} {row['param']}"
            away.append((abs(found[0] - value), label))
            if row["se"] and np.isfinite(found[1]):
                # R mirt reports another error of a gpcm item's first step than the delta method
                # gives; the tests hold ours against the numerical Hessian.
                apart = model == "gpcm" and row["param"] == "b1"
                held = first_steps if apart else relative
                held.append((abs(found[1] / float(row["se"]) - 1.0), label))
        largest = f"{max(away)[0]:.1e} ({max(away)[1]})"
        errors = f"{max(relative)[0]:.1e} ({max(relative)[1]})" if relative else ""
        if first_steps:
            errors += f"; first steps {max(first_steps)[0]:.0%} ({max(first_steps)[1]})"
        print(f"| {data} | {model} | {len(away)} | {largest} | {len(relative)} | {errors} |")


def person_scores(folder: Path, calibration: Calibration | None) -> None:
    """Print the largest differences of persons' scores of the 2PL, method by method."""
    rows = rows_of(folder / "person_scores.csv")
    if calibration is None or not rows:
        return
    print("\n| LSAT7, 2PL | patterns | largest difference | of standard errors | infinite alike |")
    print("|---|---|---|---|---|")
    for name, method in (("EAP", "eap"), ("MAP", "map"), ("ML", "mle"), ("WLE", "wle")):
        held = [row for row in rows if row["method"] == name]
        patterns = responses_of(
            [[int(digit) for digit in row["pattern"]] for row in held],
            items=calibration.items.names,
        )
        found = score(patterns, calibration.items, method=method)
        theirs = np.array([float(row["theta"]) for row in held])
        errors = np.array([float(row["se"] or "nan") for row in held])
        finite = np.isfinite(theirs)
        alike = np.array_equal(found.extreme != 0, ~finite) if name == "ML" else True
        moved = np.abs(found.theta - theirs)[finite].max()
        wider = np.abs(found.se - errors)[finite & np.isfinite(errors)].max()
        print(f"| {name} | {len(held)} | {moved:.1e} | {wider:.1e} | {'yes' if alike else 'NO'} |")


def residual_correlations(
    folder: Path, responses: Responses | None, calibration: Calibration | None
) -> None:
    """Print the largest difference of Q3."""
    rows = rows_of(folder / "q3_LSAT7.csv")
    if calibration is None or responses is None or not rows:
        return
    theirs = np.array([[float(row[name]) for name in responses.items] for row in rows])
    away = np.abs(q3(responses, calibration.items).q3 - theirs).max()
    print(f"\nQ3 of LSAT7 at EAP: largest difference {away:.1e}")


def many_facet(folder: Path) -> None:
    """Print the differences of severities, steps, items, variance and deviance."""
    given, theirs = rows_of(folder / "ptam4long.csv"), rows_of(folder / "mfrm_tam_ptam4.csv")
    if not given or not theirs:
        return
    facets = {name: [row[name] for row in given] for name in ("item", "rater")}
    values = [int(row["value"]) for row in given]
    found = ManyFacet().fit(ratings_of([row["idstud"] for row in given], facets, values))
    # There the population has mean 0; here every facet has.
    mean = float(found.population_mean[0])
    known = {f"rater{name}": value for name, value in found.measures_of("rater").items()}
    known |= {name: value - mean for name, value in found.measures_of("item").items()}
    known |= {f"step{step + 1}": float(value) for step, value in enumerate(found.steps[0])}
    known |= {"variance": float(found.population_sd[0]) ** 2, "deviance": found.deviance}
    print(
        f"\n| ratings of ptam4, facet | values | largest difference from {theirs[0]['software']} |"
    )
    print("|---|---|---|")
    for facet in dict.fromkeys(row["facet"] for row in theirs):
        rows = [row for row in theirs if row["facet"] == facet and row["param"] in known]
        away = max(abs(known[row["param"]] - float(row["est"])) for row in rows)
        print(f"| {facet} | {len(rows)} | {away:.1e} |")


def intraclass(folder: Path) -> None:
    """Print the largest difference of the six intraclass correlations and their intervals."""
    given, theirs = (
        rows_of(folder / "shrout_fleiss_1979.csv"),
        rows_of(folder / "icc_shrout_fleiss.csv"),
    )
    if not given or not theirs:
        return
    table = [[float(value) for name, value in row.items() if name != "subject"] for row in given]
    found = intraclass_correlation(table)
    place = {"1": 0, "2": 1, "3": 2, "1k": 3, "2k": 4, "3k": 5}
    print("\n| intraclass correlations of Shrout & Fleiss (1979) | largest difference |\n|---|---|")
    for name, values in (
        ("ICC", found.icc),
        ("lower.bound", found.lower),
        ("upper.bound", found.upper),
    ):
        away = max(abs(values[place[row["type"][3:]]] - float(row[name])) for row in theirs)
        print(f"| {name} | {away:.1e} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--refs", type=Path)
    options = parser.parse_args()
    if options.refs is None:
        print("no references given: run with --refs FOLDER (what it must hold: see --help)")
        return
    data = responses_in(options.refs)
    done: dict[tuple[str, str], Calibration] = {}

    def fitted(dataset: str, model: str) -> Calibration | None:
        chosen = model_for(model)
        if chosen is None or dataset not in data:
            print(f"| {dataset} | {model} | no such model or data here |")
            return None
        key = (dataset, chosen.name)
        if key not in done:
            done[key] = chosen.fit(data[dataset])
        return done[key]

    log_likelihoods(options.refs, fitted)
    parameters(options.refs, fitted)
    person_scores(options.refs, fitted("LSAT7", "2PL"))
    residual_correlations(options.refs, data.get("LSAT7"), fitted("LSAT7", "2PL"))
    many_facet(options.refs)
    intraclass(options.refs)


if __name__ == "__main__":
    main()
