"""An indicator is one requirement that somebody can check, in the words of GB/T 1.1."""

from pathlib import Path

import pytest
from tests.standard.minimal import minimal_record, minimal_standard

from liangcai.kernel.findings import Finding
from liangcai.standard.rules import lexicon
from liangcai.standard.rules.wording import MOST_CHARACTERS, MOST_WORDS, check_wording
from liangcai.standard.source import StandardSource

NOWHERE = StandardSource(Path())


def findings_of(zh: str = "", en: str = "", provision: str = "shall") -> list[Finding]:
    unit = minimal_record()["units"][0]
    unit["indicators"] = [
        {**unit["indicators"][0], "text": {"zh": zh, "en": en}, "provision": provision}
    ]
    return list(check_wording(minimal_standard(units=[unit]), NOWHERE))


def rules_of(zh: str = "", en: str = "", provision: str = "shall") -> set[str]:
    return {finding.rule for finding in findings_of(zh, en, provision)}


@pytest.mark.parametrize(
    "zh",
    [
        "应能独立编制评测方案，写明指标、阈值和样本量依据",
        "应在对外演示前标明由大模型生成的部分",
        "不应向第三方披露访谈对象的姓名",
        "应能针对不可接受的失败类型规定拦截方式",
        "应能判断需求不需要大模型的情形",
        "应能响应用户反馈，对应到坏例类型",
        "应能按给定格式记录以下内容：输入；输出；评定理由",
        "应能列出候选模型（含开源模型；含闭源模型）的价格",
        "应能使结论可追溯、可复核",
        "应能向业务方说明模型知道与不知道的边界",
        "应能统筹评测，使各团队掌握同一口径",
        "应能从访谈中了解到的事实出发绘制流程图",
    ],
)
def test_a_good_sentence_passes(zh: str) -> None:
    assert rules_of(zh) == set()


@pytest.mark.parametrize(
    "en",
    [
        "Shall independently prepare an evaluation plan with metrics, thresholds and sample size",
        "Shall explain to the business side what the model knows and does not know",
        "Shall determine whether software or people should handle a case",
        "Shall not disclose the names of people interviewed",
        "Shall give users what they need to decide",
    ],
)
def test_a_good_english_sentence_passes(en: str) -> None:
    assert rules_of(en=en) == set()


@pytest.mark.parametrize(
    ("zh", "verb"),
    [
        ("应了解大模型的工作原理", "了解"),
        ("应能理解注意力机制", "理解"),
        ("应能够全面掌握评测方法", "掌握"),
        ("应熟悉相邻岗位的职责", "熟悉"),
        ("宜精通提示词设计", "精通"),
        ("应能在指导下，初步理解检索增强生成", "理解"),
        ("熟知常见的失败类型", "熟知"),
        ("应意识到模型输出有偏见", "意识到"),
        ("应能按给定材料充分理解业务流程", "理解"),
    ],
)
def test_a_state_of_mind_is_no_main_verb(zh: str, verb: str) -> None:
    found = [f for f in findings_of(zh) if f.rule == "wording.unverifiable-verb"]

    assert [finding.quote for finding in found] == [verb]
    assert found[0].fix is not None


@pytest.mark.parametrize(
    "en",
    [
        "Shall understand attention",
        "Shall know the neighbouring roles",
        "Shall be familiar with retrieval",
        "Shall be fully aware of bias in outputs",
        "Shall, under guidance, master prompt design",
        "Shall be able to understand the workflow",
        "Should have a good understanding of pricing",
    ],
)
def test_a_state_of_mind_is_no_main_verb_in_english_either(en: str) -> None:
    assert "wording.unverifiable-verb" in rules_of(en=en)


@pytest.mark.parametrize(
    "zh",
    [
        "应能编制方案，并应组织评审",
        "应能编制方案，且应说明依据",
        "应能编制方案；组织方案的评审",
        "应能编制方案，同时不应披露数据",
        "应能编制方案。应能组织评审",
        "应能编制方案，应能组织评审",
    ],
)
def test_two_requirements_in_one_sentence_are_told(zh: str) -> None:
    assert "wording.two-requirements" in rules_of(zh)


@pytest.mark.parametrize(
    "en",
    [
        "Shall prepare the plan and shall review it",
        "Shall prepare the plan, and should record the reasons",
        "Shall prepare the plan; review it with the team",
        "Shall prepare the plan. The plan names the owners",
    ],
)
def test_two_requirements_in_one_english_sentence_are_told(en: str) -> None:
    assert "wording.two-requirements" in rules_of(en=en)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("应能编制方案，依据必须可查", "必须"),
        ("应该编制方案", "应该"),
        ("应当编制方案", "应当"),
        ("应能够编制方案", "能够"),
        ("应能编制方案，尽量量化", "尽量"),
        ("应能编制方案，尽可能量化", "尽可能"),
        ("应能编制方案，需要写明依据", "需要"),
        ("应能编制方案，不可使用未授权数据", "不可"),
        ("应能编制方案，不得使用未授权数据", "不得"),
        ("应能编制方案，禁止使用未授权数据", "禁止"),
        ("应能列出成本、风险等等", "等等"),
    ],
)
def test_a_misused_modal_is_told_with_what_to_write(text: str, word: str) -> None:
    [found] = [f for f in findings_of(text) if f.rule == "wording.modal"]

    assert found.quote == word
    assert found.fix is not None
    assert found.fix.zh in found.message.zh
    assert found.fix.en in found.message.en


@pytest.mark.parametrize("word", ["must", "has to", "ought to", "as far as possible", "etc."])
def test_a_misused_english_modal_is_told(word: str) -> None:
    found = [
        f for f in findings_of(en=f"Shall state what {word} be kept") if f.rule == "wording.modal"
    ]

    assert [finding.quote for finding in found] == [word]


@pytest.mark.parametrize(
    ("text", "language", "provision"),
    [
        ("应能编制方案", "zh", "shall"),
        ("不应披露数据", "zh", "shall"),
        ("宜编制方案", "zh", "should"),
        ("不宜使用个人信息", "zh", "should"),
        ("可编制方案", "zh", "may"),
        ("不必编制方案", "zh", "may"),
        ("在发布前，应编制方案", "zh", "shall"),
        ("应用大模型编制方案", "zh", None),
        ("响应用户反馈，对应坏例", "zh", None),
        ("给出可靠、可追溯的结论", "zh", None),
        ("适宜的方案", "zh", None),
        ("Shall prepare", "en", "shall"),
        ("Should prepare", "en", "should"),
        ("When asked, may prepare", "en", "may"),
        ("Prepares a plan", "en", None),
    ],
)
def test_the_provision_is_read_from_the_words(
    text: str, language: str, provision: str | None
) -> None:
    assert lexicon.provision_of(text, language) == provision


@pytest.mark.parametrize(
    ("zh", "en", "provision"),
    [
        ("宜编制方案", "", "shall"),
        ("应编制方案", "", "should"),
        ("编制方案", "", "may"),
        ("", "Should prepare a plan", "shall"),
        ("应编制方案", "May prepare a plan", "shall"),
    ],
)
def test_a_provision_that_disagrees_with_the_words_is_told(
    zh: str, en: str, provision: str
) -> None:
    assert rules_of(zh, en, provision) == {"wording.provision"}


def test_length_is_counted_in_characters_and_in_words() -> None:
    assert rules_of("应" + "写" * (MOST_CHARACTERS - 1)) == set()
    assert rules_of("应" + "写" * MOST_CHARACTERS) == {"wording.too-long"}
    assert rules_of(en="Shall" + " write" * (MOST_WORDS - 1)) == set()
    assert rules_of(en="Shall" + " write" * MOST_WORDS) == {"wording.too-long"}


@pytest.mark.parametrize("zh", ["应能制定适当的方案", "应能给出良好的结论", "应能完成一定的工作"])
def test_a_vague_word_is_a_note(zh: str) -> None:
    [found] = findings_of(zh)

    assert (found.rule, found.severity) == ("wording.vague", "note")
