"""The ledger's tables: what every edition holds, who may read it, and what was answered from it."""

from sqlalchemy import JSON as JSON_
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_READERS = Text().with_variant(String(80), "sqlite")
"""A visibility with all its groups and users; SQLite takes any length under the type that it was first given."""

sources = Table(
    "sources",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("type", String(40), nullable=False),
    Column("at", Text, nullable=False),
    Column("kind", String(40)),
    Column("jurisdiction", String(8), nullable=False),
    Column("visibility", _READERS, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("every", Integer, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("checked_at", DateTime(timezone=True)),
    Column("good_at", DateTime(timezone=True)),
    Column("error", Text),
)

reads = Table(
    "reads",
    metadata,
    Column("source", String(80), primary_key=True),
    Column("ref", String(1000), primary_key=True),
    Column("mark", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("raw_hash", String(32), nullable=False),
    Column("recipe", String(32), nullable=False),
    Column("version_ids", JSON_, nullable=False),
    Column("error", Text, nullable=False),
    Column("passed_over", Text, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
"""What came of the last reading of each document of a source; a refresh that finds it unchanged does not read it again."""

versions = Table(
    "versions",
    metadata,
    Column("version_id", String(32), primary_key=True),
    Column("document_id", String(400), nullable=False, index=True),
    Column("source", String(80), nullable=False),
    Column("ref", String(1000), nullable=False),
    Column("visibility", _READERS, nullable=False),
    Column("facts", JSON_, nullable=False),
    Column("text", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
)

passages = Table(
    "passages",
    metadata,
    Column("version_id", ForeignKey("versions.version_id"), primary_key=True),
    Column("passage_id", String(16), primary_key=True),
    Column("citation", String(400), nullable=False),
    Column("heading", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text_hash", String(32), nullable=False),
    Column("entry_key", String(32), nullable=False),
    Column("context", Text, nullable=False),
    Column("part", String(20), nullable=False),
    Column("term", Text, nullable=False),
    Column("page", Integer),
    Column("applies_from", Date),
    Column("ends_on", Date),
    Index("passages_by_id", "passage_id"),
    Index("passages_by_key", "entry_key"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("embedder", String(80), primary_key=True),
    Column("text_hash", String(32), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("embedder", String(80), nullable=False),
    Column("dimensions", Integer, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("starter", String(32), nullable=False),
    Column("report", JSON_, nullable=False),
)

edition_versions = Table(
    "edition_versions",
    metadata,
    Column("number", ForeignKey("editions.number"), primary_key=True),
    Column("version_id", ForeignKey("versions.version_id"), primary_key=True),
    Index("edition_versions_by_version", "version_id"),
)

shelves = Table(
    "shelves",
    metadata,
    Column("number", ForeignKey("editions.number"), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("visibility", Text, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("centroid", LargeBinary, nullable=False),
    Column("dead", JSON_, nullable=False),
)
"""One row per edition and shelf: an immutable vector segment and lexical index of passages with one visibility.

`passages` counts all that the shelf holds; `dead` gives the ids of those that this edition no longer has, by entry key.
"""

shelf_members = Table(
    "shelf_members",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("members", LargeBinary, nullable=False),
)
"""The entry keys that a shelf was built from, 16 bytes each, in order."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("document_id", String(400), primary_key=True),
    Column("number", ForeignKey("editions.number"), primary_key=True),
    Column("version_id", ForeignKey("versions.version_id"), nullable=False),
)
"""Documents that an edition no longer has, with the last version that the edition before it had."""

pointer = Table(
    "pointer",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", ForeignKey("editions.number"), nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("answer_id", String(32), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("edition", Integer),
    Column("asker", String(200), nullable=False),
    Column("body", JSON_, nullable=False),
    Column("n", Integer, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    Index("receipts_in_order", "n", unique=True),
    Index("receipts_by_edition", "edition"),
)
"""The record of every answer; once `removed_at` is set its content is gone, and number and seals keep its place."""

chain = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
)
"""One row: the number and the seal of the receipt that was kept last; writers lock it in turn."""

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)
"""Random keys that every process of this ledger shares."""

citings = Table(
    "citings",
    metadata,
    Column("passage_id", String(16), primary_key=True),
    Column("answer_id", ForeignKey("receipts.answer_id"), primary_key=True),
    Column("citation", String(400), nullable=False),
)
"""Which answers cite which passages, so that a refresh can tell whose ground has moved."""

turns = Table(
    "turns",
    metadata,
    Column("answer_id", String(32), primary_key=True),
    Column("thread", String(200), nullable=False),
    Column("asker", String(200), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("question", Text, nullable=False),
    Column("documents", JSON_, nullable=False),
    Column("files", JSON_, nullable=False, server_default="[]"),
    Index("turns_by_thread", "thread", "asker"),
)
"""The questions of each conversation, so that a follow-up can lean on those before it."""

gaps = Table(
    "gaps",
    metadata,
    Column("answer_id", String(32), primary_key=True),
    Column("asker", String(200), nullable=False),
    Column("question", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("back", JSON_, nullable=False),
    Column("filled_by", String(32), nullable=False),
)
"""Questions that could not be answered, the last edition that was tried, and how the asker is reached."""

spending = Table(
    "spending",
    metadata,
    Column("scope", String(260), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
)
"""Tokens and money, in millionths, spent on language models or set aside for a call, by scope and day (UTC)."""

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("sources", JSON_, nullable=False),
    Column("state", String(20), nullable=False),
    Column("step", String(20), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("report", JSON_),
)
"""Every refresh with how far it is: running, published, unchanged, refused or failed."""

list_states = Table(
    "list_states",
    metadata,
    Column("list_id", String(80), primary_key=True),
    Column("number", Integer),
    Column("failure", Text, nullable=False),
    Column("failed_at", DateTime(timezone=True)),
)
"""Which reading of each screening list was taken last, None for one that was taken out, and why a later one was refused."""

list_readings = Table(
    "list_readings",
    metadata,
    Column("list_id", String(80), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("snapshot", Date),
    Column("read_at", DateTime(timezone=True), nullable=False),
    Column("current_on", Date, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("parties", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("gap", Text, nullable=False),
    Column("skipped", JSON_, nullable=False),
    Column("shape", JSON_, nullable=False),
    Column("refs", LargeBinary, nullable=False),
)
"""Each taken reading of a list: what its gates must know of it, and the day on which it is known to have been current."""

list_parties = Table(
    "list_parties",
    metadata,
    Column("list_id", String(80), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
"""The organisations of a reading in its order, some hundred in each compressed part."""

list_service = Table(
    "list_service",
    metadata,
    Column("list_id", String(80), primary_key=True),
    Column("number", Integer, nullable=False),
)
"""The readings that screening stands on: all rows change in one transaction, once the index of their names is built."""

rulings = Table(
    "rulings",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("key", String(200), nullable=False),
    Column("asked", String(64), nullable=False),
    Column("vendor", Text, nullable=False),
    Column("party", String(300), nullable=False),
    Column("name", Text, nullable=False),
    Column("row", String(64), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("key", "party", name="one_ruling_by_event"),
    Index("rulings_by_asked", "asked"),
)
"""What reviewers decided about matches, in their order; never changed, the last one about a match stands."""

watches = Table(
    "watches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("watcher", String(200), nullable=False),
    Column("vendor", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("back", JSON_),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("look", String(64), nullable=False),
    Column("seen", JSON_, nullable=False),
    Column("news", JSON_, nullable=False),
    Column("news_at", DateTime(timezone=True)),
    Index("watches_by_watcher", "watcher"),
)
"""The vendors that people watch: what the last look saw, what it found different, and how a door reaches the watcher."""

beats = Table(
    "beats",
    metadata,
    Column("executor", String(200), primary_key=True),
    Column("sign", String(80), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)
"""The last sign of life of each worker; who leaves no new one is taken over."""

asked = Table(
    "asked",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("scope", String(200), primary_key=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Index("asked_by_scope", "scope", "asked_at"),
)
"""The questions of the last days by asker and by place, for the limits."""

stops = Table(
    "stops",
    metadata,
    Column("session", String(200), primary_key=True),
    Column("asker", String(200), primary_key=True),
    Column("at", Float, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False),
)
"""When somebody last pressed stop in a thread, in seconds since 1970 by the platform's clock; no asker is everybody's."""

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("door", String(40), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("failed_at", DateTime(timezone=True), nullable=False),
    Column("why", Text, nullable=False),
    Column("payload", JSON_(none_as_null=True)),
    Column("message", JSON_(none_as_null=True)),
    Column("tries", Integer, nullable=False),
    Column("next_at", DateTime(timezone=True)),
    Index("dead_letters_by_next", "next_at"),
)
"""Work that could not be delivered: the reason in words, what came in, the message, and when a worker tries it again."""
decisions = Table(
    "decisions",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("asked", String(64), nullable=False),
    Column("vendor", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("choice", String(40), nullable=False),
    Column("conditions", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("until", Date, nullable=False),
    Column("level", String(20), nullable=False),
    Column("receipt", String(40), nullable=False),
    Column("who", String(200), nullable=False),
    Column("named", String(200), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("needs_second", Boolean, nullable=False),
    Column("second", String(200), nullable=False),
    Column("second_named", String(200), nullable=False),
    Column("second_at", DateTime(timezone=True)),
    Column("back", JSON_),
    Column("reminded_at", DateTime(timezone=True)),
    Index("decisions_by_asked", "asked"),
)
"""What was decided about vendors, in order; of a row only its second approver and its reminder are added later, once."""

feedback = Table(
    "feedback",
    metadata,
    Column("answer_id", String(40), primary_key=True),
    Column("who", String(200), primary_key=True),
    Column("value", String(10), nullable=False),
    Column("reasons", JSON_, nullable=False),
    Column("words", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""What people think of answers: the last word of each person about each answer."""

handoffs = Table(
    "handoffs",
    metadata,
    Column("answer_id", String(40), primary_key=True),
    Column("key", String(200), nullable=False),
    Column("owners", JSON_, nullable=False),
    Column("asker", String(200), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("resolver", String(200), nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
)
"""The answers about which a policy's owner was asked, once each, and who said that this is resolved."""
deeds = Table(
    "deeds",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("door", String(20), nullable=False),
    Column("who", String(200), nullable=False),
    Column("team", String(80), nullable=False),
    Column("what", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)
"""What administrators did, in order; the database itself refuses to change or to remove a row."""

pairs = Table(
    "pairs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("brand", String(300), nullable=False),
    Column("legal", String(300), nullable=False),
    Column("source", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
)
"""The brands that administrators tied to a legal name, beside those that ship."""

renewals = Table(
    "renewals",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("who", String(200), nullable=False),
    Column("team", String(80), nullable=False),
    Column("sources", JSON_, nullable=False),
    Column("back", JSON_, nullable=False),
    Column("open", Integer, unique=True),
    Column("tries", Integer, nullable=False),
    Column("progress", JSON_, nullable=False),
    Column("outcome", JSON_(none_as_null=True)),
)
"""The refreshes that were asked for in a chat: `open` is 1 until its message says how it ended, so there is one at a time."""

posts = Table(
    "posts",
    metadata,
    Column("answer_id", String(32), primary_key=True),
    Column("door", String(20), nullable=False),
    Column("back", JSON_, nullable=False),
    Column("posted_at", DateTime(timezone=True), nullable=False),
)
"""Where each answer was posted, as its door left it: the way back into that thread."""
installs = Table(
    "installs",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("installed_at", DateTime(timezone=True), nullable=False),
)
"""The installations of a chat platform by workspace; a body is encrypted with CAVEAT_SECRET_KEY."""

install_states = Table(
    "install_states",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
)
"""The hashes of the states of installations under way; a state is taken away when it is used."""
sent = Table(
    "sent",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("conversation", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("message", JSON_),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("answer", String(32), nullable=False, server_default=""),
    Index("sent_by_activity", "activity"),
    Index("sent_by_age", "at"),
)
"""What was sent to Teams, which cannot be searched: begun before it is sent, with its id once that is known, and the answer that it
shows; and the streams that were begun in Slack, which show no key before they end."""
