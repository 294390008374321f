"""Words pulled apart: `f u n`, `f.u.n`, `f un`.

Lives here: which pieces are put together again. Pieces join only where no ordinary word would
lose its boundary. Not here: what stands between letters in the place of one
(`bot.text.censoring`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from bot.text.addresses import is_address
from bot.text.need import Need
from bot.text.tracked import Edit, Tracked


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHORT_WORDS = _words(
    """
    a i o u am an as at ad ah aw ax be by do eh ex go ha he hi ho if in is it la lo ma me mi my no
    of oh ok on or ow ox oy pa pi re so to uh um un up us we ya ye yo
    act add ado age ago aid aim air ale all and ant any ape app apt arc are ark arm art ash ask ate
    awe axe aye bad bag ban bar bat bay bed bee beg bet bid big bin bit bob bog boo bot bow box boy
    bra bro bud bug bun bus but buy bye cab can cap car cat cop cot cow coy cry cub cud cue cup cut
    dab dad dam day den dew did die dig dim din dip doc doe dog don dot dry dub due dug duo dye ear
    eat ebb eco egg ego elf elk elm end era eve ewe eye fab fad fan far fat fax fed fee few fig fin
    fir fit fix flu fly fog for fox fry fun fur gag gap gas gay gel gem get gin god got gum gun gut
    guy gym had ham has hat hay hen her hey hid him hip his hit hog hop hot how hub hue hug hum hut
    ice ill imp ink inn ion its ivy jab jam jar jaw jet jew job jog joy jug key kid kin kit lab lad
    lag lap law lay led leg let lid lie lip lit log lot low mad man map mat max may men met mid mix
    mob mom mop mud mug mum nap net new nil nod nor not now nun nut oak oat odd off oil old one opt
    orb ore our out owe owl own pad pal pan par pat paw pay pea peg pen per pet pie pig pin pit pop
    pot pro pub pun put rag ram ran rap rat raw ray red rib rid rim rip rob rod rot row rub rug rum
    run rye sad sat saw say sea see set sew she shy sin sip sir sit six ski sky sly sob son sow soy
    spa spy sub sue sum sun tab tag tan tap tar tax tea ten the tie tin tip toe ton too top tow toy
    try tub tug two use van vet via vow wag war was wax way web wed wet who why wig win wit won wow
    yes yet you zip zoo lol lmao omg idk ive im ill id ur etc hmm btw thx pls plz gonna dont cant
    back been best both call came come could does done down each else even ever face fact feel find
    from gave girl give goes good half hand hard have head hear help here high hole home hope into
    just keep kind king know last late left less life like line list live long look lose love made
    make many mean mind more most much must name near need next nice once only over part pass past
    play plus post push read real rest said same seem self sell send shot show side some soon sort
    stay stop such sure take talk tell than that them then they this time told took true turn very
    wait walk want week well went were what when will wish with word work year your hits its sits
    """
)
"""Ordinary words of up to four letters: a piece that is one of them is no piece of a word."""

ABBREVIATIONS = _words(
    """
    mr mrs dr st ms jr sr vs tv pc cd dvd ps pm kg km cm mm ml hz hr hrs ft sq nd rd th rs btw thx
    tbh nvm brb ty np hmm hm shh psst pls plz rn fr ngl smh tmr wtf gg gl hf bc by my why try fly
    dry cry sky shy sly spy gym tv fps rpg npc gpt css html php sql xml pdf mp gb mb kb tb lbs tbd rt nyc nfl nba fbi cnn bbc dm dms irl ftw gtfo stfu
    """
)
"""Short words without vowels that people write: no piece of a word either."""


_BESIDE_WORDS = _words(
    """
    al ed jo ty ann bob dan del ken kim leo lou ray ron ros sam sue tom wan wen
    ar au ca ch ci co cu da de di dr du el em en er es et ex fa fi fo ge ic id il ki la le li
    mc mi mo na ne ni no nu os pe po qu ra re ri ro sa se si sh su ta te th ti tu un va ve vi vs ze
    bio eco ext fag gay gen god hor inc int jew max min mis neo non pos pre pro sex sub tit uni
    ain ant ers est ing ion ish ism ist ity ive ize ly
    """
)
"""Names, prefixes, endings and words of other languages, which stand beside English words."""

_KNOWN_PIECES = SHORT_WORDS | ABBREVIATIONS | _BESIDE_WORDS
_LONGEST_FRAGMENT = 3


def is_fragment(piece: str) -> bool:
    """Whether `piece` is short, and neither a word nor anything else that stands among words."""
    return len(piece) <= _LONGEST_FRAGMENT and piece not in _KNOWN_PIECES


def respelled(tracked: Tracked, needs: int) -> Iterator[Tracked]:
    """Yield the text with single letters and punctuated pieces put together, likeliest first."""
    text = tracked.text
    spelled = [
        (found.start(), found[0])
        for found in (_SPELLED.finditer(text) if needs & Need.SPELLED else ())
        if _mostly_letters(found[0]) and not _is_formula(found[0])
    ]
    for by_gap in (False, True) if any(_is_uneven(chain) for _, chain in spelled) else (False,):
        edits = (edit for each in spelled for edit in _without_gaps(*each, by_gap=by_gap))
        joined = tracked.edited(edits, "separators")
        chain = needs & Need.CHAINED or joined is not tracked
        yield _chained(joined) if chain else joined


_SPELLED = re.compile(
    r"(?<![^\W_])(?<![^\W_]['’])(?:[^\W_]|[@$!<])"
    r"(?:(?!['’][^\W_])[\W_]{1,12}?(?:[^\W_]|[@$!<])(?![^\W_])){2,}"
)
_GAP = re.compile(r"[\W_]+")
_INNER_GAP = re.compile(r"(?!\A)[\W_]+")


def _mostly_letters(spelled: str) -> bool:
    signs = [c for c in spelled if c.isalnum()]
    letters = sum(map(str.isalpha, signs))
    return letters >= 2 and letters * 2 >= len(signs)  # noqa: PLR2004 - a pair, and one half


_BRACKETS = frozenset("()[]{}")
_OPERATORS = frozenset("*/+^=<>")


def _is_formula(chain: str) -> bool:
    """Whether letters stand among signs as in `f(u) = c*k`, which spells nothing."""
    signs = {sign for sign in chain if not sign.isalnum() and not sign.isspace()}
    operators = signs & _OPERATORS
    return bool(operators) and (not signs.isdisjoint(_BRACKETS) or ("=" in signs and signs > {"="}))


def _is_uneven(spelled: str) -> bool:
    """Whether some gaps are wider than others."""
    return len({len(gap) for gap in _INNER_GAP.findall(spelled)}) > 1


def _without_gaps(offset: int, spelled: str, *, by_gap: bool) -> Iterator[Edit]:
    """Yield the removal of gaps; with `by_gap`, wider ones than the narrowest part words."""
    gaps = [(gap.start(), gap[0]) for gap in _GAP.finditer(spelled) if gap.start() > 0]
    narrowest = min((len(gap) for _, gap in gaps), default=0)
    for start, gap in gaps:
        kept = "".join(c for c in gap if c in "@$!<") if len(gap) > 1 else ""
        if start + len(gap) == len(spelled) and not kept:
            continue
        wide = by_gap and len(gap) > narrowest
        yield Edit(offset + start, offset + start + len(gap), " " if wide else kept)


_CHAIN = re.compile(
    r"(?<![^\W_])(?<![@$])(?:[^\W_]|[@$])+(?:(?!['’](?:[stdm]|re|ve|ll|em)(?![^\W_]))(?:(?![@$])[^\w\s]){1,3}(?:[^\W_]|[@$])+|_{1,3}(?:[^\W_]|[@$])+)+"
)
# No chain is without one: most texts are spared the search for chains.
_LINK = re.compile(r"[^\w\s](?:[^\W_]|[@$])")
_JOINT = re.compile(r"(?:(?![@$])[\W_])+")
_LETTER_AT_JOINT = re.compile(r"(?:[^\W\d_]|[@$])(?![@$])[\W_]|(?![@$])[\W_](?:[^\W\d_]|[@$])")
_PLAIN_JOINTS = frozenset("-_./\\|~*+=^·•")
_LONG_ENOUGH = 6


def _chained(tracked: Tracked) -> Tracked:
    """Join pieces between which punctuation stands without white space."""
    if "_" not in tracked.text and not _LINK.search(tracked.text):
        return tracked
    edits = (
        Edit(found.start() + joint.start(), found.start() + joint.end(), "")
        for found in _CHAIN.finditer(tracked.text)
        if _is_pulled_apart(found[0])
        for joint in _JOINT.finditer(found[0])
    )
    return tracked.edited(edits, "separators")


def _is_pulled_apart(chain: str) -> bool:
    if is_address(chain) or _is_formula(chain) or not _LETTER_AT_JOINT.search(chain):
        return False
    pieces = _JOINT.split(chain)
    if any(piece.isdigit() for piece in pieces if len(piece) > 1):
        return False
    if any(len(piece) == 1 or not_a_word(piece) for piece in pieces):
        return True
    plain = all(joint in _PLAIN_JOINTS for joint in _JOINT.findall(chain))
    short = min(map(len, pieces)) <= LONGEST_PIECE
    return plain and short and sum(map(len, pieces)) >= _LONG_ENOUGH


_CONSONANTS = re.compile(r"(?!([a-rt-z])\1)[b-df-hj-np-tv-z]{1,3}")
ODD_PAIRS = frozenset(
    [2 * letter for letter in "bcdfghjkmnpqrtvwxz"]
    + ["ss", "ck", "nk", "nt", "nd", "mp", "rt", "rd", "rk", "rs", "lt", "ld", "lk", "tc", "xt"]
)
"""Pairs with which no English word begins."""

LONGEST_ODD = 6
LONGEST_PIECE = 3
LONGEST_NEIGHBOUR = 7
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]++(?![^\W_])")
_APOSTROPHE = re.compile("['’][ ]?$")


@lru_cache(maxsize=4096)
def not_a_word(piece: str) -> bool:
    """Whether no English word and no usual abbreviation is spelled `piece`."""
    if len(piece) > LONGEST_ODD or piece in ABBREVIATIONS or piece in SHORT_WORDS:
        return False
    odd = piece[:2] in ODD_PAIRS and len(piece) > len("ck")
    return odd or _CONSONANTS.fullmatch(piece) is not None


# A text with more of them does not hide a word among others.
_MOST_PIECES = 40


def pieces_joined(tracked: Tracked) -> Iterator[Tracked]:
    """Join a run of pieces by itself, with the word before, with the word after, with both."""
    text = tracked.text
    odd = [i for i, word in enumerate(_WORD.findall(text)) if not_a_word(word)]
    if not 0 < len(odd) <= _MOST_PIECES:
        yield tracked
        return
    words = list(_WORD.finditer(text))
    runs = list(_runs(text, words, odd))
    for left, right in ((0, 0), (1, 0), (0, 1), (1, 1)):
        edits: list[Edit] = []
        for first, last in runs:
            start, end = first - left, last + right
            if start >= 0 and end < len(words) and _may_join(words, (first, last), start, end):
                edits += _gaps(text, words[start : end + 1], after=edits)
        yield tracked.edited(edits, "separators")
    edits = []
    for first, last in _chopped(words, odd):
        edits += _gaps(text, words[first : last + 1], after=edits)
    if edits:
        yield tracked.edited(edits, "separators")


_FEWEST_CHOPPED = 4


def _chopped(words: Sequence[re.Match[str]], odd: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of short pieces, half of them at least no words: `ki ll yo ur se lf`."""
    done = 0
    for i in odd:
        if i < done:
            continue
        first = done = i
        while first > 0 and len(words[first - 1][0]) <= LONGEST_PIECE:
            first -= 1
        while done < len(words) and len(words[done][0]) <= LONGEST_PIECE:
            done += 1
        unknown = sum(words[place][0] not in SHORT_WORDS for place in range(first, done))
        if done - first >= _FEWEST_CHOPPED and unknown * 2 >= done - first:
            yield first, done - 1


def _runs(
    text: str, words: Sequence[re.Match[str]], odd: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """Yield the indices of the first and last word of each run around a piece that is no word."""
    done = 0
    for i in odd:
        if i < done or not _is_piece(text, words[i]):
            continue
        first, done = i, i + 1
        while first > 0 and _is_piece(text, words[first - 1]):
            first -= 1
        while done < len(words) and _is_piece(text, words[done]):
            done += 1
        yield first, done - 1


def _is_piece(text: str, word: re.Match[str]) -> bool:
    piece = word[0]
    short = len(piece) <= LONGEST_PIECE and piece not in SHORT_WORDS
    if not short and not not_a_word(piece):
        return False
    return not _APOSTROPHE.search(text, max(0, word.start() - 2), word.start())


def _may_join(words: Sequence[re.Match[str]], run: tuple[int, int], start: int, end: int) -> bool:
    """Whether the words beside a run may belong to it: no letter joins an ordinary word."""
    first, last = run
    beside = [words[i][0] for i in (start, end) if not first <= i <= last]
    if any(len(word) > LONGEST_NEIGHBOUR for word in beside):
        return False
    lone = first == last and len(words[first][0]) == 1
    return not lone or not any(len(word) == 1 or word in SHORT_WORDS for word in beside)


def _gaps(text: str, words: Sequence[re.Match[str]], after: Sequence[Edit]) -> Iterator[Edit]:
    """Yield the removal of white space between `words`, where it is nothing else."""
    done = after[-1].end if after else 0
    for word, following in pairwise(words):
        gap = text[word.end() : following.start()]
        if word.end() >= done and gap and len(gap) <= LONGEST_PIECE and gap.isspace():
            yield Edit(word.end(), following.start(), "")
