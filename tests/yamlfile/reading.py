"""YAML read in tests: as plain values, or as the problems that a user sees."""

from bot.yamlfile import ListNode, MapNode, Node, Report, ScalarNode, parse_text


def rendered(text: str) -> str:
    report = Report()
    parse_text(text, "x.yaml", report)
    return "\n\n".join(problem.render() for problem in report.problems)


def plain(node: Node | None) -> object:
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    assert isinstance(node, MapNode)
    return {key: plain(value) for key, value in node.values.items()}


def read(text: str) -> object:
    report = Report()
    node = parse_text(text, "x.yaml", report)
    assert not report.problems, "\n".join(problem.render() for problem in report.problems)
    return plain(node)
