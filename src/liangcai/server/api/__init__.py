"""The REST API: JSON in and out, one service or query per request.

`api` has all endpoints; `urls` mounts it at /api/v1/ and the page that describes it at /api/.
"""

from liangcai.server.api.application import api

__all__ = ["api"]
