"""What an administrator is told, as plain data that every door shows in its own way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """A button: what it does when it is pressed (`do`, with `value`), and whether that takes something away."""

    do: str
    label: str
    value: str
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a list, with the button that belongs to it."""

    words: str
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A titled list below the first one."""

    title: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """A message: a title, its lines, further lists, buttons and a link; where it is too long, parts go before buttons do.

    `form` names what is asked for in a form, ADD or FILE, and `about` what that form is about: the file's name and its handle.
    With `refused` nothing was done.
    """

    title: str
    lines: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    buttons: tuple[Button, ...] = ()
    link: tuple[str, str] | None = None
    form: str = ""
    about: tuple[str, str] = ("", "")
    refused: bool = False


SHORTENED = "More is kept than fits here; caveat status shows all of it."
"""Said where a reply is too long for a message."""
