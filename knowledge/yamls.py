"""Reads YAML as plain values, with libyaml where PyYAML was built with it: ten times as fast, and as safe."""

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str) -> Any:
    """Return what a text holds; raise yaml.YAMLError, ValueError for a day that does not exist, RecursionError."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are the safe ones
