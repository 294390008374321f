"""Speed of folding and matching: `python -m tests.benchmarks.matching [--comments N]`.

Prints comments a second on one core for the comments made here (81 characters on average; one in
fifty holds a term, half of these disguised), 1,000 and 10,000 terms and 50 patterns, spans
included, and in the same run the ratio to a loop over Python's `re` and to `better_profanity`
where that is installed; the collector of garbage rests for all of them, as it does in a replay.
Also what hostile comments of 4,000 characters cost, each by itself.
"""

from __future__ import annotations

import argparse
import importlib
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence

from bot.model import Evasion
from bot.replay import few_collections
from bot.rules.fuzz import obfuscations
from bot.rules.matcher import Matcher, Pattern, Term
from bot.text import fold, fold_many
from bot.text.separators import SHORT_WORDS

_ONSETS = re.findall(
    r"\w+", "b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sc"
)
_VOWELS = re.findall(r"\w+", "a e i o u ai ea ee ou oo")
_CODAS = ("", *re.findall(r"\w+", "b ck d ft g l ld m mp n nd nt p r rd rt s sh st t x"))
_BATCH = 4_096


def made_word(rng: random.Random, syllables: int) -> str:
    """Return a word that can be pronounced."""
    while True:
        word = "".join(
            rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(syllables)
        )
        if not re.search(r"([^eo])\1", word):
            return word


def made_terms(rng: random.Random, count: int) -> list[Term]:
    """Return entries as lists have them: words, some phrases, some wildcards."""
    terms: dict[str, Term] = {}
    while len(terms) < count:
        word = made_word(rng, 2)
        kind = rng.random()
        if kind < 0.1:
            word = f"{word} {rng.choice(sorted(SHORT_WORDS))}"
        elif kind < 0.2:
            word = rng.choice((f"{word}*", f"*{word}", f"*{word}*"))
        terms[word] = Term(word, Evasion.STRONG)
    return list(terms.values())


def made_patterns(rng: random.Random, count: int) -> list[Pattern]:
    """Return patterns as rules have them: a word, a gap, another word."""
    return [
        Pattern(
            rf"\b{made_word(rng, 1)}(?:s|ing)?\s+(?:\w+\s+){{0,2}}{made_word(rng, 2)}\b",
            Evasion.STRONG,
        )
        for _ in range(count)
    ]


def made_comments(rng: random.Random, count: int, terms: Sequence[Term]) -> list[str]:
    """Return comments as people chat, 81 characters long on average."""
    common = sorted(SHORT_WORDS)
    rare = [made_word(rng, 2) for _ in range(3_000)]
    return [_made_comment(rng, common, rare, terms) for _ in range(count)]


def _made_comment(
    rng: random.Random, common: Sequence[str], rare: Sequence[str], terms: Sequence[Term]
) -> str:
    words = []
    length = max(2, int(rng.gauss(15, 5)))
    for _ in range(length):
        word = rng.choice(common if rng.random() < 0.75 else rare)
        words.append(f"{word}," if rng.random() < 0.06 else word)
    spice = rng.random()
    place = rng.randrange(length)
    if spice < 0.02:
        words[place] = rng.choice(terms).core
        if spice < 0.01:
            words[place] = rng.choice([made for _, made in obfuscations(words[place], rng)])
    elif spice < 0.06:
        words[place] = str(rng.randrange(2_000))
    elif spice < 0.09:
        words[place] = rng.choice("😀😂👍🔥❤️")
    elif spice < 0.10:
        words[place] = f"https://example.org/{rng.randrange(10**6)}"
    elif spice < 0.14:
        words[place] = rng.choice(("don't", "it's", "I'm", "they're"))
    text = " ".join(words) + rng.choice(("", "", ".", "!", "?", "..."))
    return text.capitalize() if rng.random() < 0.5 else text


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that `work` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def ours(matcher: Matcher, comments: Sequence[str]) -> int:
    """Fold at `strong` and match, batch by batch; return how many comments hit."""
    hit = 0
    for start in range(0, len(comments), _BATCH):
        folded = fold_many(comments[start : start + _BATCH])
        hit += sum(found is not None for found in matcher.find_many(folded))
    return hit


def re_loop(terms: Sequence[Term], patterns: Sequence[Pattern]) -> Callable[[str], bool]:
    """Return the usual way: one compiled expression a term, one after the other."""
    compiled = [re.compile(rf"\b{re.escape(term.core)}\b", re.IGNORECASE) for term in terms]
    compiled += [re.compile(pattern.source, re.IGNORECASE) for pattern in patterns]
    return lambda text: bool([one for one in compiled if one.search(text)])


def better_profanity(terms: Sequence[Term]) -> Callable[[str], bool] | None:
    """Return that library's check, if it is installed."""
    try:
        library = importlib.import_module("better_profanity")
    except ImportError:
        return None
    profanity = library.Profanity()
    profanity.load_censor_words([term.core for term in terms])
    return lambda text: bool(profanity.contains_profanity(text))


def hostile() -> Iterator[tuple[str, str]]:
    """Yield texts of 4,000 characters that make a careless matcher slow."""
    yield "zalgo", ("a" + "\u0301\u0323\u0488" * 13) * 100
    yield "marks out of order", "a" + "\u0301\u0323" * 2_000
    yield "single letters", "f u n " * 666
    yield "hidden letters", "f*n b--d s_d " * 307
    yield "emphasis in emphasis", "*_~~||" * 333 + "x" + "||~~_*" * 333
    yield "signs", "a1!|$@" * 666
    yield "repeats", "aaabbbcccooo" * 333
    yield "overrides", "\u202eab\u202dcd" * 666
    yield "quotes", "> [quote]<q>{{tq|" * 235
    yield "quantified", "a" * 3_999 + "!"
    yield "strokes", "|\\/|" * 1_000
    yield "mentions", "@a " * 1_333
    yield "a chain", "a@" * 2_000
    yield "ligatures", "\ufdfa" * 4_000
    yield "phrases far apart", "kill  yourself " * 266
    yield "letters on their head", "\u01dd\u0250\u0279 " * 1_000
    yield "elisions", "l'ami d'un qu'il n'est j'ai c'est " * 117


CATASTROPHIC = [
    source
    for seed in ("a", "[ab]", r"\w", r"\S", "(?:a|a)", "(?:a|aa)")
    for source in (
        f"({seed}+)+$",
        f"({seed}*)*b",
        f"({seed}|{seed})+c",
        f"^({seed}+)*d",
        f"{seed}.*{seed}.*{seed}!!",
    )
]


def speed(matcher: Matcher, comments: Sequence[str]) -> float:
    """Return comments a second, the best of three runs, as in a replay."""
    with few_collections():
        ours(matcher, comments[:_BATCH])
        return len(comments) / min(seconds(lambda: ours(matcher, comments)) for _ in range(3))


def rivals(
    comments: Sequence[str], terms: Sequence[Term], patterns: Sequence[Pattern]
) -> dict[str, float]:
    """Return comments a second of the usual ways, by name."""
    checks = {"a loop over re": (re_loop(terms, patterns), 500)}
    library = better_profanity(terms)
    if library is not None:
        checks["better_profanity"] = (library, 50)
    with few_collections():
        return {
            name: sample / seconds(lambda: list(map(check, comments[:sample])))  # noqa: B023
            for name, (check, sample) in checks.items()
        }


def hostile_seconds(matcher: Matcher) -> dict[str, float]:
    """Return the seconds that folding and searching each hostile comment takes, by name."""
    return {
        name: min(seconds(lambda: matcher.find(fold(text))) for _ in range(3))  # noqa: B023
        for name, text in hostile()
    }


class Setting:
    """Made-up terms, patterns and comments."""

    def __init__(self, count: int) -> None:
        rng = random.Random(1)
        self.many = made_terms(rng, 10_000)
        self.terms = self.many[:1_000]
        self.patterns = made_patterns(rng, 50)
        self.comments = made_comments(rng, count, self.terms)
        self.hostile = Matcher(
            self.many, [Pattern(source, Evasion.STRONG) for source in CATASTROPHIC]
        )


def main() -> None:
    """Print all figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--comments", type=int, default=200_000)
    count = arguments.parse_args().comments
    made = Setting(count)
    print(f"{count:,} comments, {sum(map(len, made.comments)) / count:.1f} characters on average")
    few = speed(Matcher(made.terms, made.patterns), made.comments)
    print(f"1,000 terms, 50 patterns: {few:,.0f} comments a second")
    lots = speed(Matcher(made.many, made.patterns), made.comments)
    print(f"10,000 terms, 50 patterns: {lots:,.0f} comments a second")
    print(f"ten times the terms cost {few / lots:.2f} times as much")
    for name, theirs in rivals(made.comments, made.terms, made.patterns).items():
        times = f"we are {few / theirs:,.0f} times faster"
        print(f"{name}: {theirs:,.0f} comments a second; {times}")
    for name, took in hostile_seconds(made.hostile).items():
        print(f"hostile, {name}: {took * 1000:.1f} ms")


if __name__ == "__main__":
    main()
