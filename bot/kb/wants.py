"""What an administrator's payload can want (its `do`), at every door."""

COMMAND, START, REMOVE, ROLLBACK, ADD, SHARED, FILE, TELL, CHANGED, SAY = (
    "kb", "kb_start", "kb_remove", "kb_rollback", "kb_add", "kb_shared", "kb_file", "kb_tell", "kb_changed", "kb_say",
)  # fmt: skip
"""CHANGED is done for whoever asked and SAY for whoever did something, all others for an administrator."""
ACTS = {
    START: "refresh", REMOVE: "source removed", ROLLBACK: "rollback", ADD: "source added", FILE: "upload", TELL: "update posted",
}  # fmt: skip
"""What changes something, as the audit log names it."""
