"""Which language a comment is in, as far as a small table of words and scripts can tell.

Lives here: detection for answers that must name a language. Not here: which languages the model
knows. It is coarse on purpose: a short text in Latin letters counts as English until its words say
clearly otherwise, because refusing to score an English comment costs more than scoring another.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_LONGEST_LOOK = 2_000
"""Code points that are looked at: enough to tell, and a bound on the work."""

_SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "LATIN": "latin",
}

# Words that carry the grammar of a language; those that English has too are left out of the others.
_LISTS = {
    "de": "der das und ist nicht ich ein eine einen mit auf dem von zu wir ihr auch aber dass"
    " für sind wie wenn über bei kein keine du bist sich nur noch schon mich dich",
    "es": "el los las que de y es una por con para pero como está muy más eres hola gracias qué"
    " soy todo ese eso esto tú porque cuando tu estás yo nada",
    "fr": "le les des est et que qui dans pour pas je tu vous nous une avec sur ce ne mais très"
    " être bonjour merci elle ils cette mon ton c'est j'ai quoi suis",
    "it": "che non è di una sono con questo il gli della anche perché ciao grazie più sei ho lo"
    " mi ti hai cosa tutto del nel",
    "pt": "que não uma com para você mas muito isso está são por os dos das também eu obrigado"
    " ele ela seu é de um na tu tem meu",
    "nl": "het een niet van ik dat zijn voor maar wat je met ook naar deze heeft geen bij jij"
    " wij en de bent",
    "tr": "ve bir bu için değil çok ne ama gibi daha sen yok kadar mi ben seni bana",
    "en": "the and you is are to of a in it that this i your for was on with not be have he she"
    " they we my me so do but what at just if or no can will like all as from by an who how why"
    " there their them his her him our about when which would could should has had were been"
    " did does don't i'm it's you're",
}
_WORDS_OF = {language: frozenset(words.split()) for language, words in _LISTS.items()}

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_UKRAINIAN = frozenset("іїєґ")


def detect(text: str) -> tuple[str, ...]:
    """Return ISO 639-1 codes, likeliest first; empty when the text has no letters."""
    look = text[:_LONGEST_LOOK].casefold()
    scripts = Counter(filter(None, map(_script, look)))
    if not scripts:
        return ()
    ranked = scripts.most_common(2)
    # A few letters of another script are a name or a joke, not a language.
    told = [script for script, count in ranked if count == ranked[0][1] or count * 2 > ranked[0][1]]
    found = [
        each for script in told for each in (_in_latin(look) if script == "latin" else (script,))
    ]
    if "ja" in scripts and "zh" in found:
        found = ["ja" if each == "zh" else each for each in found]
    if found[0] == "ru" and not _UKRAINIAN.isdisjoint(look):
        found[0] = "uk"
    return tuple(dict.fromkeys(found))


def _script(character: str) -> str | None:
    if not character.isalpha():
        return None
    if character.isascii():
        return "latin"
    return _SCRIPTS.get(unicodedata.name(character, "").partition(" ")[0])


def _in_latin(text: str) -> tuple[str, ...]:
    words = Counter(word.replace("’", "'") for word in _WORD.findall(text))
    votes = Counter(
        {
            language: sum(words[each] for each in known.intersection(words))
            for language, known in _WORDS_OF.items()
        }
    )
    english = votes.pop("en")
    ((best, count),) = votes.most_common(1)
    if count < max(2, 2 * english + 1):
        return ("en",)
    return (best, "en") if english else (best,)
