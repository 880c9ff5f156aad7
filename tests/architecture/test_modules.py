"""What a reader may rely on in every module, before reading a line of it."""

import ast
import re
from collections.abc import Iterator

LONGEST_MODULE = 300
LONGEST_FUNCTION = 30
PACKAGES = ("domain", "crypto", "protocol", "service", "client/samsnakk")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_module_is_longer_than_a_person_reads_at_once(texts: dict[str, str]) -> None:
    lengths = {path: text.count("\n") for path, text in texts.items() if path.endswith((".py", ".ts", ".tsx"))}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen(texts: dict[str, str]) -> None:
    too_long = {
        f"{path}:{function.lineno} {function.name}": lines
        for path, text in _modules(texts)
        for function in ast.walk(ast.parse(text))
        if isinstance(function, Function) and (lines := _lines_of_code(function)) > LONGEST_FUNCTION
    }
    assert too_long == {}


def test_every_package_says_which_step_of_the_way_it_is(texts: dict[str, str]) -> None:
    steps = {package: _steps(texts[f"{package}/__init__.py"]) for package in PACKAGES}
    assert {package for package, found in steps.items() if not found} == set()
    assert len({whole for found in steps.values() for whole in found}) == 1, f"they count differently: {steps}"


def test_a_module_is_named_after_what_it_is_about(texts: dict[str, str]) -> None:
    assert [path for path, _ in _modules(texts) if SAYS_NOTHING & set(path.removesuffix(".py").split("/"))] == []


def test_no_package_under_tests_shadows_the_package_it_tests(texts: dict[str, str]) -> None:
    assert [path for path in texts if path.startswith("tests/") and path.endswith("/__init__.py")] == []


def _modules(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in texts.items() if path.endswith(".py") and path.startswith(PACKAGES))


def _lines_of_code(function: Function) -> int:
    """Count from the first line of the body to the last; a docstring is no code."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _steps(text: str) -> list[str]:
    """Find the totals in phrases like "step 3 of 5"."""
    return re.findall(r"\b\d of (\d)\b", ast.get_docstring(ast.parse(text)) or "")
