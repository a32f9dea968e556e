"""What an item is checked against besides itself."""

from dataclasses import dataclass
from datetime import date

from liangcai.standard import Standard

_USUAL_RANKS = {"junior": 1, "intermediate": 2, "senior": 3}


@dataclass(frozen=True, slots=True)
class Context:
    """The standard whose codes the items name and the date of the check, where known.

    `is_whole_bank` is False when one file is read alone: its items may name those of others.
    """

    standard: Standard | None = None
    on: date | None = None
    is_whole_bank: bool = True

    def expected_difficulty(self, level: str) -> float | None:
        """Return the difficulty (logits) an item of this level is expected to have, None if unknown.

        Levels lie one logit apart around 0: −1, 0 and 1 for three levels.
        """
        if self.standard is None:
            rank, ranks = _USUAL_RANKS.get(level), len(_USUAL_RANKS)
        else:
            found = {one.code: one.rank for one in self.standard.levels}
            rank, ranks = found.get(level), len(found)
        return None if rank is None else rank - (ranks + 1) / 2
