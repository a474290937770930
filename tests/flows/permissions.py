"""Who may do what in Slack, as data: a row for each command, button, form, shortcut and event, a cell for each role."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEAL, FAIR, OWN = "deal", "fair", "own"
"""A private channel of three full members; one that guests, strangers and bots are in too; one's conversation with the app."""
STAFF = ("admin", "reviewer", "member")
GUESTS = ("guest", "single")
PEOPLE = (*STAFF, *GUESTS, "outsider", "external")
"""Who reads a reply: `outsider` is a full member who is in neither channel, `external` is of a workspace that shares one."""
NOBODY = ("robot", "gone", "twin")
"""A bot, somebody deactivated, and the administrator's own id sent in the name of another workspace."""
ROLES = (*PEOPLE, *NOBODY)

CLOSED, ADMINS, REVIEWERS, COMPANY = (
    "not open to you",
    "Only administrators",
    "Only reviewers",
    "Only people of the company",
)
ELSEWHERE, NOT_THERE, UNKNOWN = "does not serve this workspace", "You are not in that channel", "another version of me"
NOTHING = ""
NOT_YOURS = "Only whoever shared this file"


def each(roles: tuple[str, ...], words: str) -> dict[str, str]:
    return dict.fromkeys(roles, words)


@dataclass(frozen=True, slots=True)
class Row:
    """What every role hears that uses something; `{}` names in a value are filled in, `{mark}` is in no other cell.

    `said` is by role, everybody else among PEOPLE hears `others`, and NOBODY hears `nobody`. `filled` is what a form says.
    """

    kind: str
    name: str
    place: str
    value: str
    said: Mapping[str, str]
    others: str = CLOSED
    nobody: str = NOTHING
    filled: Mapping[str, object] = field(default_factory=dict)
    roles: tuple[str, ...] = ROLES

    def words(self, role: str) -> str:
        """Return a pattern of what a role hears."""
        return self.said.get(role, self.nobody if role in NOBODY else self.others)


FOREIGN = each(("external", "twin"), ELSEWHERE)
ANYONE = each(PEOPLE, "{mark}")
INSIDE = each((*STAFF, *GUESTS, "external"), "{mark}")
READ, JUDGED = each(STAFF, "in bold"), each(STAFF, "Thank you")
REVIEW = ("admin", "reviewer")
"""Administrators decide as reviewers do; of two who agree at once the second is told that it is decided."""
NAMED = (*GUESTS, "robot", "gone")
"""Who is none of the company and named in the settings all the same: a form opens, and what is sent with it does nothing."""
SECOND = each(REVIEW, "Decided: approved by linus and|agreed before you") | {"member": REVIEWERS}
KB_WORDS = ("sources", "refresh", "remove starter", "rollback", "gaps", "impact", "pairs list", "add", "frobnicate")
KEPT = {"why": {"value": "A trial"}}

MATRIX = (
    Row("command", "/vendor-ask", FAIR, "hello {mark}", each((*STAFF, *GUESTS), "{mark}") | FOREIGN),
    Row("command", "/vendor-check", FAIR, "Zeta {mark}", ANYONE | FOREIGN),
    Row("command", "/vendor-watch", FAIR, "Zeta {mark}", ANYONE | FOREIGN),
    Row("command", "/vendor-kb", FAIR, "status", {"admin": "is in service since"} | FOREIGN, ADMINS, ADMINS),
    *(Row("command", "/vendor-kb", FAIR, word, {}, ADMINS, ADMINS, roles=("reviewer", "guest", "gone")) for word in KB_WORDS),
    Row("shortcut", "vendors_named", FAIR, "Zeta{mark} GmbH", ANYONE),
    Row("action", "ask_0", FAIR, "hello {mark}", INSIDE),
    Row("action", "check_0", FAIR, "Zeta {mark}", INSIDE),
    Row("action", "ask_own", FAIR, "hello {mark}", ANYONE),
    *(
        Row("action", name, FAIR, '{"files": [["F0", "terms.md"]], "by": "U0OTHER"}', each((*STAFF, *GUESTS, "external"), NOT_YOURS))
        for name in ("paper_check", "paper_ask")
    ),
    Row("action", "watch_add", FAIR, "Zeta {mark}", ANYONE),
    Row("action", "watch_stop", OWN, "Zeta {mark}", each(PEOPLE, "do not watch Zeta {mark}")),
    Row("action", "card_share", OWN, "{deal_id}|Zeta {mark}", each(STAFF, "{mark}"), NOT_THERE),
    Row("action", "match_decide", DEAL, "{match}", each((*REVIEW, *NAMED), "Not this vendor"), REVIEWERS, REVIEWERS),
    Row("action", "evidence_show", DEAL, "{deal}", READ),
    Row("action", "evidence_show", FAIR, "{fair}", READ | each(GUESTS, "in bold")),
    Row("action", "evidence_page_on", DEAL, "0", READ),
    Row("action", "evidence_page_back", DEAL, "0", READ),
    Row("action", "feedback", DEAL, "up:{deal}", JUDGED),
    Row("action", "feedback", FAIR, "up:{fair}", JUDGED | each(GUESTS, "Thank you")),
    Row("action", "memo_file", DEAL, "{deal}", each(STAFF, "did not take the memo")),
    Row("action", "memo_file", FAIR, "{fair}", each((*STAFF, *GUESTS), "did not take the memo")),
    Row("action", "owner_ask", DEAL, "{deal}", each(STAFF, "was asked about this")),
    Row("action", "owner_ask", FAIR, "{fair}", each(STAFF, "names its owner") | each(GUESTS, COMPANY)),
    Row("action", "owner_resolved", DEAL, "{deal}", {"admin": "Resolved by", "reviewer": "Resolved by", "member": "stays open"}),
    Row("action", "vendor_decide", DEAL, "{deal}", each((*REVIEW, *NAMED), "Valid until"), REVIEWERS, REVIEWERS),
    Row("action", "vendor_second", DEAL, "1", SECOND),
    Row("action", "vendor_second_card", DEAL, "2", SECOND),
    Row("action", "kb_refresh", OWN, '["nosuch"]', {"admin": "no source named nosuch"}, ADMINS),
    Row("action", "kb_remove", OWN, "nowhere", {"admin": "no source named nowhere|nowhere"}, ADMINS),
    Row("action", "kb_rollback", OWN, "99", {"admin": "no complete edition before"}, ADMINS),
    Row("action", "kb_tell_0", OWN, '["", "nosuch"]', {"admin": "nothing was posted"}, ADMINS),
    Row("action", "kb_file_0", OWN, '["F0", "robots.md"]', {"admin": "As answers cite it"}, ADMINS, ADMINS),
    Row("view", "vendor", FAIR, "", ANYONE, filled={"name": {"value": "Zeta {mark}"}, "country": {}}),
    Row("view", "ruling", DEAL, "", SECOND | each(REVIEW, "decided about"), filled=KEPT | {
        "party": {"selected_option": {"value": "0"}}, "verdict": {"selected_option": {"value": "ruled out"}},
    }),
    Row("view", "vendor_decide", DEAL, "", SECOND | each(REVIEW, "Waiting for a second|Decided"), filled=KEPT | {
        "choice": {"selected_option": {"value": "approved"}}, "conditions": {}, "until": {"selected_date": "{until}"},
    }),
    Row("view", "feedback", DEAL, "", JUDGED, filled={
        "reasons": {"selected_options": [{"value": "outdated"}]}, "words": {},
    }),
    Row("view", "kb_adding", OWN, "", {"admin": "sources add"}, ADMINS, ADMINS, filled={
        "type": {"selected_option": {"value": "folder"}},
        **{name: {"value": "x"} for name in ("name", "at", "kind", "jurisdiction", "visibility", "owner", "every")},
    }),
    Row("view", "kb_filing", OWN, "", {"admin": "public, staff, group"}, ADMINS, ADMINS, filled={
        name: {"value": "x"} for name in ("title", "visibility", "owner", "kind")
    }),
)  # fmt: skip
"""Everything that somebody can use; a test compares it with what is listened to."""

SPOKEN = ("app_mention", "message")
"""What is answered to all PEOPLE who may write there, and to nobody of NOBODY; strangers and guests read public sources."""
BY_SLACK = ("app_home_opened", "app_uninstalled", "tokens_revoked", "agent_session_stopped")
"""What Slack alone sends: the home shows each his own, a stop gives up what its presser asked, the others end an installation."""

_DECIDED = next(row.filled for row in MATRIX if (row.kind, row.name) == ("view", "vendor_decide"))
ALTERED = (
    Row("action", "evidence_show", FAIR, "{deal}", {}, roles=("reviewer",)),
    Row("action", "evidence_show", FAIR, "{card}", {}, roles=("reviewer",)),
    Row("action", "evidence_show", OWN, "{card}", {}, roles=("reviewer",)),
    Row("action", "memo_file", OWN, "{deal}", {}, roles=("admin",)),
    Row("action", "feedback", FAIR, "sideways:{fair}", {}, NOTHING, roles=("member",)),
    Row("action", "feedback", FAIR, "up:../../{fair}", {}, roles=("member",)),
    Row("action", "owner_ask", FAIR, "{deal}", {}, roles=("reviewer",)),
    Row("action", "owner_resolved", FAIR, "{deal}", {}, roles=("reviewer",)),
    Row("action", "vendor_second", DEAL, "9999999999999999999", {}, NOTHING, roles=("reviewer",)),
    Row("action", "vendor_second", DEAL, "-1", {}, NOTHING, roles=("reviewer",)),
    Row("action", "card_share", OWN, "C0SECRET|Zeta {mark}", {}, NOT_THERE, roles=("member",)),
    Row("action", "card_share", OWN, "U0GRACE|Zeta {mark}", {}, NOT_THERE, roles=("member",)),
    Row("action", "card_share", OWN, "D0GRACE|Zeta {mark}", {}, NOT_THERE, roles=("member",)),
    Row("action", "no_such_button", DEAL, "{deal}", {}, UNKNOWN, roles=("member",)),
    Row("shortcut", "no_such_shortcut", FAIR, "", {}, UNKNOWN, roles=("member",)),
    Row("view", "no_such_form", FAIR, "", {}, UNKNOWN, roles=("member",)),
    Row("command", "/no-such-command", FAIR, "", {}, UNKNOWN, roles=("member",)),
    # The form of one place, with another's id in what it keeps.
    Row("view", "vendor_decide", "D0GRACE", "", {}, filled=_DECIDED, roles=("reviewer",)),
    Row("view", "vendor_decide", "C0SECRET", "", {}, filled=_DECIDED, roles=("reviewer",)),
    Row("action", "evidence_page_on", "C0SECRET", "0", {}, roles=("member",)),
    Row("action", "evidence_page_on", FAIR, "0", {}, roles=("member",)),
)
"""Payloads whose ids were altered: none does anything."""
