"""Items: what is asked, how a response is scored, how a bank is checked."""

from liangcai.items.model import Item, ItemBank, Option, Prior
from liangcai.items.present import option_order, paragraphs, plain_parts
from liangcai.items.read import ItemsInvalid, check_items, read_items
from liangcai.items.score import (
    RepeatedKey,
    Score,
    TooManyKeys,
    UnknownKey,
    chance_score,
    score_response,
)

__all__ = [
    "Item",
    "ItemBank",
    "ItemsInvalid",
    "Option",
    "Prior",
    "RepeatedKey",
    "Score",
    "TooManyKeys",
    "UnknownKey",
    "chance_score",
    "check_items",
    "option_order",
    "paragraphs",
    "plain_parts",
    "read_items",
    "score_response",
]
