"""Gavel's own lines hold all that a comment is; redaction leaves nobody's name."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive import formats, open_archive
from bot.archive.convert import Redactor, comment_record
from bot.model import ANONYMOUS, Author, Comment, Thread
from tests.archive.samples import contents, fixture, written

words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
texts = words.filter(lambda text: not text.isspace())
times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made aware below
    lambda time: time.replace(tzinfo=UTC)
)
authors = st.builds(
    Author,
    id=words,
    name=words,
    is_bot=st.none() | st.booleans(),
    roles=st.none() | st.lists(words, max_size=2).map(tuple),
)
comments = st.builds(
    Comment,
    id=words,
    text=texts,
    channel=st.just("") | words,
    author=st.just(ANONYMOUS) | authors,
    created_at=st.none() | times,
    edited_at=st.none() | times,
    parent_id=st.none(),
    thread_id=words,
    label=st.none() | st.booleans(),
    attributes=st.dictionaries(
        words, words | st.booleans() | st.lists(words).map(tuple), max_size=2
    ),
)


@given(comment=comments)
def test_converted_comments_read_back_as_they_were(
    comment: Comment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = json.dumps(comment_record(comment)) + "\n"
    path = written(tmp_path_factory.getbasetemp(), line, "converted")
    assert list(open_archive(path, format="jsonl")) == [comment]


@pytest.mark.parametrize("name", formats())
def test_every_format_converts_without_loss(name: str, tmp_path: Path) -> None:
    archive, before, _ = contents(fixture(name, "good"))
    lines = []
    for comment in before:
        thread = archive.threads.get(comment.thread_id or "")
        lines.append(json.dumps(comment_record(comment, thread)))
    _, after, problems = contents(written(tmp_path, "\n".join(lines)))
    assert problems == []
    # A comment that is nothing but a picture has no text to write about.
    assert after == [comment for comment in before if comment.text]


def test_titles_travel_along(tmp_path: Path) -> None:
    thread = Thread("t", "A title", "An article")
    record = comment_record(Comment("1", "Good", thread_id="t"), thread)
    archive, _, _ = contents(written(tmp_path, json.dumps(record)))
    assert archive.threads == {"t": thread}


ILSE = Comment(
    "1",
    "Ask <@123> or @Ilse.B or /u/Ilse_B, not me@mail.example or @everyone",
    author=Author("123", "Ilse.B"),
    attributes={
        "mentions": ("123",),
        "reply_to": "Ilse.B",
        "link": "https://x.example/@Ilse.B",
        "embeds": ("by @Ilse.B",),
        "title": "@Ilse.B wrote",
        "n": 3,
    },
)


def test_redaction_leaves_no_name_and_keeps_who_is_who() -> None:
    redacted = Redactor(b"key").redact(ILSE)
    author = redacted.author
    reddit = f"u/{Redactor(b'key').name('Ilse_B')}"
    assert redacted.text == (
        f"Ask @{author.id} or @{author.name} or {reddit}, not me@mail.example or @everyone"
    )
    assert redacted.attributes == {
        "mentions": (author.id,),
        "reply_to": author.name,
        "embeds": (f"by @{author.name}",),
        "title": f"@{author.name} wrote",
        "n": 3,
    }
    assert "Ilse" not in repr(redacted)
    assert Redactor(b"key").redact(ILSE) == redacted
    assert Redactor(b"other").redact(ILSE).author != author


def test_redaction_takes_who_is_mentioned_out_of_titles_and_opening_texts() -> None:
    redactor = Redactor(b"key")
    name = redactor.name("Ilse.B")
    thread = redactor.redact_thread(Thread("t", "Ask @Ilse.B", "u/Ilse.B and\n@Ilse.B, 2 u/d"))
    assert thread == Thread("t", f"Ask @{name}", f"u/{redactor.name('Ilse')}.B and\n@{name}, 2 u/d")


def test_redaction_leaves_the_unknown_unknown() -> None:
    assert Redactor(b"key").redact(Comment("1", "x")).author == ANONYMOUS
