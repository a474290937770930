"""Takes the markup of Markdown and HTML out of a cell of a table, and leaves its words as they are read."""

import re

from knowledge.parse.paragraph import starred

_TAG = re.compile(r"</?(?:span|br|a|p|b|i|em|strong|sup|sub|u|div)\b[^<>]{0,300}>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINK = re.compile(r"!?\[((?:\\.|[^\]\[\\]|\[(?:\\.|[^\]\[\\])*\])*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_STRONG = re.compile(r"\*{2,3}(?=\S)(.+?)(?<=\S)\*{2,3}")
_ITALIC = re.compile(r"(?<![*\\])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?!\*)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def unmarked(written: str, *, italics: bool = False) -> str:
    """Return the words of a cell; with `italics`, runs of italics keep their asterisks and no other asterisk does."""
    text = _TAG.sub("", _BREAK.sub(" ", written))
    text = _STRONG.sub(r"\1", _LINK.sub(r"\1", text))
    if not italics:
        return _ESCAPE.sub(r"\1", _ITALIC.sub(r"\1", text))
    pieces = [_ESCAPE.sub(r"\1", piece) for piece in _ITALIC.split(text)]
    return "".join(f"*{piece}*" if number % 2 else starred(piece) for number, piece in enumerate(pieces))
