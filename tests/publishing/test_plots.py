"""Statistical plots: what they say without eyes, and what they refuse."""

import re
import sys
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liangcai.publishing.plots.adaptive import bias_plot, exposure_plot
from liangcai.publishing.plots.figure import Figure, PlotInvalid, PlotsMissing
from liangcai.publishing.plots.information import information_plot
from liangcai.publishing.plots.intervals import dif_forest, rater_severity_plot
from liangcai.publishing.plots.items import category_curves_plot, item_characteristic_curves
from liangcai.publishing.plots.scores import cut_consequences, score_distribution
from liangcai.publishing.plots.scree import scree_plot
from liangcai.publishing.plots.wright import wright_map

pytest.importorskip("vl_convert")

SVG = "{http://www.w3.org/2000/svg}"
THETA = np.linspace(-3, 3, 31)
RNG = np.random.default_rng(20261124)
ABILITIES = RNG.normal(size=200)
LOCATIONS = RNG.normal(size=90)


def curves(count: int) -> np.ndarray:  # type: ignore[type-arg]
    return 1 / (1 + np.exp(-(THETA - np.linspace(-1, 1, count)[:, None])))


#: Every plot once, on synthetic values, in the language given.
PLOTS: dict[str, Callable[[str], Figure]] = {
    "curves": lambda lang: item_characteristic_curves(
        ["题一", "q2"], THETA, curves(2), language=lang
    ),
    "many curves": lambda lang: item_characteristic_curves(
        [f"q{place}" for place in range(30)], THETA, curves(30), language=lang
    ),
    "categories": lambda lang: category_curves_plot(
        "q1", THETA, np.stack([1 - curves(1)[0], curves(1)[0]]), language=lang
    ),
    "information": lambda lang: information_plot(
        THETA, 1 + curves(1)[0] * (1 - curves(1)[0]), language=lang, cuts=[0.3]
    ),
    "wright": lambda lang: wright_map(
        ABILITIES, ["甲", "乙"], np.array([-1.0, 0.5]), language=lang
    ),
    "many items": lambda lang: wright_map(
        ABILITIES, [f"q{place}" for place in range(90)], LOCATIONS, language=lang
    ),
    "dif": lambda lang: dif_forest(
        ["q1", "q2"], np.array([0.2, -1.8]), np.array([0.3, 0.3]), ["A", "C"], language=lang
    ),
    "raters": lambda lang: rater_severity_plot(
        ["r1", "r2"], np.array([0.2, -0.4]), np.array([0.1, 0.1]), [True, False], language=lang
    ),
    "distribution": lambda lang: score_distribution(
        np.array([3.0, 4, 4, 7]), language=lang, expected=np.full(8, 1 / 8), cuts=[4]
    ),
    "cuts": lambda lang: cut_consequences(
        np.arange(3.0),
        np.array([1, 0.6, 0.1]),
        accuracy=np.array([1, 0.9, 0.8]),
        chosen=1.0,
        standard_error=0.4,
        language=lang,
    ),
    "exposure": lambda lang: exposure_plot(
        ["q1", "q2"], np.array([0.0, 0.4]), limit=0.3, language=lang
    ),
    "bias": lambda lang: bias_plot(THETA, 0.1 * THETA, 0.3 + 0 * THETA, language=lang),
    "scree": lambda lang: scree_plot(
        np.array([3.0, 1, 0.5]), np.array([1.2, 1, 0.8]), retained=1, language=lang
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_one_image_with_a_name_a_description_and_a_table(
    name: str, language: str
) -> None:
    made = PLOTS[name](language)
    tree = ElementTree.fromstring(made.svg)

    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == made.title
    assert tree.findtext(f"{SVG}desc") == made.description
    assert tree.get("aria-labelledby") == " ".join(
        str(tree.find(f"{SVG}{tag}").get("id"))  # type: ignore[union-attr]
        for tag in ("title", "desc")
    )
    assert made.table.rows
    assert not [node for node in tree.iter() if node is not tree and node.get("role")]
    if language == "en":
        assert not re.search(
            "[\u4e00-\u9fff]", made.title + made.description + "".join(made.table.columns)
        )


@pytest.mark.parametrize("name", PLOTS)
def test_the_same_values_give_the_same_text_and_ids_of_their_own(name: str) -> None:
    one, other = PLOTS[name]("zh"), PLOTS[name]("zh")

    ids = [node.get("id", "") for node in ElementTree.fromstring(one.svg).iter() if node.get("id")]

    assert one == other
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"figure-[0-9a-f]{10}-(title|desc|clip-\d+)", name) for name in ids)


def test_a_reference_to_a_clip_leads_to_one_that_is_there() -> None:
    svg = PLOTS["cuts"]("zh").svg

    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(re.findall(r'id="([^"]+)"', svg))


def test_series_differ_by_more_than_colour() -> None:
    tree = ElementTree.fromstring(PLOTS["curves"]("zh").svg)

    lines = [
        node
        for node in tree.iter(f"{SVG}path")
        if node.get("stroke-width", "").startswith("2.") and len(node.get("d", "")) > 200
    ]

    assert len({line.get("stroke") for line in lines}) == 2
    assert len({line.get("stroke-dasharray") for line in lines}) == 2


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=80), min_size=2, max_size=2))
def test_hostile_names_are_text_and_nothing_else(names: list[str]) -> None:
    made = dif_forest(names, np.array([0.2, -1.8]), np.array([0.3, 0.3]), ["A", "C"])

    tree = ElementTree.fromstring(made.svg)

    assert {node.tag.removeprefix(SVG) for node in tree.iter()} <= {
        "svg",
        "title",
        "desc",
        "g",
        "path",
        "line",
        "text",
        "rect",
        "defs",
        "clipPath",
    }
    assert {row[0] for row in made.table.rows} == set(names)


def test_a_name_with_markup_is_escaped() -> None:
    made = item_characteristic_curves(["<script>alert(1)</script>"], THETA, curves(1))

    assert "<script" not in made.svg
    assert "&lt;script&gt;" in made.svg


def test_of_many_items_the_largest_effects_are_drawn_and_all_are_in_the_table() -> None:
    effect = np.linspace(-2, 2, 101)

    made = dif_forest(
        [f"q{n}" for n in range(101)], effect, np.full(101, 0.1), ["A"] * 101, language="en"
    )

    drawn = set(re.findall(r">(q\d+)<", made.svg))
    assert len(drawn) == 40
    assert "q0" in drawn
    assert "q50" not in drawn
    assert len(made.table.rows) == 101
    assert "the other 61 are in the table" in made.description


def test_an_effect_that_does_not_exist_stays_in_the_table() -> None:
    made = dif_forest(["q1", "q2"], np.array([0.2, np.nan]), np.array([0.3, np.nan]), ["A", "–"])

    assert ">q2<" not in made.svg
    assert len(made.table.rows) == 2


def test_the_table_of_a_distribution_counts_weights() -> None:
    made = score_distribution(np.array([0.0, 1.0]), weights=np.array([3.0, 1.0]))

    assert made.table.rows == (("0", 0.75), ("1", 0.25))


def test_scores_of_a_wide_range_are_grouped() -> None:
    made = score_distribution(RNG.normal(500, 100, 300))

    assert len(made.table.rows) == 30
    assert sum(float(row[1] or 0) for row in made.table.rows) == pytest.approx(1.0)


def test_one_score_for_everybody_is_one_bar() -> None:
    assert score_distribution(np.full(5, 2.5)).table.rows[0][1] == 1.0


def test_a_stray_estimate_does_not_squeeze_the_others() -> None:
    made = wright_map(np.append(ABILITIES, 400.0), ["a"], np.array([0.0]))

    assert len(made.table.rows) < 40


@pytest.mark.parametrize(
    "draw",
    [
        lambda: item_characteristic_curves([], THETA, curves(1)),
        lambda: item_characteristic_curves(["a"], THETA, curves(2)),
        lambda: item_characteristic_curves(["a"], THETA[::-1], curves(1)),
        lambda: item_characteristic_curves(["a"], THETA, np.full((1, 31), np.nan)),
        lambda: information_plot(THETA, np.zeros(31)),
        lambda: wright_map(np.array([]), ["a"], np.array([0.0])),
        lambda: wright_map(np.array([np.nan]), ["a"], np.array([0.0])),
        lambda: dif_forest([], np.array([]), np.array([]), []),
        lambda: rater_severity_plot(["a"], np.array([1.0, 2.0]), np.array([1.0]), [False]),
        lambda: score_distribution(np.array([])),
        lambda: score_distribution(np.array([np.inf])),
        lambda: cut_consequences(np.array([1.0]), np.array([np.nan])),
        lambda: exposure_plot(["a"], np.array([1.2])),
        lambda: bias_plot(THETA, THETA[:3], THETA),
        lambda: scree_plot(np.array([1.0]), np.array([1.0, 2.0]), retained=0),
    ],
)
def test_values_that_do_not_fit_are_refused(draw: Callable[[], Figure]) -> None:
    with pytest.raises(PlotInvalid):
        draw()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: wright_map(np.zeros(2), ["a"], np.zeros(1), weights=np.zeros(2)),
        lambda: wright_map(np.zeros(2), ["a"], np.zeros(1), weights=np.array([-1.0, 2.0])),
        lambda: score_distribution(np.arange(2.0), weights=np.ones(3)),
        lambda: score_distribution(np.arange(2.0), weights=np.array([1.0, np.nan])),
        lambda: score_distribution(np.array([1e300, -1e300])),
        lambda: cut_consequences(np.arange(2.0), np.array([1.5, -3.0])),
        lambda: cut_consequences(np.array([2.0, 1.0]), np.array([0.4, 0.5])),
        lambda: cut_consequences(np.arange(2.0), np.array([0.5, 0.4]), chosen=np.nan),
        lambda: rater_severity_plot(["a"], np.zeros(1), np.array([-1.0])),
        lambda: item_characteristic_curves(["a"], np.zeros(1), np.full((1, 1), 0.5)),
        lambda: item_characteristic_curves(["a"], np.arange(2.0), np.array([[0.5, 2.0]])),
    ],
)
def test_values_that_mean_nothing_are_refused(draw: Callable[[], Figure]) -> None:
    with pytest.raises(PlotInvalid):
        draw()


def test_raters_never_checked_for_fit_are_not_drawn_as_fitting() -> None:
    unchecked = rater_severity_plot(["a", "b"], np.arange(2.0), np.ones(2), language="en")
    checked = rater_severity_plot(
        ["a", "b"], np.arange(2.0), np.ones(2), [True, False], language="en"
    )

    assert "fit" not in unchecked.svg
    assert len(unchecked.table.columns) == 5
    assert checked.table.rows[1][-1] == "misfits"


def test_a_severity_without_an_error_has_no_interval() -> None:
    drawn = rater_severity_plot(["a", "b"], np.array([1.0, np.nan]), np.array([np.nan, 0.1]))

    assert "nan" not in drawn.description
    assert all(np.isnan(one) for row in drawn.table.rows for one in row[3:5])  # type: ignore[arg-type]


def test_what_lies_beyond_the_axis_of_a_wright_map_is_counted() -> None:
    persons = np.append(np.zeros(999), 40.0)
    drawn = wright_map(persons, ["a", "b"], np.array([0.0, 30.0]), language="en")

    assert "0.1% of the persons, 1 item locations" in drawn.description
    assert sum(float(row[1]) for row in drawn.table.rows) == pytest.approx(0.999)  # type: ignore[arg-type]
    assert wright_map(np.full(2, 20.0), ["a"], np.array([20.0])).table.rows


def test_a_distribution_speaks_of_persons_and_not_of_rows() -> None:
    drawn = score_distribution(np.arange(2.0), weights=np.array([30.0, 10.0]), language="en")

    assert drawn.description.startswith("Scores of 40 persons: mean 0.25")


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(PlotsMissing, match=r"liangcai\[plots\]"):
        PLOTS["scree"]("zh")
