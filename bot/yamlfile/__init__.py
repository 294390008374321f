"""Strict YAML with positions, for rules and configuration alike.

Lives here: reading a file into nodes that know their place (`parse`), and *kinds*, the one
declarative description of a value from which both reading (`Kind.read`) and JSON Schema
(`Kind.schema`) derive. Not here: what any key means.

How to read a file::

    report = Report()
    settings = read_file(path, Record(Settings, (Field("port", Whole(1, 65535), "TCP port"),)), report)
    if report.errors:
        raise UserError(report.problems)

`read_file` returns `None` when anything was wrong, and all that was wrong is in the report. A
document stays within YAML's plain heart: no anchors, aliases, tags, tabs as indentation, empty
values, second documents or words that YAML readers disagree on (`no`, `012`, `1:30`).
"""

from bot.yamlfile.compound import (
    At,
    Either,
    Field,
    ListOf,
    Located,
    MapOf,
    Nested,
    OneOrMany,
    Record,
    document_schema,
    read_file,
    salvage,
)
from bot.yamlfile.files import LARGEST_FILE, read_lines
from bot.yamlfile.kinds import (
    Choice,
    Date,
    Duration,
    Flag,
    Fraction,
    Kind,
    Moment,
    Name,
    Schema,
    Text,
    Whole,
)
from bot.yamlfile.nodes import (
    ListNode,
    MapNode,
    Node,
    RefusedError,
    Report,
    ScalarNode,
    Source,
)
from bot.yamlfile.parser import parse, parse_loose, parse_text
from bot.yamlfile.writer import dump

__all__ = [
    "LARGEST_FILE",
    "At",
    "Choice",
    "Date",
    "Duration",
    "Either",
    "Field",
    "Flag",
    "Fraction",
    "Kind",
    "ListNode",
    "ListOf",
    "Located",
    "MapNode",
    "MapOf",
    "Moment",
    "Name",
    "Nested",
    "Node",
    "OneOrMany",
    "Record",
    "RefusedError",
    "Report",
    "ScalarNode",
    "Schema",
    "Source",
    "Text",
    "Whole",
    "document_schema",
    "dump",
    "parse",
    "parse_loose",
    "parse_text",
    "read_file",
    "read_lines",
    "salvage",
]
