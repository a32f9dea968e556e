"""The LSAT section 7 data: 1,000 persons on five items (Bock & Lieberman, 1970), as patterns."""

import numpy as np
import pytest

from liangcai.measurement.responses.matrix import Responses, responses_of

_FREQUENCIES = (
    12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28,
    7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32, 308,
)  # fmt: skip


@pytest.fixture
def lsat7() -> Responses:
    patterns = (np.arange(32)[:, None] >> np.arange(4, -1, -1)) & 1
    return responses_of(patterns, weights=_FREQUENCIES)
