"""Readings that need their own words: tables, mapping, detection, links, limits of problems."""

import json
from pathlib import Path

import pytest

from bot.archive import open_archive
from bot.archive.links import REMEMBERED
from bot.archive.source import MOST_ALIKE
from bot.errors import UserError
from bot.model import Comment
from tests.archive.samples import contents, fixture, written


def jsonl(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


# --- detection -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hello, world\nYes, indeed\n", "txt"),
        ("Note: a; b; c\nand so on; really\n", "txt"),
        ("Comments\nOn Wed, 05/02/2018 - 03:23 Permalink was clicked.\n", "txt"),
        ("See 2024-01-02 10:00 - for the time\n", "txt"),
        ("[12:04 PM] bob: you turnip\n", "discord-text"),
        ("[21:04]bob: you turnip\n", "discord-text"),
        ("bob — Today at 12:04 PM\nyou turnip\n", "discord-text"),
        ("Bob B. — 12:04\u202fPM\nyou turnip\n", "discord-text"),
        ("A walk — on the 12th, at 12:04\nand so on\n", "txt"),
        ("text\none\ntwo\n", "csv"),
        ("id;text\n1;Good morning\n", "csv"),
        ("id|text\n1|Good morning\n", "csv"),
        ("id,text\r\n1,Good\r\n", "csv"),
        ("id\ttext\n1\tGood, morning\n", "tsv"),
        ('[{"text": "a list"}]', "jsonl"),
        ('{"text": "quotes \\"guild\\": \\"channel\\": \\"messages\\":"}\n', "jsonl"),
        ('{"text": "cut o', "jsonl"),
    ],
)
def test_detection_is_not_fooled(text: str, name: str, tmp_path: Path) -> None:
    assert open_archive(written(tmp_path, text)).format == name


def test_names_of_formats_and_fields_are_checked(tmp_path: Path) -> None:
    path = written(tmp_path, jsonl({"text": "Good"}))
    with pytest.raises(UserError, match='did you mean "jsonl"'):
        open_archive(path, format="json")
    with pytest.raises(UserError, match='did you mean "author"'):
        open_archive(path, mapping={"auther": "user"})


# --- generic rows ----------------------------------------------------------------------------


def test_a_table_without_text_names_its_columns_and_the_way_out(tmp_path: Path) -> None:
    for text in ("user,body\nIlse,Good\n", jsonl({"user": "Ilse", "body": "Good"})):
        with pytest.raises(UserError) as refused:
            open_archive(written(tmp_path, text))
        shown = str(refused.value)
        assert "there are: body, user" in shown
        assert "--map text=body" in shown
    with pytest.raises(UserError, match="--map text=text"):
        open_archive(written(tmp_path, "author,text\nIlse,Good\n"), mapping={"text": "txt"})


def test_mapping_gives_other_names(tmp_path: Path) -> None:
    mapping = {"text": "body", "author": "user", "id": "nr"}
    for text in ("nr,user,body\n7,Ilse,Good\n", jsonl({"nr": 7, "user": "Ilse", "body": "Good"})):
        _, (comment,), problems = contents(written(tmp_path, text), mapping=mapping)
        assert (comment.id, comment.author.name, comment.text) == ("7", "Ilse", "Good")
        assert problems == []


def test_mapping_leads_into_nested_objects(tmp_path: Path) -> None:
    rows = jsonl({"body": {"plain": "Good"}, "labels": {"toxicity": 0.7}}, {"body": {"plain": "x"}})
    mapping = {"text": "body.plain", "label": "labels.toxicity"}
    _, comments, _ = contents(written(tmp_path, rows), mapping=mapping)
    assert [(each.text, each.label) for each in comments] == [("Good", True), ("x", None)]


def test_a_quotation_that_never_closes_costs_its_line(tmp_path: Path) -> None:
    rows = ["id,text", '1,"never closed', *(f"{n},fine" for n in range(2, 4000)), '4000,"a\nb"']
    _, comments, problems = contents(written(tmp_path, "\n".join(rows) + "\n"))
    assert len(comments) == 3999
    assert comments[-1].text == "a\nb"
    assert [str(each.location).rpartition(":")[2] for each in problems] == ["2"]


def test_quotes_within_a_field_are_text(tmp_path: Path) -> None:
    _, comments, problems = contents(written(tmp_path, 'id,text\n1,a 5" nail\n2,b\n'))
    assert [comment.text for comment in comments] == ['a 5" nail', "b"]
    assert problems == []


def test_ids_made_up_are_stable_and_tell_the_line(tmp_path: Path) -> None:
    _, comments, _ = contents(written(tmp_path, 'text,n\n"two\nlines",1\nplain,2\n'))
    assert [comment.id for comment in comments] == ["line-2", "line-4"]


# --- links -----------------------------------------------------------------------------------


def test_parents_may_come_later(tmp_path: Path) -> None:
    rows = jsonl({"id": "b", "text": "x", "parent_id": "a"}, {"id": "a", "text": "y"})
    _, _, problems = contents(written(tmp_path, rows))
    assert problems == []


def test_a_circle_of_any_length_is_one_warning_and_all_is_read(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": "x", "parent_id": str((n + 1) % 50)} for n in range(50)]
    rows.append({"id": "tail", "text": "x", "parent_id": "3"})
    _, comments, problems = contents(written(tmp_path, jsonl(*rows)))
    assert len(comments) == 51
    assert [problem.code for problem in problems] == ["reply-cycle"]


def test_duplicates_get_names_of_their_own(tmp_path: Path) -> None:
    rows = [{"id": name, "text": "x"} for name in ("a", "a", "a~2", "a")]
    _, comments, problems = contents(written(tmp_path, jsonl(*rows)))
    assert [comment.id for comment in comments] == ["a", "a~2", "a~2~2", "a~3"]
    assert [problem.code for problem in problems] == ["duplicate-id"] * 3


def test_many_orphans_are_counted_not_listed(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": "x", "parent_id": f"gone{n}"} for n in range(500)]
    _, _, problems = contents(written(tmp_path, jsonl(*rows)))
    assert len(problems) == 6
    assert problems[-1].message.startswith("495 more comments")


def test_many_problems_of_one_kind_are_counted_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path, '{"text": "good"}\n' + "{broken\n" * (MOST_ALIKE + 5))
    _, comments, problems = contents(path)
    assert len(comments) == 1
    assert len(problems) == MOST_ALIKE + 1
    assert problems[-1].message.startswith("5 more problems")


def test_in_huge_archives_links_are_not_judged(tmp_path: Path) -> None:
    rows = "".join(
        f'{{"id":"{n}","text":"x","parent_id":"{n - 1}"}}\n' for n in range(1, REMEMBERED + 9)
    )
    comments = problems = 0
    for item in open_archive(written(tmp_path, rows)):
        if isinstance(item, Comment):
            comments += 1
        else:
            problems += 1
            assert item.code == "links-unchecked"
    assert (comments, problems) == (REMEMBERED + 8, 1)


# --- the pasted thread -----------------------------------------------------------------------


def test_the_article_is_context_and_the_last_line_splits_the_names() -> None:
    archive, comments, _ = contents(fixture("drupal", "good"))
    (thread,) = archive.threads.values()
    assert thread.context.startswith("Town Council Votes")
    assert thread.context.endswith("Comments box and all.")
    assert thread.comments == ()
    answers = [comment.attributes.get("reply_to") for comment in comments]
    assert answers == ["J. R. Baker", None, None, "Ana María", "Ana María", "Mr. Nobody"]
    assert comments[0].text.endswith("in the rain.")
    assert comments[2].text == "The clerk wrote: In reply to a letter by J. R. Baker"


def test_a_thread_without_an_article_has_comments_all_the_same(tmp_path: Path) -> None:
    text = "Ilse Tue, 01/02/2024 - 03:04 Permalink\n\nGood morning\n"
    archive, (comment,), problems = contents(written(tmp_path, text))
    assert (archive.format, comment.author.name, problems) == ("drupal", "Ilse", [])


@pytest.mark.parametrize("name", ["drupal", "whatsapp", "discord-text", "txt"])
def test_runs_of_blanks_and_letters_cost_no_more_than_their_length(
    name: str, tmp_path: Path
) -> None:
    beginning = fixture(name, "good").read_text(encoding="utf-8")
    for run in (" " * 300_000, "a" * 300_000, " ." * 150_000, "\u200e" * 100_000):
        assert list(open_archive(written(tmp_path, f"{beginning}{run}\n"), format=name))


def test_a_chat_pasted_from_discord_is_read_by_its_headers(tmp_path: Path) -> None:
    named = "[12:04 PM] bob: you turnip\n[12:05 PM] Ann Lee: https://a.example: no\n"
    _, comments, problems = contents(written(tmp_path, named))
    assert [(each.author.name, each.text, each.created_at) for each in comments] == [
        ("bob", "you turnip", None),
        ("Ann Lee", "https://a.example: no", None),
    ]
    assert problems == []
    dashed = (
        "bob — Yesterday at 9:00 AM\nyou\nturnip (edited)\n[9:01 AM]\nps: no\n\nann — 9:02 AM\nhm"
    )
    _, comments, problems = contents(written(tmp_path, dashed))
    assert [(each.author.name, each.text) for each in comments] == [
        ("bob", "you\nturnip"),
        ("bob", "ps: no"),
        ("ann", "hm"),
    ]
    assert problems == []


# --- XML -------------------------------------------------------------------------------------

DISQUS = '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'


def test_entity_expansion_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + DISQUS
    text = f'{bomb}<post dsq:id="1"><message>&b;</message></post></disqus>'
    _, comments, problems = contents(written(tmp_path, text))
    assert comments == []
    assert [problem.code for problem in problems] == ["xml-entities", "no-comments"]


def test_external_entities_are_refused(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret", "secret.txt")
    head = f'<!DOCTYPE d [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    text = f'{head}{DISQUS}<post dsq:id="1"><message>&a;</message></post></disqus>'
    _, comments, problems = contents(written(tmp_path, text))
    assert comments == []
    assert problems[0].code == "xml-entities"


def test_deep_elements_end_the_reading(tmp_path: Path) -> None:
    post = '<post dsq:id="1"><message>Good</message></post>'
    _, comments, problems = contents(written(tmp_path, DISQUS + post + "<x>" * 100_000))
    assert [comment.text for comment in comments] == ["Good"]
    assert [problem.code for problem in problems] == ["xml-limit"]


def test_an_encoding_declared_is_not_believed_over_the_bytes(tmp_path: Path) -> None:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>' + DISQUS
    text = f'{head}<post dsq:id="1"><message>café</message></post></disqus>'
    for encoding in ("utf-8", "latin-1"):
        _, (comment,), _ = contents(written(tmp_path, text.encode(encoding)))
        assert comment.text == "café"
