"""The sheets of the exchange workbook: which part of a standard stands where, under stable keys."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from liangcai.kernel.text import LocalizedText
from liangcai.standard.model import EvidenceKind, Method, Origin, Provision, Relation, Status

CellKind = Literal["text", "code", "codes", "date", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its stable key, the field it holds and what may stand in its cells."""

    key: str
    field: tuple[str, ...]
    kind: CellKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> LocalizedText:
        """What the second row says above the column."""
        for suffix, zh, en in (
            ("_zh", "（中文）", " (Chinese)"),
            ("_en", "（英文）", " (English)"),
        ):
            if self.key.endswith(suffix):
                base = _TITLES[self.key.removesuffix(suffix)]
                return LocalizedText(zh=base[0] + zh, en=base[1] + en)
        zh, en = _TITLES[self.key]
        return LocalizedText(zh=zh, en=en)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: one row per part at `path`; `parent` names the part of `path[0]` it belongs to.

    `keys` are the columns that together name a row once; `maps` are the columns that are keys of
    nested mappings, with the remaining columns as their value.
    """

    name: str
    path: tuple[str, ...]
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = ("code",)
    single: bool = False
    parent: str = ""
    parent_key: str = "code"
    maps: tuple[str, ...] = field(default=())

    @property
    def title(self) -> LocalizedText:
        """The sheet's name for people."""
        zh, en = _SHEET_TITLES[self.name]
        return LocalizedText(zh=zh, en=en)


def _text(name: str, *, required: bool = True) -> tuple[Column, Column]:
    return Column(f"{name}_zh", (name, "zh"), required=required), Column(f"{name}_en", (name, "en"))


def _code(name: str, *, required: bool = True, at: str = "") -> Column:
    return Column(name, (at or name,), "code", required)


def _choice(name: str, *choices: str) -> Column:
    return Column(name, (name,), "code", required=True, choices=choices)


def _codes(name: str, *choices: str) -> Column:
    return Column(name, (name,), "codes", choices=choices)


_CODE = _code("code")
_ORIGIN = _choice("origin", *get_args(Origin))
_NOTE = _text("note", required=False)
_PLAIN = (Column("zh", ("zh",), required=True), Column("en", ("en",)))

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "identity",
        (),
        (
            _CODE,
            Column("number", ("number",)),
            *_text("title"),
            _code("version"),
            _choice("status", *get_args(Status)),
            Column("date", ("date",), "date", required=True),
            Column("language", ("language",), "code", choices=("zh", "en")),
            Column("licence", ("licence",), required=True),
            *_text("source"),
            *_text("notice"),
        ),
        single=True,
    ),
    Sheet("aliases", ("aliases",), _PLAIN, keys=()),
    Sheet(
        "levels",
        ("levels",),
        (
            _CODE,
            Column("rank", ("rank",), "number", required=True),
            *_text("label"),
            *_text("autonomy", required=False),
            *_text("complexity", required=False),
            *_text("influence", required=False),
            _ORIGIN,
        ),
    ),
    Sheet(
        "elements",
        ("elements",),
        (_CODE, *_text("title"), *_text("summary", required=False), _ORIGIN),
    ),
    Sheet(
        "units",
        ("units",),
        (
            _CODE,
            _code("element"),
            *_text("title"),
            *_text("summary", required=False),
            _codes("duties"),
            _ORIGIN,
        ),
    ),
    Sheet(
        "indicators",
        ("units", "indicators"),
        (
            _code("unit"),
            _CODE,
            _code("level"),
            _choice("provision", *get_args(Provision)),
            *_text("text"),
            _codes("evidence", *get_args(EvidenceKind)),
            _codes("methods", *get_args(Method)),
            *_NOTE,
            _ORIGIN,
        ),
        parent="unit",
    ),
    Sheet(
        "role", ("role",), (*_text("title"), *_text("definition"), _ORIGIN), keys=(), single=True
    ),
    Sheet("duties", ("role", "duties"), (_CODE, *_text("text"), _ORIGIN)),
    Sheet("exclusions", ("role", "exclusions"), (_CODE, *_text("text"), _code("owner"), _ORIGIN)),
    Sheet(
        "handoffs",
        ("role", "handoffs"),
        (
            _CODE,
            _code("to"),
            *_text("gives"),
            *_text("receives", required=False),
            _codes("units"),
            _ORIGIN,
        ),
    ),
    Sheet(
        "contrasts",
        ("role", "contrasts"),
        (_code("role"), *_text("aspect"), *_text("here"), *_text("there"), _ORIGIN),
        keys=(),
    ),
    Sheet(
        "weight_profiles",
        ("weight_profiles",),
        (_CODE, *_text("title"), *_text("authority"), _ORIGIN),
    ),
    Sheet(
        "weights",
        ("weight_profiles", "weights"),
        (
            _code("profile"),
            _code("level"),
            _code("element"),
            Column("weight", (), "number", required=True),
        ),
        keys=("profile", "level", "element"),
        parent="profile",
        maps=("level", "element"),
    ),
    Sheet(
        "unnamed_weights",
        ("weight_profiles", "unnamed"),
        (
            _code("profile"),
            _code("element"),
            Column("weight", ("weight",), "number", required=True),
            *_text("note"),
        ),
        keys=("profile", "element"),
        parent="profile",
        maps=("element",),
    ),
    Sheet(
        "evaluation",
        ("evaluation",),
        (
            _CODE,
            *_text("title"),
            _codes("methods", *get_args(Method)),
            _codes("levels"),
            _codes("units"),
            *_NOTE,
            _ORIGIN,
        ),
    ),
    Sheet("training", ("training",), (_code("unit"), _codes("requires"), _ORIGIN), keys=("unit",)),
    Sheet(
        "training_hours",
        ("training", "hours"),
        (_code("unit"), _code("level"), Column("hours", (), "number", required=True)),
        keys=("unit", "level"),
        parent="unit",
        parent_key="unit",
        maps=("level",),
    ),
    Sheet(
        "training_activities",
        ("training", "activities"),
        (_code("unit"), *_PLAIN),
        keys=(),
        parent="unit",
        parent_key="unit",
    ),
    Sheet(
        "terms",
        ("terms",),
        (
            _CODE,
            *_text("term"),
            *_text("definition"),
            Column("source", ("source",)),
            *_NOTE,
            _ORIGIN,
        ),
    ),
    Sheet("term_variants", ("terms", "variants"), (_code("term"), *_PLAIN), keys=(), parent="term"),
    Sheet(
        "crosswalks",
        ("crosswalks",),
        (
            _CODE,
            Column("target", ("target",), required=True),
            *_text("title"),
            _choice("scope", "units", "levels", "elements", "terms", "roles"),
            *_NOTE,
        ),
    ),
    Sheet(
        "relations",
        ("crosswalks", "relations"),
        (
            _code("crosswalk"),
            _code("from"),
            _choice("relation", *get_args(Relation)),
            Column("to", ("to",), required=True),
            *_NOTE,
            Column("verified", ("verified",), "flag"),
        ),
        keys=("crosswalk", "from", "to"),
        parent="crosswalk",
    ),
    Sheet(
        "history",
        ("history",),
        (_code("version"), Column("date", ("date",), "date", required=True), *_text("changes")),
        keys=("version",),
    ),
)
BY_NAME = {sheet.name: sheet for sheet in SHEETS}
#: The sheet that explains the others; it is never read.
ABOUT = "about"

_SHEET_TITLES = {
    "identity": ("标准标识", "Identity"),
    "aliases": ("别名", "Other names"),
    "levels": ("职业等级", "Levels"),
    "elements": ("能力要素", "Elements"),
    "units": ("能力单元", "Units"),
    "indicators": ("能力指标", "Indicators"),
    "role": ("岗位画像", "Role profile"),
    "duties": ("岗位职责", "Duties"),
    "exclusions": ("职责之外", "Exclusions"),
    "handoffs": ("岗位衔接", "Hand-offs"),
    "contrasts": ("岗位对照", "Contrasts"),
    "weight_profiles": ("权重方案", "Weight profiles"),
    "weights": ("权重（%）", "Weights (percent)"),
    "unnamed_weights": ("未列要素的权重", "Weights of unnamed elements"),
    "evaluation": ("评价方式", "Evaluation components"),
    "training": ("培养规则", "Training rules"),
    "training_hours": ("培养学时", "Training hours"),
    "training_activities": ("培养活动", "Training activities"),
    "terms": ("术语", "Terms"),
    "term_variants": ("术语异称", "Other spellings of terms"),
    "crosswalks": ("对照的标准", "Crosswalks"),
    "relations": ("对照关系", "Relations"),
    "history": ("修订记录", "Change history"),
}
_TITLES = {
    "code": ("编码", "Code"),
    "number": ("标准编号", "Number"),
    "title": ("名称", "Title"),
    "version": ("版本", "Version"),
    "status": ("状态", "Status"),
    "date": ("日期", "Date"),
    "language": ("主要语言", "Main language"),
    "licence": ("许可", "Licence"),
    "source": ("来源", "Source"),
    "notice": ("声明", "Notice"),
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "rank": ("级次（1 最低）", "Rank (1 = lowest)"),
    "label": ("名称", "Label"),
    "autonomy": ("自主性", "Autonomy"),
    "complexity": ("复杂度", "Complexity"),
    "influence": ("影响范围", "Influence"),
    "origin": ("出处", "Origin"),
    "summary": ("概述", "Summary"),
    "element": ("能力要素", "Element"),
    "duties": ("对应职责", "Duties"),
    "unit": ("能力单元", "Unit"),
    "level": ("等级", "Level"),
    "provision": ("条款类型", "Provision"),
    "text": ("内容", "Text"),
    "evidence": ("佐证类型", "Evidence"),
    "methods": ("评价方法", "Methods"),
    "note": ("备注", "Note"),
    "definition": ("定义", "Definition"),
    "owner": ("归属岗位", "Owner"),
    "to": ("对方", "To"),
    "gives": ("交出", "Gives"),
    "receives": ("收到", "Receives"),
    "units": ("能力单元", "Units"),
    "role": ("岗位", "Role"),
    "aspect": ("方面", "Aspect"),
    "here": ("本岗位", "Here"),
    "there": ("对方岗位", "There"),
    "authority": ("效力", "Authority"),
    "profile": ("权重方案", "Profile"),
    "weight": ("权重（%）", "Weight (percent)"),
    "levels": ("等级", "Levels"),
    "requires": ("先修单元", "Requires"),
    "hours": ("学时", "Hours"),
    "term": ("术语", "Term"),
    "target": ("对照对象", "Target"),
    "scope": ("对照范围", "Scope"),
    "crosswalk": ("对照", "Crosswalk"),
    "from": ("本标准编码", "From"),
    "relation": ("关系", "Relation"),
    "verified": ("已核实", "Verified"),
    "changes": ("修订内容", "Changes"),
}
