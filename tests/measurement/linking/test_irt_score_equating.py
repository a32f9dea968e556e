import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.linking.errors import parameter_link_error
from liangcai.measurement.linking.score_equating import (
    EquatingUndefined,
    ObservedScoreTable,
    TrueScoreTable,
    observed_score_equating,
    true_score_equating,
)
from liangcai.measurement.linking.transformation import Transformation
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.scoring.summed import ExpectedScoreUnreachable
from liangcai.measurement.scoring.totals import total_distribution

# Twelve 3PL items of form X, already on the scale of form Y, and of form Y: a, b, c; D = 1.7.
LOGISTIC_X = [
    (0.920353277679441, -1.181970629805, 0.244001),
    (1.170994236576, -1.111834306335, 0.242883),
    (0.609056109168193, -1.150369527755, 0.260893),
    (0.886869070441168, -0.550536364405, 0.243497),
    (1.05983303832279, -0.281302485405, 0.319135),
    (0.806179909475657, 0.00388215394, 0.277826),
    (1.32554832150229, 0.326604428895, 0.157979),
    (1.2106179296997, 0.675148828855, 0.084828),
    (1.52987732052845, 0.868505776025, 0.181874),
    (1.3678877449149, 1.47226315786, 0.246856),
    (0.536740756166129, 2.177620817575, 0.309243),
    (1.32565611774289, 3.17675688572, 0.192339),
]
LOGISTIC_Y = [
    (0.887276, -1.334798, 0.134406),
    (1.184412, -1.129004, 0.237765),
    (0.609412, -1.464546, 0.151393),
    (0.923812, -0.576435, 0.240097),
    (0.822776, -0.476357, 0.192369),
    (0.707818, -0.235189, 0.189557),
    (1.306976, 0.242986, 0.165553),
    (1.295471, 0.598029, 0.090557),
    (1.366841, 0.923206, 0.172993),
    (1.389624, 1.380666, 0.238008),
    (0.293806, 2.02807, 0.203448),
    (0.885347, 3.152928, 0.195473),
]
CREDIT_X = [  # a, location, deviations: steps are location less deviation
    (0.330731115752338, -0.44611721271, [0.89576021814, -0.89576021814]),
    (1.19127830416914, 0.88345078701, [0.08695323647, -0.08695323647]),
    (0.464028517005469, 2.379009065235, [1.716223932855, -1.716223932855]),
    (0.658666878992595, 0.375180544697, [-0.389003497997, 0.882710239228, -0.493706741232]),
    (0.679246161290125, 1.53676010099, [0.822498071375, -0.161448079285, -0.66104999209]),
]
CREDIT_Y = [
    (0.346324, -0.494115, [0.893232, -0.893232]),
    (1.252012, 0.856264, [0.09975, -0.09975]),
    (0.392282, 2.825801, [1.850498, -1.850498]),
    (0.660841, 0.342977333333, [-0.300428333333, 0.761845666667, -0.461417333333]),
    (0.669612, 1.643267, [1.001974, -0.107221, -0.894753]),
]
GRADED_X = [
    (1.1196, [-2.1415, 0.0382]),
    (1.2290, [-1.7523, -1.0660]),
    (0.6405, [-2.3126, -1.8816]),
    (1.1622, [-1.9728, -0.2810]),
    (1.2249, [-2.2207, -0.8252]),
]
GRADED_Y = [
    (0.9171, [-1.7786, 0.7177]),
    (0.9751, [-1.4115, -0.4946]),
    (0.5890, [-1.8478, -1.4078]),
    (0.9804, [-1.6151, 0.3002]),
    (1.0117, [-1.9355, -0.2267]),
]


def form(logistic: list, credit: list = (), graded: list = ()) -> ItemParameters:
    records = [{"model": "3pl", "a": 1.7 * a, "b": b, "c": c} for a, b, c in logistic]
    records += [
        {"model": "gpcm", "a": 1.7 * a, "b": [b - d for d in steps]} for a, b, steps in credit
    ]
    records += [{"model": "grm", "a": 1.7 * a, "b": b} for a, b in graded]
    return ItemParameters.from_json(
        [{"item": str(place), **record} for place, record in enumerate(records)]
    )


def test_true_scores_of_3pl_and_gpcm_forms_are_equated_as_by_polyequate() -> None:
    # POLYEQUATE (Kolen), as printed in the tests of meyerjp3/psychometrics; tolerance 1e-5.
    equivalent = [0.000000, 0.800918, 1.601837, 2.505823, 3.769920, 4.940334, 6.044153, 7.104130]
    equivalent += [8.135673, 9.150035, 10.154059, 11.151285, 12.143439, 13.131138, 14.114030]
    equivalent += [15.090912, 16.060224, 17.020592, 17.971175, 18.912790, 19.851019, 20.789404]
    equivalent += [21.701693, 22.647306, 24.000000]
    theta = [-4.351326, -2.173359, -1.493876, -1.055053, -0.714006, -0.431074, -0.188090, 0.027123]
    theta += [0.223379, 0.406995, 0.582850, 0.755538, 0.930351, 1.114001, 1.315253, 1.545813]
    theta += [1.822200, 2.169455, 2.621238, 3.206924, 4.117257]

    found = true_score_equating(form(LOGISTIC_X, CREDIT_X), form(LOGISTIC_Y, CREDIT_Y))

    np.testing.assert_allclose(found.equivalent, equivalent, atol=1e-5)
    np.testing.assert_allclose(found.theta[3:-1], theta, atol=1e-5)
    assert np.isinf(found.theta[[0, 1, 2, -1]]).all()
    assert np.isnan(found.se).all()
    assert TrueScoreTable.from_json(found.to_json()).to_json() == found.to_json()


def test_true_scores_of_3pl_and_graded_forms_are_equated_as_by_polyequate() -> None:
    equivalent = [0.000000, 0.800918, 1.601837, 2.481116, 3.384396, 4.208612, 5.034510, 5.892746]
    equivalent += [6.793426, 7.733135, 8.700971, 9.686628, 10.686402, 11.703859, 12.746813]
    equivalent += [13.823575, 14.939268, 16.092578, 17.277277, 18.492807, 19.740730, 20.918832]
    equivalent += [22.000000]

    found = true_score_equating(
        form(LOGISTIC_X, graded=GRADED_X), form(LOGISTIC_Y, graded=GRADED_Y)
    )

    np.testing.assert_allclose(found.equivalent, equivalent, atol=1e-5)


@given(st.floats(0.5, 2.0), st.floats(-1.5, 1.5))
@settings(max_examples=15, deadline=None)
def test_a_form_equated_to_itself_keeps_every_score(slope: float, intercept: float) -> None:
    move = Transformation(slope, intercept)
    here = form(LOGISTIC_Y, CREDIT_Y)

    true = true_score_equating(here, move.items(here), link=move)
    observed = observed_score_equating(
        here, move.items(here), link=move, means=intercept, sds=slope
    )

    np.testing.assert_allclose(true.equivalent, np.arange(25), atol=1e-9)
    np.testing.assert_allclose(observed.equivalent, np.arange(25), atol=1e-7)


def test_a_higher_score_never_has_a_lower_equivalent() -> None:
    x, y = form(LOGISTIC_X, CREDIT_X), form(LOGISTIC_Y, CREDIT_Y)

    for table in (true_score_equating(x, y), observed_score_equating(x, y)):
        assert np.all(np.diff(table.equivalent) > 0.0)


def test_observed_scores_are_equated_at_equal_percentile_ranks() -> None:
    x, y = form(LOGISTIC_X), form(LOGISTIC_Y)
    theta = np.linspace(-9.0, 9.0, 1801)
    mass = sum(
        w * np.exp(-0.5 * ((theta - m) / s) ** 2) / s
        for w, m, s in ((0.5, 0.0, 1.0), (0.5, 0.4, 1.2))
    )
    on_x, on_y = (total_distribution(items, theta) @ mass / mass.sum() for items in (x, y))

    found = observed_score_equating(x, y, means=[0.0, 0.4], sds=[1.0, 1.2], weights=[1.0, 1.0])

    np.testing.assert_allclose(found.share, on_x, atol=1e-8)
    rank_x = np.cumsum(on_x) - 0.5 * on_x
    edges = np.concatenate([[0.0], np.cumsum(on_y)])
    rank_y = np.interp(found.equivalent, np.arange(14) - 0.5, edges)
    np.testing.assert_allclose(rank_y, rank_x, atol=1e-7)
    assert ObservedScoreTable.from_json(found.to_json()).to_json() == found.to_json()


def test_the_error_of_a_link_reaches_the_equated_scores() -> None:
    x, y = form(LOGISTIC_X), form(LOGISTIC_Y)
    size = 36
    covariance = np.diag(np.full(size, 0.03**2))
    error = parameter_link_error(x, y, source_covariance=covariance, target_covariance=covariance)
    link = Transformation(error.slope, error.intercept)

    found = true_score_equating(x, y, link=link, link_error=error)

    rng = np.random.default_rng(3)
    drawn = rng.multivariate_normal([error.slope, error.intercept], error.covariance, 300)
    tables = [
        true_score_equating(x, y, link=Transformation(a, b)).equivalent[4:12] for a, b in drawn
    ]
    # A standard deviation from 300 draws has a relative error of 0.04; four of them.
    np.testing.assert_allclose(np.std(tables, axis=0), found.se[4:12], rtol=0.17)
    assert found.se[-1] == 0.0


def test_forms_without_items_or_population_are_refused() -> None:
    x = form(LOGISTIC_X)
    with pytest.raises(EquatingUndefined, match="form Y"):
        true_score_equating(x, x.select([]))
    with pytest.raises(EquatingUndefined, match="weights"):
        observed_score_equating(x, x, means=[0.0, 1.0], weights=[-1.0, 1.0])


@pytest.mark.parametrize("place", [0, 1])
def test_forms_on_which_able_persons_score_less_are_not_equated(place: int) -> None:
    x = form(LOGISTIC_X)
    against = ItemParameters.from_json([{**row, "a": -row["a"]} for row in x.to_json()])
    forms = (against, x) if place == 0 else (x, against)

    with pytest.raises(ExpectedScoreUnreachable, match="form X" if place == 0 else "form Y"):
        true_score_equating(*forms)
