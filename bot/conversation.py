"""What was said before any search: greetings, empty or unreadable messages, and languages the sources are not in."""

import re
import unicodedata
from dataclasses import dataclass

from bot.model import Outcome
from knowledge.parse.clean import visible

LONGEST = 4_000
"""Characters of a question; longer ones are refused before any work is done on them."""

_GREETING = re.compile(
    r"^(hi|hello|hey|hallo|hiya|howdy|good (morning|afternoon|evening|day)|greetings|yo|moin|servus|bonjour|hola|ciao"
    r"|thanks?( you)?( very much| a lot)?|thx|cheers|ok(ay)?|great|bye|goodbye|test(ing)?|ping"
    r"|help|who are you|what (can|do) you do|how are you)( there| caveat| bot| all| everyone| team)?$",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<@[A-Z0-9]+(\|[^>]*)?>")
_INTRODUCTION = (
    "Hello. Ask me a procurement-risk question and I answer from regulations, company policies and dated news, each"
    " sentence with its quote and source. For example: “Can we host EU customer data on Alibaba Cloud?” or “How soon"
    " must a processor tell us about a data breach?”"
)
_LANGUAGES = {
    "CJK": "我的知识库是英文的，请用英文提问。",
    "HIRAGANA": "ナレッジベースは英語です。英語で質問してください。",
    "KATAKANA": "ナレッジベースは英語です。英語で質問してください。",
    "HANGUL": "지식 베이스는 영어로 되어 있습니다. 영어로 질문해 주세요.",
    "CYRILLIC": "Моя база знаний на английском языке. Пожалуйста, задайте вопрос по-английски.",
    "ARABIC": "قاعدة معارفي باللغة الإنجليزية. يرجى طرح السؤال بالإنجليزية.",
    "HEBREW": "מאגר הידע שלי באנגלית. אנא שאלו באנגלית.",
    "GREEK": "Η βάση γνώσης μου είναι στα αγγλικά. Παρακαλώ ρωτήστε στα αγγλικά.",
    "DEVANAGARI": "मेरा ज्ञान-भंडार अंग्रेज़ी में है। कृपया अंग्रेज़ी में पूछें।",
    "THAI": "ฐานความรู้ของฉันเป็นภาษาอังกฤษ โปรดถามเป็นภาษาอังกฤษ",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A reply that needs no search, in words for the person who wrote."""

    outcome: Outcome
    words: str


def question_text(message: str) -> str:
    """Return what was asked: mentions and invisible characters out, white space folded."""
    return re.sub(r"\s+", " ", visible(_MENTION.sub(" ", message))).strip()


def notice(text: str) -> Notice | None:
    """Return the reply to a message that is no question to search for; None when it is one. Expects `question_text`."""
    if not text:
        return Notice(Outcome.EMPTY, f"There was no question in your message. {_INTRODUCTION.removeprefix('Hello. ')}")
    if len(text) > LONGEST:
        return Notice(
            Outcome.TOO_LONG,
            f"Your message has {len(text):,} characters; I read questions of up to {LONGEST:,}. Nothing was searched."
            " Please send the question itself, in a few sentences.",
        )
    if _GREETING.match(text.strip(" !.?,")):
        return Notice(Outcome.GREETING, _INTRODUCTION)
    letters = [char for char in text if char.isalpha()]
    if len(letters) < 2:
        return Notice(
            Outcome.UNREADABLE,
            "I could not find a question in words there, so nothing was searched. Please write it as a sentence.",
        )
    foreign = [char for char in letters if _script(char) != "LATIN"]
    if len(foreign) * 2 > len(letters):
        scripts = [_script(char) for char in foreign]
        # Japanese mixes scripts: its own syllables tell it from Chinese.
        script = next(
            (name for name in scripts if name in {"HIRAGANA", "KATAKANA"}), max(set(scripts), key=scripts.count)
        )
        own = _LANGUAGES.get(script, "")
        return Notice(
            Outcome.LANGUAGE,
            f"{own} My sources are in English, so I did not search for this and cite nothing."
            " Please ask in English.".strip(),
        )
    return None


def _script(char: str) -> str:
    name = unicodedata.name(unicodedata.normalize("NFKC", char)[0], "")
    return name.split(" ")[0].split("-")[0] if name else ""
