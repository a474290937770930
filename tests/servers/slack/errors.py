"""Slack's refusals: an error name and whatever else the answer carries."""

from typing import Any


class Refused(Exception):
    """The Web API answers ``ok: false`` with this error name."""

    def __init__(self, error: str, **fields: Any) -> None:
        super().__init__(error)
        self.error = error
        self.fields = fields


class Limited(Refused):
    """The Web API answers 429 and says after how many seconds it takes more."""

    def __init__(self, seconds: int) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds


def invalid_arguments(*complaints: str) -> Refused:
    """Refuse a call for its arguments, with Slack's complaint about each."""
    lines = [f"[ERROR] {complaint}" for complaint in complaints]
    return Refused("invalid_arguments", response_metadata={"messages": lines})
