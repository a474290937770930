"""Who may read what is labelled how: a visibility is `public`, `staff`, or any of several groups and users."""


def opens(visibility: str, labels: frozenset[str]) -> bool:
    """Tell whether a reader with these access labels may read what has this visibility; any of its parts is enough."""
    return any(part in labels for part in visibility.split(","))
