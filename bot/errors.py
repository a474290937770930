"""The error family of the people's side.

BotError
├── ModelFailed      the language model gave no usable draft within the budget
├── BudgetSpent      the tokens or the money that may be spent on the model today are used up
├── NotTaken         what came in could not be stored in time, and is to be sent again
├── NotInstalled     the app is not installed, or not any more, in the workspace that is asked about
├── PlatformUnreachable  a platform did not say what must be known before an event is taken
├── SettingsRefused  a setting holds a value that cannot be used
├── Gone             a message that was to be changed is not there any more
├── Untold           a platform did not take now what was to be shown
├── KeepingRefused   what an administrator wants cannot be done
├── RulingRefused    a reviewer's decision about a match cannot be kept
├── DecisionRefused  a decision about a vendor cannot be kept
├── HandingRefused   an answer cannot be handed to its policy's owner, or taken back from there
├── FileUnread       a file that came with a question cannot be had or read
├── BatchRefused     a file of vendors, or the place of its report, cannot be used
└── EvaluationRefused  files to measure with are not in the form that was asked for

Messages are for logs and administrators; doors have words of their own.
"""


class BotError(Exception):
    """Anything that goes wrong on the people's side."""


class ModelFailed(BotError):
    """The language model gave no usable draft; `why` is one word for the record, never the model's text."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the language model gave no usable draft: {why}")
        self.why = why


class BudgetSpent(BotError):
    """What may be spent on the model today is used up; `whose` is user, place, all, cost or unknown."""

    def __init__(self, whose: str) -> None:
        super().__init__(f"the day's budget of the language model is used up: {whose}")
        self.whose = whose


class NotTaken(BotError):
    """What came in could not be stored before the platform's time was up; it is to be sent again."""


class NotInstalled(BotError):
    """The app is not in this workspace."""

    def __init__(self) -> None:
        super().__init__("the app is not installed in this workspace")


class PlatformUnreachable(BotError):
    """What must be known before an event is taken is not to be had now; the platform delivers it again."""

    def __init__(self) -> None:
        super().__init__("the platform did not say whose token it is")


class Gone(BotError):
    """A message that was to be changed is not there any more, or may not be changed."""


class Untold(BotError):
    """A platform did not take what was to be shown; `why` is one word for the log, `seconds` how long it wants us to wait."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(f"the platform did not take it: {why}")
        self.why, self.seconds = why, seconds


class SettingsRefused(BotError):
    """A setting holds a value that cannot be used."""


class EvaluationRefused(BotError):
    """Files to measure with are not in the form that was asked for."""


class RulingRefused(BotError):
    """A reviewer's decision about a match cannot be kept; the message is for people and says what was kept."""


class DecisionRefused(BotError):
    """A decision about a vendor cannot be kept; the message is for people and says what was kept."""


class HandingRefused(BotError):
    """An answer cannot be handed to its policy's owner, or resolved; the message is a sentence for people."""


class KeepingRefused(BotError):
    """What an administrator wants cannot be done; the message is a sentence for people and says what was kept."""


class FileUnread(BotError):
    """A file that came with a question cannot be had or read; the message is a clause for people that says why."""


class BatchRefused(BotError):
    """A file of vendors, or the place of its report, cannot be used."""
