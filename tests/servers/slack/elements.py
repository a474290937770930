"""What Slack accepts inside blocks: texts, buttons, menus, inputs and the parts of rich text."""

from tests.servers.slack.schema import (
    Rule,
    among,
    anything,
    every,
    flag,
    link,
    many,
    number,
    only,
    shape,
    text,
    variant,
    whole,
)

ACTION_ID = text(255)


def plain(maximum: int) -> Rule:
    """Ask for a plain_text object."""
    return variant({"plain_text": shape({"text": text(maximum)}, {"emoji": flag})})


def either(maximum: int) -> Rule:
    """Ask for a plain_text or mrkdwn object."""
    return variant(
        {
            "plain_text": shape({"text": text(maximum)}, {"emoji": flag}),
            "mrkdwn": shape({"text": text(maximum)}, {"verbatim": flag}),
        }
    )


def _typed(kind: str, rule: Rule) -> Rule:
    return variant({kind: rule})


STYLE = among("primary", "danger")
CONFIRM = shape(
    {"title": plain(100), "text": either(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)
SLACK_FILE = every(shape({}, {"id": text(255), "url": link()}), only("id", "url"))
IMAGE = every(
    shape({"alt_text": text(2000)}, {"image_url": link(), "slack_file": SLACK_FILE}),
    only("image_url", "slack_file"),
)
IMAGE_ELEMENT = _typed("image", IMAGE)
SOURCE = _typed("url", shape({"url": link(), "text": text(2000)}))

_NAMED = {"action_id": ACTION_ID, "confirm": CONFIRM}
_BUTTON = shape(
    {"text": plain(75)},
    {
        **_NAMED,
        "url": link(),
        "value": text(2000),
        "style": STYLE,
        "accessibility_label": text(75),
        "alt_text": text(2000),
        "agent_prompt": text(4000),
        "agent_prompt_display": text(4000),
        "visible_to_user_ids": many(text(255), 1, 10),
    },
)
BUTTON = _typed("button", _BUTTON)
_THUMB = shape({"text": plain(75), "value": text(2000)}, {"accessibility_label": text(75)})
_FEEDBACK = shape({"positive_button": _THUMB, "negative_button": _THUMB}, {"action_id": ACTION_ID})
_ICON_BUTTON = shape(
    {"icon": text(255), "text": plain(75)},
    {
        **_NAMED,
        "value": text(2000),
        "accessibility_label": text(75),
        "alt_text": text(2000),
        "visible_to_user_ids": many(text(255), 1, 10),
    },
)
CONTEXT_ACTION = variant({"feedback_buttons": _FEEDBACK, "icon_button": _ICON_BUTTON})

_OPTION = shape({"text": either(75), "value": text(150)}, {"description": either(75), "url": link()})
_MENU_OPTION = shape({"text": plain(75), "value": text(150)}, {"description": plain(75)})
_GROUP = shape({"label": plain(75), "options": many(_MENU_OPTION, 1, 100)})
_FOCUS = {**_NAMED, "focus_on_load": flag}
_HINTED = {**_FOCUS, "placeholder": plain(150)}
_SEVERAL = {"max_selected_items": whole(1, 100)}
_LISTED = {"options": many(_MENU_OPTION, 1, 100), "option_groups": many(_GROUP, 1, 100)}
_IDS = many(text(255), 0, 100)
_PLACE = {"default_to_current_conversation": flag, "filter": anything}

_MENUS: dict[str, Rule] = {
    "static_select": every(shape({}, {**_HINTED, **_LISTED, "initial_option": anything}), only(*_LISTED)),
    "multi_static_select": every(
        shape({}, {**_HINTED, **_LISTED, **_SEVERAL, "initial_options": anything}), only(*_LISTED)
    ),
    "external_select": shape({}, {**_HINTED, "min_query_length": whole(0, 100), "initial_option": anything}),
    "multi_external_select": shape(
        {}, {**_HINTED, **_SEVERAL, "min_query_length": whole(0, 100), "initial_options": anything}
    ),
    "users_select": shape({}, {**_HINTED, "initial_user": text(255)}),
    "multi_users_select": shape({}, {**_HINTED, **_SEVERAL, "initial_users": _IDS}),
    "conversations_select": shape(
        {}, {**_HINTED, **_PLACE, "initial_conversation": text(255), "response_url_enabled": flag}
    ),
    "multi_conversations_select": shape({}, {**_HINTED, **_PLACE, **_SEVERAL, "initial_conversations": _IDS}),
    "channels_select": shape({}, {**_HINTED, "initial_channel": text(255), "response_url_enabled": flag}),
    "multi_channels_select": shape({}, {**_HINTED, **_SEVERAL, "initial_channels": _IDS}),
}
_CHOICES: dict[str, Rule] = {
    "checkboxes": shape({"options": many(_OPTION, 1, 10)}, {**_FOCUS, "initial_options": anything}),
    "radio_buttons": shape({"options": many(_OPTION, 1, 10)}, {**_FOCUS, "initial_option": anything}),
}
_PICKERS: dict[str, Rule] = {
    "datepicker": shape({}, {**_HINTED, "initial_date": text(10)}),
    "timepicker": shape({}, {**_HINTED, "initial_time": text(5), "timezone": text(255)}),
    "datetimepicker": shape({}, {**_FOCUS, "initial_date_time": number}),
}
_TYPED = {
    **_HINTED,
    "initial_value": text(3000, 0),
    "dispatch_action_config": shape(
        {}, {"trigger_actions_on": many(among("on_enter_pressed", "on_character_entered"), 1, 2)}
    ),
}
_FIELDS: dict[str, Rule] = {
    "plain_text_input": shape(
        {}, {**_TYPED, "multiline": flag, "min_length": whole(0, 3000), "max_length": whole(1, 3000)}
    ),
    "email_text_input": shape({}, _TYPED),
    "url_text_input": shape({}, _TYPED),
    "number_input": shape({"is_decimal_allowed": flag}, {**_TYPED, "min_value": text(255), "max_value": text(255)}),
    "rich_text_input": shape({}, {**_TYPED, "initial_value": anything, "min_lines": number, "max_lines": number}),
    "file_input": shape({}, {"action_id": ACTION_ID, "filetypes": many(text(50), 1, 100), "max_files": whole(1, 10)}),
}
_ALWAYS: dict[str, Rule] = {
    "button": _BUTTON,
    "overflow": shape({"options": many(_OPTION, 1, 5)}, _NAMED),
    "workflow_button": shape(
        {"text": plain(75), "workflow": anything},
        {"action_id": ACTION_ID, "style": STYLE, "accessibility_label": text(75)},
    ),
}
ACTION = variant({**_ALWAYS, **_MENUS, **_CHOICES, **_PICKERS})
ACCESSORY = variant({**_ALWAYS, **_MENUS, **_CHOICES, **_PICKERS, "image": IMAGE})
INPUT = variant({**_MENUS, **_CHOICES, **_PICKERS, **_FIELDS})

_LOOK = {
    "style": shape(
        {},
        dict.fromkeys(
            ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), flag
        ),
    )
}
_TEXT = shape({"text": text(12_000)}, _LOOK)
_LINK = shape({"url": link()}, {**_LOOK, "text": text(12_000), "unsafe": flag})
_RICH_PART = variant(
    {
        "text": _TEXT,
        "link": _LINK,
        "user": shape({"user_id": text(255)}, _LOOK),
        "usergroup": shape({"usergroup_id": text(255)}, _LOOK),
        "channel": shape({"channel_id": text(255)}, _LOOK),
        "team": shape({"team_id": text(255)}, _LOOK),
        "emoji": shape({"name": text(255)}, {**_LOOK, "unicode": text(255), "skin_tone": whole(1, 6)}),
        "date": shape({"timestamp": number, "format": text(255)}, {**_LOOK, "url": link(), "fallback": text(255)}),
        "broadcast": shape({"range": among("here", "channel", "everyone")}, _LOOK),
        "color": shape({"value": text(7)}, _LOOK),
        "citation": anything,  # https://github.com/lightdash/lightdash/pull/26177 uses one; its shape is not written down
    }
)
_SECTION = shape({"elements": many(_RICH_PART, 0, 1000)})
_BORDER = {"border": whole(0, 1)}
_RICH_ELEMENT = variant(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": shape(
            {"elements": many(_typed("rich_text_section", _SECTION), 1, 1000), "style": among("bullet", "ordered")},
            {**_BORDER, "indent": whole(0, 8), "offset": whole(0, 1000)},
        ),
        "rich_text_quote": shape({"elements": many(_RICH_PART, 1, 1000)}, _BORDER),
        "rich_text_preformatted": shape(
            {"elements": many(variant({"text": _TEXT, "link": _LINK}), 1, 1000)},
            {**_BORDER, "language": text(255)},
        ),
    }
)
RICH = {"elements": many(_RICH_ELEMENT, 1, 1000)}
RICH_TEXT = _typed("rich_text", shape(RICH, {"block_id": text(255)}))
CELL = variant(
    {
        "raw_text": shape({"text": text(10_000)}),
        "raw_number": shape({"value": number, "text": text(10_000)}),
        "rich_text": shape(RICH, {"block_id": text(255)}),
    }
)
