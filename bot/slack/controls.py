"""The buttons below an answer or a card: what somebody can do with it."""

from bot.opinion import DOWN, UP
from bot.slack.elements import Block, Element, button

EVIDENCE, OWNER, MEMO = "evidence_show", "owner_ask", "memo_file"
"""The actions of buttons whose value is the id of the answer or check."""
DECIDE_VENDOR, FEEDBACK = "vendor_decide", "feedback"
AGREE, AGREE_BELOW = "vendor_second", "vendor_second_card"
"""The actions of the second approver's button: on the message of the decision, which it changes, and below a card."""


def below(answer_id: str, *, sources: bool, owner: bool, vendor: str, more: tuple[Element, ...] = ()) -> list[Block]:
    """Return the buttons for an answer: `sources` has it any, `owner` names a cited policy one, `vendor` is whom it is about."""
    wanted = (
        (EVIDENCE, "Show evidence", sources),
        (MEMO, "Memo as a file", sources),
        (OWNER, "Ask the owner", owner),
        (DECIDE_VENDOR, "Decide about the vendor", bool(vendor)),
    )
    shown = [*more, *(button(action, text, answer_id) for action, text, here in wanted if here)]
    return [*([{"type": "actions", "elements": shown}] if shown else []), _thumbs(answer_id)]


def agree(n: int, action: str) -> Element:
    """Return the second approver's button for the decision of this number."""
    return button(action, "Agree as the second approver", str(n))


def _thumbs(answer_id: str) -> Block:
    thumbs = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _thumb("Helped", UP, answer_id, "This answer helped"),
        "negative_button": _thumb("Did not help", DOWN, answer_id, "This answer did not help"),
    }
    return {"type": "context_actions", "elements": [thumbs]}


def _thumb(text: str, value: str, answer_id: str, spoken: str) -> Element:
    shown = {"type": "plain_text", "text": text, "emoji": False}
    return {"text": shown, "value": f"{value}:{answer_id}", "accessibility_label": spoken}
