"""What people can say of an answer: that it helped, or why it did not, in words that every door asks alike."""

UP, DOWN = "up", "down"
REASONS = {
    "wrong_citation": "A citation is wrong",
    "not_the_question": "It does not answer the question",
    "incomplete": "Something is missing",
    "outdated": "It is outdated",
    "other": "Something else",
}
LONGEST = 1_000
"""Characters of what somebody writes beside the reasons."""
TITLE, WHY, WORDS = "What did not help?", "Why", "What should it have said?"
THANKS = "Thank you. It is kept with this answer, and what you say last counts."
SEEN = "An administrator sees your reasons."
