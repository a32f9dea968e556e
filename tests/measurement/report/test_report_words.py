"""What results say, in Chinese: every title, method, fact and column of the package has its words."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liangcai.measurement
from liangcai.measurement.report.words import sentence, spoken, word
from liangcai.measurement.results import Result

CHINESE = re.compile(r"[\u3400-\u9fff]")
#: Symbols and abbreviations of the field, which Chinese texts write alike.
ALIKE = re.compile(r"AIC|BIC|ASSI|DETECT|EAP|WLE|Eρ²|ICC|RMSD|R²|lz|Σ P'²/P|[FabcdptzΦψ]")


def results() -> list[type[Result]]:
    """Return every class of results of the package."""
    for module in pkgutil.walk_packages(
        liangcai.measurement.__path__, f"{liangcai.measurement.__name__}."
    ):
        if ".cluster" not in module.name:
            importlib.import_module(module.name)
    found = {one.__qualname__ + one.__module__: one for one in below(Result)}
    return [found[name] for name in sorted(found) if "liangcai" in found[name].__module__]


def below(kind: type[Result]) -> Iterator[type[Result]]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def names_in(kind: type[Result], ability: str) -> list[str]:
    """Return the names that a class's `columns` or `facts` writes out in its source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(kind, ability))))
    keys = [key for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
    return [one.value for one in keys if isinstance(one, ast.Constant) and type(one.value) is str]


RESULTS = results()


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
def test_a_result_names_itself_and_its_method_in_chinese(kind: type[Result]) -> None:
    assert CHINESE.search(word(kind.title, "zh"))

    method = kind.__dict__.get("method")
    if isinstance(method, str):
        clauses = sentence(method, "zh").split("；")
        left = [one for one in clauses if not (CHINESE.search(one) or ALIKE.fullmatch(one))]
        assert left == [], "give it Chinese in report/chinese_methods.py"


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("ability", ["columns", "facts"])
def test_a_result_names_its_facts_and_columns_in_chinese_each_by_a_word_of_its_own(
    kind: type[Result], ability: str
) -> None:
    names = names_in(kind, ability)
    words = [word(name, "zh") for name in names]

    left = [name for name in names if word(name, "zh") == name and not ALIKE.fullmatch(name)]
    assert left == [], "give it Chinese in report/chinese_facts.py or chinese_columns.py"
    assert len(set(words)) == len(set(names)), sorted(zip(words, names, strict=True))


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Angoff, share; mean of judges", "Angoff 法，判比例；取评委均值"),
        ("stocking-lord link; items beyond 0.1 by rmsd dropped one at a time", None),
        ("haebara: squared differences of category curves", "Haebara：类别曲线之差的平方"),
        (
            "many-facet Rasch model, rating scale, marginal maximum likelihood",
            "多侧面 Rasch 模型，评定量表，边际最大似然",
        ),
        (
            "equal means, log-linear presmoothing of degrees [4, 4]; delta method",
            "均值相等，对数线性预平滑，次数 [4, 4]；δ 法",
        ),
        ("maximum likelihood; se is 1/√information; then 500 + 100·theta", None),
        ("contrasting groups, logistic curves, costs 1 : 2", "对照组法，逻辑曲线，误判代价 1 : 2"),
        ("polychoric correlations against scores shuffled within items", None),
        ("four-parameter beta true scores, binomial errors, effective length", None),
        ("expected a posteriori; se is the posterior standard deviation", None),
        (
            "Bradley–Terry–Luce model, penalised maximum likelihood, prior sd 3",
            "Bradley–Terry–Luce 模型，惩罚最大似然，先验标准差 3",
        ),
    ],
)
def test_methods_with_settings_are_said_in_chinese(english: str, chinese: str | None) -> None:
    said = sentence(english, "zh")

    assert chinese is None or said == chinese
    assert all(CHINESE.search(clause) for clause in said.split("；"))
    assert sentence(english, "en") == english


def test_the_reasons_against_a_calibration_are_said_in_chinese() -> None:
    because = (
        "stopped after 500 iterations with likelihood still to gain; "
        "the log-likelihood changes when the grid's step is halved"
    )

    assert (
        spoken("because", because, "zh")
        == "500 次迭代后停止，似然仍可提高；积分网格步长减半时对数似然仍有变化"
    )
    assert spoken("level, adjustment", "0.05, holm", "zh") == "0.05，Holm 校正"


def test_names_of_a_study_are_never_put_into_other_words() -> None:
    assert spoken("reference group", "normal", "zh") == "normal"
    assert spoken("item", "none", "zh") == "none"
    assert (
        spoken("finding 1", "normal: standardised difference 0.150 exceeds 0.1", "zh")
        == "normal：标准化差 0.150 超过 0.1"
    )


@given(st.text(max_size=80))
def test_unknown_words_stay_as_they_are_and_nothing_fails(text: str) -> None:
    assert word(text, "en") == sentence(text, "en") == text
    assert isinstance(word(text, "zh"), str)
    assert isinstance(sentence(text, "zh"), str)
