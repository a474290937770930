"""The forms of administrators on cards: inputs for the fields of a source and of a file, and the button that sends them."""

from collections.abc import Sequence

from bot.kb.fields import Field, source_fields, upload_fields
from bot.kb.reply import Reply
from bot.kb.wants import ADD, FILE
from bot.teams.elements import Element, button
from bot.words import plain

NONE = "-"
"""Chosen where nothing is."""


def form(reply: Reply, types: Sequence[str]) -> tuple[list[Element], list[Element]]:
    """Return the inputs and the button of the form that a reply asks for, nothing where it asks for none."""
    if not reply.form:
        return [], []
    if reply.form == ADD:
        return [_input(one) for one in source_fields(types)], [button("Add", ADD, "add")]
    name, handle = reply.about
    return [_input(one) for one in upload_fields(name)], [button("File it", FILE, handle)]


def said(fields: dict[str, str]) -> dict[str, str]:
    """Return what was filled in, without what stands for nothing."""
    return {name: "" if value == NONE else value for name, value in fields.items()}


def _input(field: Field) -> Element:
    shown: Element = {"id": field.name, "label": field.label, "isRequired": not field.optional}
    if not field.optional:
        shown["errorMessage"] = f"{field.label} is missing."
    if field.options:
        choices = [*((NONE,) if field.optional else ()), *field.options]
        made = [{"title": plain(one), "value": one} for one in choices]
        return {"type": "Input.ChoiceSet", **shown, "choices": made, "value": field.first or choices[0]}
    text = {"type": "Input.Text", **shown, "placeholder": field.hint, "maxLength": field.longest}
    return {**text, "value": plain(field.first)} if field.first else text
