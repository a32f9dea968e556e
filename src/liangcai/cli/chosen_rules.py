"""Which standard and scheme a command grades by."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liangcai.standard import load_standard

if TYPE_CHECKING:
    from liangcai.grading import Scheme
    from liangcai.standard import Standard


@dataclass(frozen=True, slots=True)
class Rules:
    """What to grade by: the names given on the command line, empty where the default holds."""

    standard: str
    scheme: str

    def load(self, named: str) -> "tuple[Standard, Scheme]":
        """Return the standard (the evidence's own unless another is given) and the scheme."""
        from liangcai.grading import load_scheme, read_scheme

        standard = load_standard(self.standard or named)
        if self.scheme.endswith((".yaml", ".yml")):
            return standard, read_scheme(self.scheme, standard=standard)
        return standard, load_scheme(self.scheme, standard=standard)
