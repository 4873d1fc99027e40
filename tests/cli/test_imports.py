"""What is imported where it is used is imported by its package first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import composer

LAZY = ("rapidfuzz", "tiktoken", "tomlkit", "openai", "httpx2")


def inner_imports(tree: ast.AST) -> Iterator[str]:
    """The modules that functions import from."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module
                elif isinstance(node, ast.Import):
                    yield from (name.name for name in node.names)


def test_threads_that_import_a_package_at_once_begin_at_its_top() -> None:
    # Two threads that import a package, one from its top and one from a module in it, wait for each other; Python then gives one
    # of them a module that is half made.
    found = [
        f"{path.name}: {module}"
        for path in Path(composer.__file__).parent.rglob("*.py")
        for module in inner_imports(ast.parse(path.read_text(encoding="utf-8")))
        if module.startswith(tuple(f"{package}." for package in LAZY))
    ]
    assert found == []
