import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.measurement.linking.criteria import LinkUndefined
from liangcai.measurement.linking.drift import link_stable_anchors
from liangcai.measurement.linking.errors import item_link_error, parameter_link_error
from liangcai.measurement.linking.link import Link, link
from liangcai.measurement.linking.transformation import Transformation, TransformationInvalid
from liangcai.measurement.models.curves import category_curves
from liangcai.measurement.models.items import ItemParameters
from liangcai.measurement.responses.matrix import responses_of
from liangcai.measurement.scoring.likelihood import SeveralAbilities
from liangcai.measurement.scoring.persons import score

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
BANK = ItemParameters.from_json(
    [
        {"item": "p", "model": "2pl", "a": 1.3, "b": -0.4},
        {"item": "q", "model": "3pl", "a": 1.1, "b": 0.9, "c": 0.2},
        {"item": "r", "model": "grm", "a": 1.7, "b": [-1.0, 0.2, 1.4]},
        {"item": "s", "model": "gpcm", "a": 0.9, "b": [0.5, -0.5]},
        {"item": "t", "model": "4pl", "a": 0.8, "b": -1.2, "c": 0.1, "d": 0.95},
    ]
)
NOMINAL = ItemParameters.from_json(
    [
        {
            "item": "n",
            "model": "nominal",
            "a": None,
            "b": [0.3, -0.2],
            "category_slopes": [0.7, 1.6],
        },
        {
            "item": "m",
            "model": "nominal",
            "a": None,
            "b": [0.8, 0.1],
            "category_slopes": [0.5, 1.1],
        },
    ]
)


def items_of(rows: list) -> ItemParameters:
    return ItemParameters.from_json(
        [
            {"item": str(place), "model": "gpcm", "a": 1.7 * a, "b": [b - d for d in last]}
            if isinstance(last, list)
            else {"item": str(place), "model": "3pl", "a": 1.7 * a, "b": b, "c": last}
            for place, (a, b, last) in enumerate(rows)
        ]
    )


def many(count: int, seed: int) -> ItemParameters:
    rng = np.random.default_rng(seed)
    return ItemParameters.from_json(
        [
            {"item": f"i{n}", "model": "2pl", "a": float(a), "b": float(b)}
            for n, (a, b) in enumerate(
                zip(rng.lognormal(0, 0.2, count), rng.normal(size=count), strict=True)
            )
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


@given(st.floats(0.3, 3.0), st.floats(-2.5, 2.5), st.sampled_from(METHODS), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_moved_bank_gives_back_the_move(
    slope: float, intercept: float, method: str, symmetric: bool
) -> None:
    target = Transformation(slope, intercept).items(BANK)
    even = np.linspace(-4.0, 4.0, 41)

    found = link(
        BANK,
        target,
        method=method,
        theta=slope * even + intercept,
        weights=np.exp(-0.5 * even**2),
        backward=(even, np.exp(-0.5 * even**2)) if symmetric else None,
    )

    assert found.slope == pytest.approx(slope, abs=1e-8)
    assert found.intercept == pytest.approx(intercept, abs=1e-8)
    np.testing.assert_allclose(found.rmsd, 0.0, atol=1e-8)


@pytest.mark.parametrize("method", ["haebara", "stocking-lord"])
def test_nominal_items_link_by_their_curves(method: str) -> None:
    found = link(NOMINAL, Transformation(1.3, -0.4).items(NOMINAL), method=method)

    assert (found.slope, found.intercept) == pytest.approx((1.3, -0.4), abs=1e-8)
    with pytest.raises(LinkUndefined, match="nominal"):
        link(NOMINAL, NOMINAL, method="mean-sigma")


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


def test_the_order_of_items_does_not_matter_and_further_items_are_no_anchors() -> None:
    one, other = many(9, 1), Transformation(1.2, 0.3).items(many(9, 2))
    further = other.select([8, 3, 5, 0, 1, 2])

    found = link(one, further)

    assert set(found.item) == {"i0", "i1", "i2", "i3", "i5", "i8"}
    again = link(one.select([5, 3, 8, 2, 1, 0]), further)
    assert (again.slope, again.intercept) == pytest.approx((found.slope, found.intercept), abs=1e-9)
    assert Link.from_json(found.to_json()).to_json() == found.to_json()


def test_linked_items_give_linked_persons_the_same_probabilities() -> None:
    both = ItemParameters.from_json(BANK.to_json() + NOMINAL.to_json())
    move, theta = Transformation(1.4, -0.7), np.linspace(-3, 3, 13)

    np.testing.assert_allclose(
        category_curves(move.items(both), move.of(theta)).probability,
        category_curves(both, theta).probability,
        atol=1e-13,
    )
    back = move.then(move.inverse())
    assert (back.slope, back.intercept) == pytest.approx((1.0, 0.0), abs=1e-15)


def test_linked_scores_are_scores_from_linked_items() -> None:
    seen = responses_of([[1, 0, 2, 1, 1], [0, 0, 0, 0, 0]], items=BANK.names)
    move = Transformation(1.4, -0.7)

    linked = move.scores(score(seen, BANK))
    direct = score(seen, move.items(BANK), prior_mean=-0.7, prior_sd=1.4)

    np.testing.assert_allclose(linked.theta, direct.theta, atol=1e-6)
    np.testing.assert_allclose(linked.se, direct.se, atol=1e-6)


def test_what_carries_no_link_is_refused() -> None:
    two = many(2, 1)
    graded = ItemParameters.from_json([{"item": "i0", "model": "grm", "a": 1.0, "b": [0.0, 1.0]}])
    with pytest.raises(LinkUndefined, match="no common items"):
        link(two, BANK)
    with pytest.raises(LinkUndefined, match="'i9'"):
        link(two, two, common=["i9"])
    with pytest.raises(LinkUndefined, match=r"i0.*2pl with scores 0 to 1"):
        link(two, graded)
    with pytest.raises(LinkUndefined, match="do not vary"):
        link(two.select([0]), two, method="mean-sigma")
    with pytest.raises(LinkUndefined, match="positive"):
        link(two, two, slope=-1.0)
    with pytest.raises(LinkUndefined, match="weight"):
        link(two, two, theta=[0.0, 1.0], weights=[0.0, 0.0])
    with pytest.raises(LinkUndefined, match="three or more"):
        item_link_error(two, two)
    with pytest.raises(LinkUndefined, match="rng"):
        item_link_error(many(4, 1), many(4, 2), by="bootstrap")
    with pytest.raises(LinkUndefined, match="covariances"):
        link_stable_anchors(two, two, rule="wald")
    for wrong in ({"threshold": np.nan}, {"least": 0}):
        with pytest.raises(LinkUndefined, match="must be positive"):
            link_stable_anchors(two, two, **wrong)
    with pytest.raises(LinkUndefined, match="4 parameters"):
        parameter_link_error(two, two, source_covariance=np.eye(3), target_covariance=np.eye(4))
    with pytest.raises(TransformationInvalid):
        Transformation(0.0, 1.0)


def turned(items: ItemParameters) -> ItemParameters:
    return ItemParameters.from_json([{**row, "a": -row["a"]} for row in items.to_json()])


@pytest.mark.parametrize("method", ["haebara", "stocking-lord"])
def test_curves_that_run_against_one_another_give_no_link(method: str) -> None:
    items = many(5, 1)

    with pytest.raises(LinkUndefined, match="bring the common items' curves together"):
        link(items, turned(items), method=method)


@pytest.mark.parametrize("method", ["haebara", "stocking-lord"])
def test_one_ability_of_comparison_cannot_fix_two_numbers(method: str) -> None:
    with pytest.raises(LinkUndefined, match="abilities of comparison too few"):
        link(many(5, 1), many(5, 2), method=method, theta=[0.0], weights=[1.0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("move", [Transformation(0.2, -8.0), Transformation(100.0, 500.0)])
def test_scales_far_apart_are_linked_like_near_ones(method: str, move: Transformation) -> None:
    items = many(6, 1)
    source = move.inverse().items(items)

    found = link(source, items, method=method)

    assert found.slope == pytest.approx(move.slope, rel=1e-8)
    assert found.intercept == pytest.approx(move.intercept, abs=1e-6)


def test_common_items_are_named_once_and_measure_one_ability() -> None:
    items = many(4, 1)
    double = items.select([0, 1, 2, 2])
    two = ItemParameters.from_json(
        [{**row, "dimension": n % 2} for n, row in enumerate(items.to_json())]
    )

    with pytest.raises(LinkUndefined, match="'i1' is named more than once"):
        link(items, items, common=["i0", "i1", "i1"])
    with pytest.raises(LinkUndefined, match="'i2' is named more than once"):
        link(items, double)
    with pytest.raises(SeveralAbilities):
        link(two, two)


def test_the_error_of_a_link_through_some_items_leaves_the_others_out() -> None:
    one, other, some = many(8, 1), many(8, 2), ("i0", "i2", "i3", "i5")
    covariance = np.diag(np.full(16, 0.03**2))
    rows = [0, 1, 4, 5, 6, 7, 10, 11]

    found = parameter_link_error(
        one, other, source_covariance=covariance, target_covariance=covariance, common=some
    )
    alone = parameter_link_error(
        one.select([0, 2, 3, 5]),
        other.select([0, 2, 3, 5]),
        source_covariance=covariance[np.ix_(rows, rows)],
        target_covariance=covariance[np.ix_(rows, rows)],
    )

    np.testing.assert_allclose(found.covariance, alone.covariance, rtol=1e-12)
    assert found.slope == link(one, other, common=some).slope
    assert item_link_error(one, other, common=some).slopes.size == 4
