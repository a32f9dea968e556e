"""The root of every error that this package raises on purpose."""


class LiangcaiError(Exception):
    """Something this call was asked to do could not be done."""

    code = "liangcai.error"  # stable: part of the API; the message is not
