"""The block checker refuses what Slack refuses, with a pointer to it, and lets the rest through."""

import pytest

from tests.servers.slack import problems, view_problems

DIVIDER = {"type": "divider"}
IMAGE = {"type": "image", "image_url": "https://example.test/a.png", "alt_text": "A"}
SAID = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Yes"}]}


def plain(words: str = "x") -> dict:
    return {"type": "plain_text", "text": words}


def mark(words: str = "x") -> dict:
    return {"type": "mrkdwn", "text": words}


def section(**fields) -> dict:
    return {"type": "section", **fields}


def button(**fields) -> dict:
    return {"type": "button", "text": plain(), **fields}


def actions(*elements, **fields) -> dict:
    return {"type": "actions", "elements": list(elements), **fields}


def row(*words: str) -> list[dict]:
    return [{"type": "raw_text", "text": word} for word in words]


def rich(*elements) -> dict:
    return {"type": "rich_text", "elements": list(elements)}


def options(count: int) -> list[dict]:
    return [{"text": plain(), "value": str(number)} for number in range(count)]


def task(**fields) -> dict:
    return {"type": "task_card", "task_id": "1", "title": "Search", "status": "complete", **fields}


def table(*rows: list[dict], **fields) -> dict:
    return {"type": "table", "rows": list(rows), **fields}


def select(**fields) -> dict:
    return {"type": "static_select", "action_id": "pick", **fields}


INVALID = {
    "an unknown type": ([{"type": "sections"}], "unsupported_type", "/blocks/0/type"),
    "no type": ([{"text": plain()}], "required", "/blocks/0"),
    "not an object": (["divider"], "type", "/blocks/0"),
    "an unknown key": ([{**DIVIDER, "color": "red"}], "additional_property", "/blocks/0"),
    "51 blocks": ([DIVIDER] * 51, "max_items", "/blocks"),
    "a section with nothing": ([section()], "required", "/blocks/0"),
    "a section text of 3,001": ([section(text=mark("x" * 3001))], "max_length", "/blocks/0/text/text"),
    "an empty section text": ([section(text=mark(""))], "min_length", "/blocks/0/text/text"),
    "a bare string for a text": ([section(text="x")], "type", "/blocks/0/text"),
    "an unknown key in a text": ([section(text={**mark(), "emoji": True})], "additional_property", "/blocks/0/text"),
    "11 fields": ([section(fields=[mark()] * 11)], "max_items", "/blocks/0/fields"),
    "a field of 2,001": ([section(fields=[mark("x" * 2001)])], "max_length", "/blocks/0/fields/0/text"),
    "an input as accessory": (
        [section(text=mark(), accessory={"type": "plain_text_input"})],
        "unsupported_type",
        "/blocks/0/accessory/type",
    ),
    "a mrkdwn header": ([{"type": "header", "text": mark()}], "unsupported_type", "/blocks/0/text/type"),
    "a header of 151": ([{"type": "header", "text": plain("x" * 151)}], "max_length", "/blocks/0/text/text"),
    "11 context elements": ([{"type": "context", "elements": [mark()] * 11}], "max_items", "/blocks/0/elements"),
    "a context text of 3,001": (
        [{"type": "context", "elements": [mark("x" * 3001)]}],
        "max_length",
        "/blocks/0/elements/0/text",
    ),
    "a button in a context": (
        [{"type": "context", "elements": [button()]}],
        "unsupported_type",
        "/blocks/0/elements/0/type",
    ),
    "26 actions": ([actions(*[button()] * 26)], "max_items", "/blocks/0/elements"),
    "no actions": ([actions()], "min_items", "/blocks/0/elements"),
    "a button text of 76": ([actions(button(text=plain("x" * 76)))], "max_length", "/blocks/0/elements/0/text/text"),
    "a button value of 2,001": ([actions(button(value="x" * 2001))], "max_length", "/blocks/0/elements/0/value"),
    "a button URL of 3,001": (
        [actions(button(url="https://" + "x" * 2993))],
        "max_length",
        "/blocks/0/elements/0/url",
    ),
    "a button URL without a scheme": ([actions(button(url="example.test"))], "url", "/blocks/0/elements/0/url"),
    "a green button": ([actions(button(style="green"))], "enum", "/blocks/0/elements/0/style"),
    "an action_id of 256": ([actions(button(action_id="x" * 256))], "max_length", "/blocks/0/elements/0/action_id"),
    "an action_id twice in a block": (
        [actions(button(action_id="a"), button(action_id="a"))],
        "duplicate",
        "/blocks/0/elements/1/action_id",
    ),
    "a block_id twice": ([{**DIVIDER, "block_id": "a"}] * 2, "duplicate", "/blocks/1/block_id"),
    "a block_id of 256": ([{**DIVIDER, "block_id": "x" * 256}], "max_length", "/blocks/0/block_id"),
    "6 overflow options": (
        [actions({"type": "overflow", "action_id": "a", "options": options(6)})],
        "max_items",
        "/blocks/0/elements/0/options",
    ),
    "101 select options": ([actions(select(options=options(101)))], "max_items", "/blocks/0/elements/0/options"),
    "a select without options": ([actions(select())], "required", "/blocks/0/elements/0"),
    "an image without alt text": (
        [{"type": "image", "image_url": "https://example.test/a.png"}],
        "required",
        "/blocks/0",
    ),
    "an image from two places": ([{**IMAGE, "slack_file": {"id": "F1"}}], "exclusive", "/blocks/0"),
    "Markdown of 12,001": ([{"type": "markdown", "text": "x" * 12_001}], "max_length", "/blocks/0/text"),
    "Markdown of 14,000 in two": ([{"type": "markdown", "text": "x" * 7000}] * 2, "max_length", "/blocks"),
    "13,201 characters in all": (
        [section(text=mark("x" * 2900))] * 5,
        "msg_blocks_too_long",
        "/blocks",
    ),
    "rich text without sections": (
        [rich({"type": "text", "text": "x"})],
        "unsupported_type",
        "/blocks/0/elements/0/type",
    ),
    "an empty rich text part": (
        [rich({"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]})],
        "min_length",
        "/blocks/0/elements/0/elements/0/text",
    ),
    "a numbered rich text list": (
        [rich({"type": "rich_text_list", "style": "numbered", "elements": [SAID]})],
        "enum",
        "/blocks/0/elements/0/style",
    ),
    "a blinking rich text": (
        [rich({"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"blink": True}}]})],
        "additional_property",
        "/blocks/0/elements/0/elements/0/style",
    ),
    "101 table rows": ([table(*[row("x")] * 101)], "max_items", "/blocks/0/rows"),
    "21 table columns": ([table(row(*"x" * 21))], "max_items", "/blocks/0/rows/0"),
    "uneven table rows": ([table(row("a"), row("a", "b"))], "row_length", "/blocks/0/rows"),
    "a table of 10,001": ([table(row("x" * 5001, "x" * 5000))], "max_length", "/blocks/0/rows"),
    "two tables": ([table(row("x"))] * 2, "only_one_table_allowed", "/blocks/1"),
    "a data table without a caption": (
        [{"type": "data_table", "rows": [row("a"), row("b")]}],
        "required",
        "/blocks/0",
    ),
    "a data table with a rich header": (
        [{"type": "data_table", "caption": "x", "rows": [[rich(SAID)], row("b")]}],
        "unsupported_type",
        "/blocks/0/rows/0/0/type",
    ),
    "a card with nothing": ([{"type": "card"}], "required", "/blocks/0"),
    "a card body of 201": ([{"type": "card", "body": mark("x" * 201)}], "max_length", "/blocks/0/body/text"),
    "four buttons on a card": (
        [{"type": "card", "title": mark(), "actions": [button()] * 4}],
        "max_items",
        "/blocks/0/actions",
    ),
    "Markdown in a container": (
        [{"type": "container", "title": plain(), "child_blocks": [{"type": "markdown", "text": "x"}]}],
        "unsupported_type",
        "/blocks/0/child_blocks/0/type",
    ),
    "a task that is done": ([task(status="done")], "enum", "/blocks/0/status"),
    "51 tasks in a plan": ([{"type": "plan", "title": "x", "tasks": [task()] * 51}], "max_items", "/blocks/0/tasks"),
    "six feedback elements": (
        [
            {
                "type": "context_actions",
                "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}] * 6,
            }
        ],
        "max_items",
        "/blocks/0/elements",
    ),
    "an alert in a message": ([{"type": "alert", "text": plain()}], "unsupported_type", "/blocks/0/type"),
    "no list": ({"type": "divider"}, "type", "/blocks"),
}

VALID = {
    "a risk card": [
        {"type": "header", "text": plain("Alibaba Cloud: high")},
        section(text=mark("*Data protection* <https://example.test/1|GDPR Art. 28(3)>"), fields=[mark(), mark()]),
        DIVIDER,
        {"type": "context", "elements": [IMAGE, {**mark("as of 1 November"), "verbatim": True}]},
        actions(
            button(action_id="sources", value="r-1", style="primary"),
            button(action_id="open", url="https://example.test/r-1"),
            select(options=options(3), placeholder=plain("Region")),
        ),
    ],
    "one action_id in two blocks": [actions(button(action_id="a")), actions(button(action_id="a"))],
    "Markdown of 12,000": [{"type": "markdown", "text": "x" * 12_000}],
    "rich text of every kind": [
        rich(
            SAID,
            {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [SAID]},
            {"type": "rich_text_quote", "elements": [{"type": "link", "url": "https://example.test", "text": "x"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        )
    ],
    "a table": [
        table(
            row("Vendor", "Level"),
            [{"type": "raw_number", "value": 1, "text": "1"}, rich(SAID)],
            column_settings=[{"is_wrapped": True}, None],
        )
    ],
    "a data table": [{"type": "data_table", "caption": "x", "page_size": 5, "rows": [row("a"), [rich(SAID)]]}],
    "a plan of tasks with sources": [
        {
            "type": "plan",
            "title": "Searching",
            "tasks": [task(details=rich(SAID), sources=[{"type": "url", "url": "https://example.test", "text": "x"}])],
        }
    ],
    "feedback": [
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "feedback",
                    "positive_button": {"text": plain("Good"), "value": "good"},
                    "negative_button": {"text": plain("Bad"), "value": "bad"},
                }
            ],
        }
    ],
    "cards in a carousel": [{"type": "carousel", "elements": [{"type": "card", "title": mark(), "icon": IMAGE}] * 10}],
    "a container": [
        {"type": "container", "title": plain(), "is_collapsible": True, "child_blocks": [section(text=mark()), DIVIDER]}
    ],
    "nothing": [],
}


@pytest.mark.parametrize(("blocks", "code", "pointer"), INVALID.values(), ids=INVALID)
def test_an_invalid_block_is_found_where_it_stands(blocks, code, pointer):
    assert (code, pointer) in {(one.code, one.pointer) for one in problems(blocks)}


@pytest.mark.parametrize("blocks", VALID.values(), ids=VALID)
def test_a_valid_block_is_let_through(blocks):
    assert problems(blocks) == []


def test_what_a_surface_does_not_show_is_refused_there():
    alert, markdown = {"type": "alert", "text": plain()}, {"type": "markdown", "text": "x"}
    assert problems([alert], "modal") == []
    assert [one.code for one in problems([markdown], "modal")] == ["unsupported_type"]
    assert [one.code for one in problems([table(row("x"))], "modal")] == ["unsupported_type"]
    assert problems([table(row("x"))], "home") == []


def test_a_modal_and_a_home_tab_may_hold_100_blocks_of_any_length():
    long = [section(text=mark("x" * 2900))] * 100
    assert problems(long, "modal") == problems(long, "home") == []
    assert [one.code for one in problems([*long, DIVIDER], "home")] == ["max_items"]


def test_a_modal_with_an_input_needs_a_submit_button():
    ask = {"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "a"}}
    view = {"type": "modal", "title": plain(), "blocks": [ask]}
    assert [str(one) for one in view_problems(view, "modal")] == ["missing required field: submit [json-pointer:/view]"]
    assert view_problems({**view, "submit": plain()}, "modal") == []


def test_the_parts_of_a_view_have_their_limits():
    view = {"type": "modal", "title": plain("x" * 25), "private_metadata": "x" * 3001, "blocks": []}
    assert {one.pointer for one in view_problems(view, "modal")} == {"/view/title/text", "/view/private_metadata"}
    tab = {"type": "home", "title": plain(), "blocks": []}
    assert [one.code for one in view_problems(tab, "home")] == ["additional_property"]
