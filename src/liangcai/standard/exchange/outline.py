"""A standard as an outline of headings, paragraphs and tables, from which pages are written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from liangcai.kernel.text import LocalizedText
from liangcai.standard.exchange.labels import label, listed
from liangcai.standard.model import Element, Standard, Unit, WeightProfile


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of depth 2 to 4 (the page's own title is depth 1) with its anchor."""

    depth: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `strong` for what a reader must not miss."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column titles; the first cell of a row names it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Table


def outline(standard: Standard, language: str) -> Iterator[Block]:
    """Yield the blocks of a standard in one language, below its title."""
    page = _Page(standard, language)
    yield Paragraph(page.text(standard.notice), strong=True)
    yield page.identity()
    yield from page.role()
    yield from page.levels()
    for element in standard.elements:
        yield from page.element(element)
    yield from page.weights()
    yield from page.evaluation()
    yield from page.training()
    yield from page.terms()
    yield from page.crosswalks()
    yield from page.history()


@dataclass(frozen=True, slots=True)
class _Page:
    standard: Standard
    language: str

    def text(self, text: LocalizedText | None) -> str:
        return text.in_language(self.language) if text else ""

    def word(self, key: str) -> str:
        return label(key, self.language)

    def table(self, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
        return Table(tuple(map(self.word, columns)), tuple(tuple(row) for row in rows))

    def heading(self, depth: int, key: str) -> Heading:
        return Heading(depth, self.word(key), key)

    def level(self, code: str) -> str:
        labels = {level.code: self.text(level.label) for level in self.standard.levels}
        return labels.get(code, code)

    def several(self, codes: Iterable[str]) -> str:
        return listed(codes, self.language)

    def pair(self, name: str, text: str) -> str:
        return f"{name}: {text}" if self.language.startswith("en") else f"{name}：{text}"

    def identity(self) -> Table:
        standard = self.standard
        rows = [
            (self.word("number"), standard.number or ""),
            (self.word("aliases"), "; ".join(map(self.text, standard.aliases))),
            (self.word("version"), standard.version),
            (self.word("status"), self.word(standard.status)),
            (self.word("date"), standard.date),
            (self.word("licence"), standard.licence),
            (self.word("source"), self.text(standard.source)),
            (self.word("hash"), standard.hash),
        ]
        return self.table(("item", "text"), [row for row in rows if row[1]])

    def role(self) -> Iterator[Block]:
        role, word, text = self.standard.role, self.word, self.text
        yield self.heading(2, "role")
        yield Paragraph(self.pair(text(role.title), text(role.definition)))
        duties = [(x.code, text(x.text), word(x.origin)) for x in role.duties]
        yield from self._part("duties", ("code", "text", "origin"), duties)
        left = [(x.code, text(x.text), x.owner, word(x.origin)) for x in role.exclusions]
        yield from self._part("exclusions", ("code", "text", "owner", "origin"), left)
        passed = [
            (x.code, x.to, text(x.gives), text(x.receives), self.several(x.units), word(x.origin))
            for x in role.handoffs
        ]
        columns = ("code", "to", "gives", "receives", "units", "origin")
        yield from self._part("handoffs", columns, passed)
        contrasts = [
            (text(x.aspect), x.role, text(x.here), text(x.there), word(x.origin))
            for x in role.contrasts
        ]
        aspects = ("aspect", "to", "here", "there", "origin")
        yield from self._part("contrasts", aspects, contrasts)

    def _part(
        self, key: str, columns: Iterable[str], rows: Sequence[tuple[str, ...]], *, depth: int = 3
    ) -> Iterator[Block]:
        if rows:
            yield self.heading(depth, key)
            yield self.table(columns, rows)

    def levels(self) -> Iterator[Block]:
        rows = [
            (
                self.text(level.label),
                str(level.rank),
                self.text(level.autonomy),
                self.text(level.complexity),
                self.text(level.influence),
                self.word(level.origin),
            )
            for level in self.standard.levels_upwards()
        ]
        columns = ("level", "rank", "autonomy", "complexity", "influence", "origin")
        yield from self._part("levels", columns, rows, depth=2)

    def element(self, element: Element) -> Iterator[Block]:
        yield Heading(2, f"{element.code} {self.text(element.title)}", f"element-{element.code}")
        if element.summary:
            yield Paragraph(self.text(element.summary))
        for unit in self.standard.units_of(element.code):
            yield from self.unit(unit)

    def unit(self, unit: Unit) -> Iterator[Block]:
        yield Heading(3, f"{unit.code} {self.text(unit.title)}", f"unit-{unit.code}")
        if unit.summary:
            yield Paragraph(self.text(unit.summary))
        if unit.duties:
            yield Paragraph(self.pair(self.word("duties"), self.several(unit.duties)))
        yield Paragraph(self.pair(self.word("origin"), self.word(unit.origin)))
        for level in self.standard.levels_upwards():
            rows = [
                (
                    indicator.code,
                    self.text(indicator.text),
                    self.word(indicator.provision),
                    self.several(indicator.evidence),
                    self.several(indicator.methods),
                    self.word(indicator.origin),
                )
                for indicator in unit.at_level(level.code)
            ]
            if rows:
                title, anchor = self.text(level.label), f"unit-{unit.code}-{level.code}"
                yield Heading(4, f"{unit.code} {title}", anchor)
                columns = ("code", "text", "provision", "evidence", "methods", "origin")
                yield self.table(columns, rows)

    def weights(self) -> Iterator[Block]:
        if self.standard.weight_profiles:
            yield self.heading(2, "weights")
        for profile in self.standard.weight_profiles:
            yield Heading(3, self.text(profile.title), f"weights-{profile.code}")
            yield Paragraph(self.text(profile.authority))
            yield self._weight_table(profile)

    def _weight_table(self, profile: WeightProfile) -> Table:
        elements = self.standard.elements
        columns = (self.word("level"), *(f"{x.code} {self.text(x.title)}" for x in elements))
        rows = tuple(
            (
                self.text(level.label),
                *(f"{profile.weight(level.code, x.code):g} %" for x in elements),
            )
            for level in self.standard.levels_upwards()
        )
        return Table(columns, rows)

    def evaluation(self) -> Iterator[Block]:
        rows = [
            (
                self.text(part.title),
                self.several(part.methods),
                self.several(map(self.level, part.levels)),
                self.several(part.units),
                self.text(part.note),
                self.word(part.origin),
            )
            for part in self.standard.evaluation
        ]
        columns = ("component", "methods", "levels", "units", "remark", "origin")
        yield from self._part("evaluation", columns, rows, depth=2)

    def training(self) -> Iterator[Block]:
        rows = [
            (
                rule.unit,
                self.several(rule.requires),
                "; ".join(f"{self.level(code)} {hours:g}" for code, hours in rule.hours.items()),
                "; ".join(map(self.text, rule.activities)),
                self.word(rule.origin),
            )
            for rule in self.standard.training
        ]
        columns = ("unit", "requires", "hours", "activities", "origin")
        yield from self._part("training", columns, rows, depth=2)

    def terms(self) -> Iterator[Block]:
        rows = [
            (x.code, f"{x.term.zh} {x.term.en}".strip(), self.text(x.definition), x.source)
            for x in self.standard.terms
        ]
        yield from self._part("terms", ("code", "term", "definition", "source"), rows, depth=2)

    def crosswalks(self) -> Iterator[Block]:
        if self.standard.crosswalks:
            yield self.heading(2, "crosswalks")
        for crosswalk in self.standard.crosswalks:
            title = self.pair(crosswalk.target, self.text(crosswalk.title))
            yield Heading(3, title, f"crosswalk-{crosswalk.code}")
            if crosswalk.note:
                yield Paragraph(self.text(crosswalk.note))
            rows = [
                (
                    relation.from_,
                    self.word(relation.relation),
                    relation.to,
                    self.word("yes" if relation.verified else "no"),
                    self.text(relation.note),
                )
                for relation in crosswalk.relations
            ]
            if rows:
                yield self.table(("code", "relation", "target", "verified", "remark"), rows)

    def history(self) -> Iterator[Block]:
        rows = [(x.version, x.date, self.text(x.changes)) for x in self.standard.history]
        yield from self._part("history", ("version", "date", "changes"), rows, depth=2)
