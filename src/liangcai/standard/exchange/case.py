"""A standard as a CASE 1.1 package (1EdTech Competencies and Academic Standards Exchange)."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from liangcai.kernel.text import LocalizedText
from liangcai.standard.exchange.labels import localized
from liangcai.standard.model import Indicator, Standard

_STATUS = {
    "draft": "Draft",
    "consultation": "Draft",
    "published": "Adopted",
    "withdrawn": "Deprecated",
}
#: What our four kinds of item are called, in the order of their hierarchy codes.
_ITEM_TYPES = ("element", "unit", "indicator", "level")
_SCOPES = {
    "units": ("unit", "indicator"),
    "levels": ("level",),
    "elements": ("element",),
    "terms": ("term",),
    "roles": (),
}


def to_case(
    standard: Standard, *, language: str | None = None, base: str = "urn:uuid:"
) -> dict[str, Any]:
    """Return the package of one edition in one language (its main one unless named).

    Identifiers are UUIDs of version 5 over the standard's code, its version and the part's code:
    the same edition always gives the same package. Under an http(s) `base` the URIs follow the
    paths of the CASE 1.1 service, else they are the UUIDs themselves. Both languages, the
    provision, evidence and methods travel in `extensions`. `listEnumeration` is the smart level:
    the place in the tree ("2.1.3") that the sequence numbers of the isChildOf associations give.
    """
    return _Package(standard, language or standard.language, base).package()


class _Package:
    def __init__(self, standard: Standard, language: str, base: str) -> None:
        self.standard = standard
        self.language = language
        self.base = base
        self.changed = f"{standard.date}T00:00:00+00:00"
        self.items: list[dict[str, Any]] = []
        self.associations: list[dict[str, Any]] = []
        self.links: dict[tuple[str, str], dict[str, str]] = {}

    def package(self) -> dict[str, Any]:
        definitions = self._definitions()
        document = self._document()
        self._add_structure()
        self._add_levels()
        self._add_skill_levels()
        self._add_crosswalks()
        return {
            "CFDocument": document,
            "CFItems": self.items,
            "CFAssociations": self.associations,
            "CFDefinitions": definitions,
        }

    def _text(self, text: LocalizedText | None) -> str:
        return text.in_language(self.language) if text else ""

    def _node(self, resource: str, kind: str, code: str, title: str) -> dict[str, Any]:
        """Return the head of a node and remember how to link to it."""
        name = f"urn:liangcai:{self.standard.code}:{self.standard.version}:{kind}:{code}"
        identifier = str(uuid5(NAMESPACE_URL, name))
        remote = self.base.startswith(("http://", "https://"))
        path = f"{self.base.rstrip('/')}/ims/case/v1p1/{resource}/" if remote else "urn:uuid:"
        head = {"identifier": identifier, "uri": path + identifier}
        self.links.setdefault((kind, code), {"title": title or code, **head})
        return head | {"lastChangeDateTime": self.changed}

    def _document(self) -> dict[str, Any]:
        standard, title = self.standard, self._text(self.standard.title)
        document = self._node("CFDocuments", "document", "", title) | {
            "title": title,
            "creator": "Liangcai",
            "caseVersion": "1.1",
            "frameworkType": "competency",
            "version": standard.version,
            "language": "en" if self.language.startswith("en") else "zh-Hans",
            "adoptionStatus": _STATUS[standard.status],
            "description": self._text(standard.source),
            "notes": self._text(standard.notice),
            "subject": [self._text(standard.role.title)],
            "subjectURI": [self.links["subject", ""]],
            "licenseURI": self.links["licence", ""],
        }
        return document | _extension(title=_both(standard.title), hash=standard.hash)

    def _definitions(self) -> dict[str, Any]:
        role, licence = self.standard.role, self.standard.licence
        subject = self._text(role.title)
        return {
            "CFConcepts": [
                self._node("CFConcepts", "term", term.code, self._text(term.term))
                | {
                    "title": self._text(term.term),
                    "hierarchyCode": str(number),
                    "description": self._text(term.definition),
                    "keywords": "|".join(filter(None, map(self._text, term.variants))),
                }
                for number, term in enumerate(self.standard.terms, 1)
            ],
            "CFSubjects": [
                self._node("CFSubjects", "subject", "", subject)
                | {
                    "title": subject,
                    "hierarchyCode": "1",
                    "description": self._text(role.definition),
                }
            ],
            "CFLicenses": [
                self._node("CFLicenses", "licence", "", licence)
                | {"title": licence, "licenseText": licence}
            ],
            "CFItemTypes": [
                self._node("CFItemTypes", "type", kind, self._text(localized(kind)))
                | {
                    "title": self._text(localized(kind)),
                    "description": self._text(localized(kind)),
                    "hierarchyCode": str(number),
                    "typeCode": kind,
                }
                for number, kind in enumerate(_ITEM_TYPES, 1)
            ],
            "CFAssociationGroupings": [
                self._node("CFAssociationGroupings", "crosswalk", x.code, self._text(x.title))
                | {"title": self._text(x.title), "description": self._text(x.note) or x.target}
                for x in self.standard.crosswalks
            ],
        }

    def _add_item(self, kind: str, code: str, text: LocalizedText, *, place: str) -> dict[str, Any]:
        statement = self._text(text)
        item = self._node("CFItems", kind, code, statement) | {
            "fullStatement": statement,
            "humanCodingScheme": code,
            "listEnumeration": place,
            "CFItemType": self._text(localized(kind)),
            "CFItemTypeURI": self.links["type", kind],
            "language": "en" if self.language.startswith("en") else "zh-Hans",
            "subject": [self._text(self.standard.role.title)],
            "subjectURI": [self.links["subject", ""]],
            "licenseURI": self.links["licence", ""],
            "statusStartDate": self.standard.date,
        }
        self.items.append(item)
        return item

    def _add_structure(self) -> None:
        for first, element in enumerate(self.standard.elements, 1):
            item = self._add_item("element", element.code, element.title, place=f"{first}")
            item |= _notes(self._text(element.summary))
            item |= _extension(text=_both(element.title), origin=element.origin)
            self._add_child("element", element.code, ("document", ""), first)
            for second, unit in enumerate(self.standard.units_of(element.code), 1):
                place = f"{first}.{second}"
                item = self._add_item("unit", unit.code, unit.title, place=place)
                item |= _notes(self._text(unit.summary))
                item |= _extension(text=_both(unit.title), origin=unit.origin)
                self._add_child("unit", unit.code, ("element", element.code), second)
                for third, indicator in enumerate(unit.indicators, 1):
                    self._add_indicator(indicator, f"{place}.{third}")
                    self._add_child("indicator", indicator.code, ("unit", unit.code), third)

    def _add_indicator(self, indicator: Indicator, place: str) -> None:
        item = self._add_item("indicator", indicator.code, indicator.text, place=place)
        item |= _notes(self._text(indicator.note))
        item |= _extension(
            text=_both(indicator.text),
            level=indicator.level,
            provision=indicator.provision,
            evidence=list(indicator.evidence),
            methods=list(indicator.methods),
            origin=indicator.origin,
        )

    def _add_levels(self) -> None:
        after = len(self.standard.elements)
        for number, level in enumerate(self.standard.levels_upwards(), after + 1):
            item = self._add_item("level", level.code, level.label, place=f"{number}")
            item |= _notes("; ".join(self._descriptors(level)))
            item |= _extension(text=_both(level.label), rank=level.rank, origin=level.origin)
            self._add_child("level", level.code, ("document", ""), number)

    def _descriptors(self, level: Any) -> Iterator[str]:
        for name in ("autonomy", "complexity", "influence"):
            if text := self._text(getattr(level, name)):
                yield f"{self._text(localized(name))}: {text}"

    def _add_child(self, kind: str, code: str, parent: tuple[str, str], number: int) -> None:
        origin, to = self.links[kind, code], self.links[parent]
        association = self._association("isChildOf", origin, to, key=f"{kind}:{code}")
        self.associations.append(association | {"sequenceNumber": number})

    def _add_skill_levels(self) -> None:
        for indicator in self.standard.indicators:
            origin = self.links["indicator", indicator.code]
            if (level := self.links.get(("level", indicator.level))) is not None:
                key = f"indicator:{indicator.code}"
                self.associations.append(self._association("hasSkillLevel", origin, level, key=key))

    def _add_crosswalks(self) -> None:
        for crosswalk in self.standard.crosswalks:
            for number, relation in enumerate(crosswalk.relations, 1):
                origin = self._origin(_SCOPES[crosswalk.scope], relation.from_)
                code = f"{crosswalk.code}:{number}"
                to = self._node("targets", "target", code, relation.to)
                link = {
                    "title": f"{crosswalk.target} {relation.to}",
                    "identifier": to["identifier"],
                    "uri": f"urn:uuid:{to['identifier']}",
                    "targetType": f"ext:{_plain(crosswalk.code)}",
                }
                kind = "exactMatchOf" if relation.relation == "exact" else "isRelatedTo"
                notes = f"{self._text(localized(relation.relation))}. {self._text(relation.note)}"
                self.associations.append(
                    self._association(kind, origin, link, key=code)
                    | {"CFAssociationGroupingURI": self.links["crosswalk", crosswalk.code]}
                    | _notes(notes.strip())
                    | _extension(relation=relation.relation, verified=relation.verified)
                )

    def _origin(self, kinds: Iterable[str], code: str) -> dict[str, str]:
        found = (self.links[kind, code] for kind in kinds if (kind, code) in self.links)
        return next(found, self.links["document", ""])

    def _association(
        self, kind: str, origin: dict[str, str], to: dict[str, str], *, key: str
    ) -> dict[str, Any]:
        head = self._node("CFAssociations", f"association:{kind}", key, key)
        ours = origin | {"targetType": "CASE"}
        theirs = {"targetType": "CASE"} | to
        return head | {"associationType": kind, "originNodeURI": ours, "destinationNodeURI": theirs}


def _both(text: LocalizedText) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _notes(text: str) -> dict[str, str]:
    return {"notes": text} if text else {}


def _extension(**members: Any) -> dict[str, Any]:
    return {"extensions": {"liangcai": members}}


def _plain(code: str) -> str:
    """Return a code with the characters that the pattern of an extension's name allows."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in code)
