import numpy as np
import pytest

from liangcai.measurement.linking.link import link
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters

METHODS = ["mean-mean", "mean-sigma", "haebara", "stocking-lord"]
# a, b, c of the twelve common items of forms X and Y in Kolen & Brennan (2004), D = 1.7.
FORM_X = [
    (0.4551, -0.7101, 0.2087),
    (0.5839, -0.8567, 0.2038),
    (0.7544, 0.0212, 0.1600),
    (0.6633, 0.0506, 0.1240),
    (1.0690, 0.9610, 0.2986),
    (0.9672, 0.1950, 0.0535),
    (0.3479, 2.2768, 0.1489),
    (1.4579, 1.0241, 0.2453),
    (1.8811, 1.4062, 0.1992),
    (0.7020, 2.2401, 0.0853),
    (1.4080, 1.5556, 0.0789),
    (1.2993, 2.1589, 0.1075),
]
FORM_Y = [
    (0.4416, -1.3349, 0.1559),
    (0.5730, -1.3210, 0.1913),
    (0.5987, -0.7098, 0.1177),
    (0.6041, -0.3539, 0.0818),
    (0.9902, 0.5320, 0.3024),
    (0.8081, -0.1156, 0.0648),
    (0.4140, 2.5538, 0.2410),
    (1.3554, 0.5811, 0.2243),
    (1.0417, 0.9392, 0.1651),
    (0.6336, 1.8960, 0.0794),
    (1.1347, 1.0790, 0.0630),
    (0.9255, 2.1337, 0.1259),
]
POINTS = [-4.0, -3.111, -2.222, -1.333, -0.4444, 0.4444, 1.333, 2.222, 3.111, 4.0]
DENSITY_X = [
    0.0001008,
    0.00276,
    0.03021,
    0.142,
    0.3149,
    0.3158,
    0.1542,
    0.03596,
    0.003925,
    0.0001862,
]
DENSITY_Y = [
    0.0001173,
    0.003242,
    0.03449,
    0.1471,
    0.3148,
    0.311,
    0.1526,
    0.03406,
    0.00251,
    0.0001116,
]
# The mixed example of STUIRT (Kim & Kolen, 2004): 3PL a, b, c and GPCM a, location, deviations; D = 1.7.
MIXED_X = [
    (0.751335, -0.897391, 0.244001),
    (0.955947, -0.811477, 0.242883),
    (0.497206, -0.858681, 0.260893),
    (0.724000, -0.123911, 0.243497),
    (0.865200, 0.205889, 0.319135),
    (0.658129, 0.555228, 0.277826),
    (1.082118, 0.950549, 0.157979),
    (0.988294, 1.377501, 0.084828),
    (1.248923, 1.614355, 0.181874),
    (1.116682, 2.353932, 0.246856),
    (0.438171, 3.217965, 0.309243),
    (1.082206, 4.441864, 0.192339),
    (0.269994, 0.003998, [1.097268, -1.097268]),
    (0.972506, 1.632662, [0.106514, -0.106514]),
    (0.378812, 3.464657, [2.102301, -2.102301]),
    (0.537706, 1.010053, [-0.476513, 1.081282, -0.604770]),
    (0.554506, 2.432938, [1.007525, -0.197767, -0.809758]),
]
MIXED_Y = [
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
    (0.293806, 2.028070, 0.203448),
    (0.885347, 3.152928, 0.195473),
    (0.346324, -0.494115, [0.893232, -0.893232]),
    (1.252012, 0.856264, [0.099750, -0.099750]),
    (0.392282, 2.825801, [1.850498, -1.850498]),
    (0.660841, 0.342977, [-0.300428, 0.761846, -0.461417]),
    (0.669612, 1.643267, [1.001974, -0.107221, -0.894753]),
]


def items_of(rows: list) -> ItemParameters:
    return ItemParameters.from_json(
        [
            {"item": str(place), "model": "gpcm", "a": 1.7 * a, "b": [b - d for d in last]}
            if isinstance(last, list)
            else {"item": str(place), "model": "3pl", "a": 1.7 * a, "b": b, "c": last}
            for place, (a, b, last) in enumerate(rows)
        ]
    )


@pytest.mark.parametrize(
    ("method", "slope", "intercept", "tolerance"),
    [
        ("mean-mean", 1.217266, -0.557156, 1e-6),
        ("mean-sigma", 1.168891, -0.515543, 1e-6),
        ("haebara", 1.067800, -0.471281, 1e-5),
        ("stocking-lord", 1.083417, -0.487619, 1e-6),
    ],
)
def test_symmetric_links_of_kolen_and_brennans_forms_agree_with_stuirt(
    method: str, slope: float, intercept: float, tolerance: float
) -> None:
    # STUIRT example 1 with symmetric criteria, as printed in the tests of meyerjp3/psychometrics.
    found = link(
        items_of(FORM_X),
        items_of(FORM_Y),
        method=method,
        theta=POINTS,
        weights=DENSITY_Y,
        backward=(POINTS, DENSITY_X),
    )

    assert found.slope == pytest.approx(slope, abs=tolerance)
    assert found.intercept == pytest.approx(intercept, abs=tolerance)


@pytest.mark.parametrize(
    ("method", "slope", "intercept"),
    [("haebara", 1.0693, -0.4755), ("stocking-lord", 1.0908, -0.4963)],
)
def test_one_sided_links_with_normal_weights_agree_with_r(
    method: str, slope: float, intercept: float
) -> None:
    # R (several packages), D = 1.7, standard normal weights on the scale of form Y.
    found = link(items_of(FORM_X), items_of(FORM_Y), method=method)

    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), abs=1e-4)


@pytest.mark.parametrize(
    ("method", "slope", "intercept", "tolerance"),
    [
        ("mean-mean", 0.875095, -0.543611, 2e-6),
        ("mean-sigma", 0.887294, -0.560159, 2e-6),
        ("haebara", 0.805049, -0.446101, 1e-4),
        ("stocking-lord", 0.815445, -0.456487, 2e-6),
    ],
)
def test_links_of_mixed_formats_agree_with_stuirt(
    method: str, slope: float, intercept: float, tolerance: float
) -> None:
    # STUIRT example 2: 3PL and GPCM, 25 even points on [-3, 3], symmetric criteria.
    even = np.linspace(-3.0, 3.0, 25)

    found = link(
        items_of(MIXED_X),
        items_of(MIXED_Y),
        method=method,
        theta=even,
        weights=np.ones(25),
        backward=(even, np.ones(25)),
    )

    assert found.slope == pytest.approx(slope, abs=tolerance)
    assert found.intercept == pytest.approx(intercept, abs=tolerance)


@pytest.mark.parametrize(
    ("method", "intercept"),
    [("mean-mean", 0.068484), ("haebara", 0.06468396), ("stocking-lord", 0.05736233)],
)
def test_rasch_items_keep_a_slope_of_one_and_agree_with_sirt(method: str, intercept: float) -> None:
    # R sirt, equating.rasch, theta = seq(-4, 4, by = 0.05), unweighted. The points lie on one
    # scale there, on both here; that moves the last digits, as it does for other programs.
    here = [-3.188047976, 1.031760328, 0.819040914, -2.70694736]
    here += [-0.094527077, 0.689697135, -0.551837153, -0.359559276]
    there = [-3.074599226, 1.01282435, 0.868538408, -2.404483603]
    there += [0.037402866, 0.70074742, -0.602555046, -0.350426446]
    one, other = (
        ItemParameters.from_json(
            [{"item": str(n), "model": "rasch", "a": 1.0, "b": b} for n, b in enumerate(bs)]
        )
        for bs in (here, there)
    )
    even = np.linspace(-4.0, 4.0, 161)

    found = link(
        one,
        other,
        method=method,
        theta=even,
        weights=np.ones(161),
        backward=(even, np.ones(161)),
    )

    assert found.slope == 1.0
    assert found.slope_kept
    assert found.intercept == pytest.approx(intercept, abs=1e-4)


@pytest.mark.parametrize("method", ["haebara", "stocking-lord"])
def test_the_curve_criterion_is_smallest_at_the_link(method: str) -> None:
    one, other = items_of(FORM_X), items_of(FORM_Y)
    found = link(one, other, method=method)
    theta = np.linspace(-6.0, 6.0, 81)
    weight = np.exp(-0.5 * theta**2)

    def criterion(slope: float, intercept: float) -> float:
        here = category_curves(one, (theta - intercept) / slope).probability
        gap = category_curves(other, theta).probability - here
        pooled = gap if method == "haebara" else gap[:, 1].sum(axis=0)
        return float((pooled**2 * weight).sum())

    least = criterion(found.slope, found.intercept)
    for move in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert criterion(found.slope + move[0], found.intercept + move[1]) > least
