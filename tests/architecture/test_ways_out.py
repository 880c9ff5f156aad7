"""Every place of the hub at which a record or a file can leave, and the test that shows its line comes first.

A new way out fails here until somebody has written down what covers it.
"""

import ast
from collections.abc import Iterator

_GIVES = {"item", "record_item", "read_attachment"}
"""What turns a stored record or file into what travels."""
WAYS_OUT = {
    "service/handle/chained.py": "defines it",
    "service/push/subscription.py": "test_content_without_its_line_is_refused",
    "service/push/pump.py": "test_the_line_embeds_the_readers_own_request_and_names_the_basis",
    "service/push/lookups.py": "test_older_history_behind_the_line_of_another_thread_is_refused",
    "service/push/looks.py": "test_an_auditor_takes_nothing_that_a_lying_hub_shows",
    "service/http/attachments.py": "test_a_file_behind_the_line_of_another_file_is_refused",
    "service/store/attachments.py": "defines it",
}


def test_content_leaves_the_hub_only_where_a_line_comes_first(texts: dict[str, str]) -> None:
    found = {path for path, text in texts.items() if _is_hub(path) and set(_calls(text)) & _GIVES}
    assert found <= set(WAYS_OUT), f"a way out without its line: {sorted(found - set(WAYS_OUT))}"


def test_each_way_out_has_a_test_that_is_there(texts: dict[str, str]) -> None:
    tests = "\n".join(text for path, text in texts.items() if path.startswith("tests/"))
    wanted = {name for name in WAYS_OUT.values() if name.startswith("test_")}
    assert {name for name in wanted if f"def {name}(" not in tests} == set()


def _is_hub(path: str) -> bool:
    return path.startswith("service/") and path.endswith(".py")


def _calls(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    yield name
