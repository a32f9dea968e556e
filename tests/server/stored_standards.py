"""Standards in the store for the tests of their pages."""

from typing import Any

from tests.server.conftest import NOW
from tests.standard.tiny import indicator, text, tiny_record, tiny_standard

from liangcai.server.store.models import Organisation, StandardVersion
from liangcai.standard import Standard


def store(
    standard: Standard,
    *,
    status: str = "published",
    organisation: Organisation | None = None,
    findings: tuple[dict[str, Any], ...] = (),
) -> StandardVersion:
    """Keep a standard as the loading service would."""
    return StandardVersion.objects.create(
        organisation=organisation,
        code=standard.code,
        version=standard.version,
        hash=standard.hash,
        document=standard.as_record(),
        findings=list(findings),
        status=status,
        created_at=NOW,
        published_at=None if status == "draft" else NOW,
    )


def tea_grower() -> Standard:
    """A neighbour of the tea taster, with a duty that reads like one of the taster's."""
    record = tiny_record()
    role = record["role"] | {
        "title": text("茶农", "Tea grower"),
        "duties": [
            {"code": "D1", "text": text("评定茶叶品质", "Judge tea"), "origin": "note"},
            {"code": "D2", "text": text("种植茶树", "Growing tea"), "origin": "note"},
        ],
        "exclusions": [],
        "handoffs": [],
        "contrasts": [],
    }
    return tiny_standard(code="tea-grower", role=role)


def reworded() -> Standard:
    """The tea taster's next version: one indicator says something else."""
    record = tiny_record()
    record["units"][1]["indicators"] = [
        indicator("B1-1-1", "low", "应能独立冲泡样茶", "Shall brew a sample alone")
    ]
    return tiny_standard(version="1.2.4", units=record["units"])
