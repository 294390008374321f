"""Scores as Perspective's answers hold them.

Lives here: languages, thresholds and spans of one analyzed comment; pure but for the one call to
the scorer. Not here: reading requests (`contract`) and HTTP (`handlers`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.model import Scores, Span
from bot.web.perspective import errors
from bot.web.perspective.contract import PROBABILITY, AnalyzeRequest, Attribute
from bot.web.perspective.languages import detect
from bot.web.perspective.sentences import sentences, utf16

Score = Callable[[Sequence[str]], Awaitable[Sequence[Scores]]]
Answer = dict[str, object]


async def analyze(
    request: AnalyzeRequest, score: Score, labels: Sequence[str], languages: Sequence[str]
) -> Answer:
    """Return the JSON-ready answer; `labels` and `languages` are those of the model.

    The comment and its sentences are scored in one call. Raise `PerspectiveError` where the API
    would refuse.
    """
    detected = detect(request.text)
    spoken = request.languages or detected[:1]
    if not spoken:
        raise errors.language_not_detected()
    known = labels if _all_known(spoken, languages) else ()
    wanted = _supported(request, detected, known)
    spans = sentences(request.text) if request.spans else [Span(0, len(request.text))]
    parts = [request.text[span.start : span.end] for span in spans]
    rows = await score([request.text, *parts] if request.spans else parts) if wanted else ()
    scores = {
        each.name: told
        for each in wanted
        if (told := _attribute_scores(each, rows, utf16(request.text, spans)))
    }
    return _set(
        attributeScores=scores,
        languages=list(spoken),
        detectedLanguages=list(detected),
        clientToken=request.client_token,
    )


def _supported(
    request: AnalyzeRequest, detected: Sequence[str], labels: Sequence[str]
) -> list[Attribute]:
    """Return the attributes that can be scored; raise for others unless they may be dropped."""
    wanted = []
    for each in request.attributes:
        if each.label in labels:
            wanted.append(each)
        elif not request.drop_unsupported:
            raise errors.language_not_supported(each.name, request.languages, detected)
    return wanted


def _all_known(spoken: Sequence[str], languages: Sequence[str]) -> bool:
    return all(each.partition("-")[0].lower() in languages for each in spoken)


def _attribute_scores(
    attribute: Attribute, rows: Sequence[Scores], spans: Sequence[Span]
) -> Answer | None:
    """Return what is told of one attribute: the first row is the whole comment, the last its spans.

    `None` when all of it is below the attribute's threshold.
    """
    assert attribute.label is not None  # noqa: S101 - only supported ones come here
    values = [row.values[attribute.label] for row in rows]
    least = attribute.threshold
    span_scores = [
        {"begin": span.start, "end": span.end, "score": _score(value)}
        for span, value in zip(spans, values[-len(spans) :], strict=True)
        if least is None or value >= least
    ]
    summary = _score(values[0]) if least is None or values[0] >= least else None
    return _set(spanScores=span_scores, summaryScore=summary) or None


def _score(value: float) -> Answer:
    # More digits would be noise of the processor.
    return {"value": round(value, 6), "type": PROBABILITY}


def _set(**fields: object) -> Answer:
    """Leave out what is empty, as the API does; an empty token was sent and comes back."""
    return {name: value for name, value in fields.items() if value or value == ""}
