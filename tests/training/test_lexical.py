import math

from bot.training import lexical
from bot.training.data import ABSENT, LABELS, Example

OTHERS = (ABSENT,) * (len(LABELS) - 1)


def row(text: str, toxicity: float) -> Example:
    return Example(text, (toxicity, *OTHERS), "jigsaw_slice")


ROWS = [row(f"you muppet log off {n}", 1.0) for n in range(60)]
ROWS += [row(f"what a nice day {n}", 0.0) for n in range(60)]


def test_words_tell_the_toxic_from_the_clean() -> None:
    model = lexical.fit([*ROWS, row("nobody has judged this", math.nan)])
    rude, kind = model.logits(["a muppet again", "a nice rain"])
    assert rude > 0 > kind
    assert len(model.logits([])) == 0


def test_a_text_is_judged_by_a_model_that_never_saw_it() -> None:
    secret = [row(f"zyxwv qponm {n}", 1.0) for n in range(400)]
    secret = [each for each in secret if lexical.fold_of(each.text) == 2]
    model = lexical.fit([*ROWS, *secret])
    texts = [each.text for each in secret]
    knowing, blind = model.unseen(texts, [1] * len(texts)), model.unseen(texts, [2] * len(texts))
    assert min(knowing) > max(blind)


def test_equal_texts_share_a_fold_and_folds_are_of_a_size() -> None:
    folds = [lexical.fold_of(f"text {n}") for n in range(1000)]
    assert folds == [lexical.fold_of(f"text {n}") for n in range(1000)]
    assert all(120 < folds.count(fold) < 280 for fold in range(lexical.FOLDS))
    assert lexical.fold_of("\ud800") in range(lexical.FOLDS)
