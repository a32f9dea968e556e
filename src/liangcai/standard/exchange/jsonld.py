"""A standard as linked data: SKOS concepts that are schema.org defined terms, context inline."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from liangcai.kernel.text import LANGUAGES, LocalizedText
from liangcai.standard.exchange.labels import localized
from liangcai.standard.model import Crosswalk, Standard

_CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "https://schema.org/",
    "dcterms": "http://purl.org/dc/terms/",
    "liangcai": "urn:liangcai:vocabulary:",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"},
    "altLabel": {"@id": "skos:altLabel", "@container": ["@language", "@set"]},
    "definition": {"@id": "skos:definition", "@container": "@language"},
    "note": {"@id": "skos:note", "@container": "@language"},
    "source": {"@id": "dcterms:source", "@container": "@language"},
    "description": {"@id": "dcterms:description", "@container": "@language"},
    "notation": "skos:notation",
    "inScheme": {"@id": "skos:inScheme", "@type": "@id"},
    "topConceptOf": {"@id": "skos:topConceptOf", "@type": "@id"},
    "hasTopConcept": {"@id": "skos:hasTopConcept", "@type": "@id"},
    "broader": {"@id": "skos:broader", "@type": "@id"},
    "narrower": {"@id": "skos:narrower", "@type": "@id"},
    "exactMatch": {"@id": "skos:exactMatch", "@type": "@id"},
    "closeMatch": {"@id": "skos:closeMatch", "@type": "@id"},
    "broadMatch": {"@id": "skos:broadMatch", "@type": "@id"},
    "narrowMatch": {"@id": "skos:narrowMatch", "@type": "@id"},
    "relatedMatch": {"@id": "skos:relatedMatch", "@type": "@id"},
    "termCode": "schema:termCode",
    "inDefinedTermSet": {"@id": "schema:inDefinedTermSet", "@type": "@id"},
    "occupation": "schema:occupationalCategory",
    "responsibilities": {"@id": "schema:responsibilities", "@container": "@language"},
    "version": "schema:version",
    "issued": {"@id": "dcterms:issued", "@type": "xsd:date"},
    "licence": "dcterms:license",
    "identifier": "dcterms:identifier",
    "status": "liangcai:status",
    "origin": "liangcai:origin",
    "rank": "liangcai:rank",
    "provision": "liangcai:provision",
    "evidence": {"@id": "liangcai:evidence", "@container": "@set"},
    "methods": {"@id": "liangcai:methods", "@container": "@set"},
    "atLevel": {"@id": "liangcai:atLevel", "@type": "@id"},
}
_MATCH = {
    "exact": "exactMatch",
    "close": "closeMatch",
    "broader": "broadMatch",
    "narrower": "narrowMatch",
    "related": "relatedMatch",
}


def to_jsonld(standard: Standard, *, base: str = "urn:liangcai:") -> dict[str, Any]:
    """Return the standard as JSON-LD 1.1; `base` begins the identifier of every node.

    Elements, units and indicators are one SKOS hierarchy; levels and terms are concepts beside
    it. A crosswalk's target is named by its code only, under an identifier of our own.
    """
    return _Graph(standard, f"{base}{standard.code}:{standard.version}").document()


class _Graph:
    def __init__(self, standard: Standard, root: str) -> None:
        self.standard = standard
        self.root = root
        self.nodes: dict[str, dict[str, Any]] = {}

    def document(self) -> dict[str, Any]:
        scheme = self._scheme()
        for node in (*self._levels(), *self._structure(), *self._terms()):
            self.nodes[node["id"]] = node
        for crosswalk in self.standard.crosswalks:
            self._relate(crosswalk)
        return {"@context": _CONTEXT, "@graph": [scheme, self._occupation(), *self.nodes.values()]}

    def _id(self, kind: str, code: str) -> str:
        return f"{self.root}:{kind}:{quote(code, safe='')}"

    def _scheme(self) -> dict[str, Any]:
        standard = self.standard
        return {
            "id": self.root,
            "type": ["skos:ConceptScheme", "schema:DefinedTermSet"],
            "prefLabel": _by_language(standard.title),
            "altLabel": _all_by_language(standard.aliases),
            "note": _by_language(standard.notice),
            "source": _by_language(standard.source),
            "identifier": [standard.hash, *([standard.number] if standard.number else [])],
            "version": standard.version,
            "status": standard.status,
            "issued": standard.date,
            "licence": standard.licence,
            "hasTopConcept": [self._id("element", element.code) for element in standard.elements],
        }

    def _occupation(self) -> dict[str, Any]:
        role = self.standard.role
        return {
            "id": f"{self.root}:role",
            "type": "schema:Occupation",
            "prefLabel": _by_language(role.title),
            "description": _by_language(role.definition),
            "responsibilities": _all_by_language(tuple(duty.text for duty in role.duties)),
            "origin": role.origin,
        }

    def _concept(self, kind: str, code: str, label: LocalizedText, **more: Any) -> dict[str, Any]:
        return {
            "id": self._id(kind, code),
            "type": ["skos:Concept", "schema:DefinedTerm"],
            "notation": code,
            "termCode": code,
            "prefLabel": _by_language(label),
            "inScheme": self.root,
            "inDefinedTermSet": self.root,
            **{name: value for name, value in more.items() if value not in (None, [], {})},
        }

    def _levels(self) -> Iterator[dict[str, Any]]:
        for level in self.standard.levels_upwards():
            language = self.standard.language
            descriptors = [
                f"{localized(name).in_language(language)}: {text.in_language(language)}"
                for name in ("autonomy", "complexity", "influence")
                if (text := getattr(level, name)) is not None
            ]
            more: dict[str, Any] = {"rank": level.rank, "origin": level.origin}
            if descriptors:
                more["description"] = {_TAGS[language]: "; ".join(descriptors)}
            yield self._concept("level", level.code, level.label, **more)

    def _structure(self) -> Iterator[dict[str, Any]]:
        for element in self.standard.elements:
            units = self.standard.units_of(element.code)
            yield self._concept(
                "element",
                element.code,
                element.title,
                topConceptOf=self.root,
                definition=_by_language(element.summary),
                narrower=[self._id("unit", unit.code) for unit in units],
                origin=element.origin,
            )
        for unit in self.standard.units:
            yield self._concept(
                "unit",
                unit.code,
                unit.title,
                definition=_by_language(unit.summary),
                broader=self._id("element", unit.element),
                narrower=[self._id("indicator", x.code) for x in unit.indicators],
                origin=unit.origin,
            )
            for indicator in unit.indicators:
                yield self._concept(
                    "indicator",
                    indicator.code,
                    indicator.text,
                    broader=self._id("unit", unit.code),
                    atLevel=self._id("level", indicator.level),
                    provision=indicator.provision,
                    evidence=list(indicator.evidence),
                    methods=list(indicator.methods),
                    note=_by_language(indicator.note),
                    origin=indicator.origin,
                )

    def _terms(self) -> Iterator[dict[str, Any]]:
        for term in self.standard.terms:
            yield self._concept(
                "term",
                term.code,
                term.term,
                altLabel=_all_by_language(term.variants),
                definition=_by_language(term.definition),
                source={"und": term.source} if term.source else {},
                note=_by_language(term.note),
                origin=term.origin,
            )

    def _relate(self, crosswalk: Crosswalk) -> None:
        target = f"{self.root}:target:{quote(crosswalk.target, safe='')}"
        for relation in crosswalk.relations:
            match = _MATCH[relation.relation]
            for kind in ("unit", "indicator", "level", "element", "term"):
                node = self.nodes.get(self._id(kind, relation.from_))
                if node is not None:
                    node.setdefault(match, []).append(f"{target}:{quote(relation.to, safe='')}")
                    break


_TAGS = {"zh": "zh-Hans", "en": "en"}


def _by_language(text: LocalizedText | None) -> dict[str, str]:
    if text is None:
        return {}
    return {_TAGS[tag]: getattr(text, tag) for tag in LANGUAGES if getattr(text, tag)}


def _all_by_language(texts: tuple[LocalizedText, ...]) -> dict[str, list[str]]:
    found = {_TAGS[tag]: [getattr(x, tag) for x in texts if getattr(x, tag)] for tag in LANGUAGES}
    return {tag: members for tag, members in found.items() if members}
