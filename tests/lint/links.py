# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Tables in documents whose rows name tests: [name](../tests/…), where the test of that name is.

import ast
import re

from sources import TREE

LINK = re.compile(r"\[([\w.-]+)\]\(\.\./(tests/[^)]+)\)")


def section(text, title):
    """From the line that begins with the title to the next of its rank or above; None without one."""
    rank = title.split(" ")[0]
    lines = iter(text.splitlines())
    found = []
    for line in lines:
        if line.startswith(title):
            break
    else:
        return None
    for line in lines:
        if re.match(r"#+ ", line) and len(line.split(" ")[0]) <= len(rank):
            break
        found.append(line)
    return found


def rows(lines):
    """Of tables, without their heads."""
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and re.match(r"\|[ :|-]+\|$", lines[number + 1])
        if line.startswith("|") and not is_head and not re.match(r"\|[ :|-]+\|$", line):
            yield line


def tests_of_python(text):
    """Functions that are run: by the beginning of their name, or since the file uses it elsewhere, in its
    list of tests. And the names that such a list gives to others."""
    nodes = list(ast.walk(ast.parse(text)))
    said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    made = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and
             isinstance(node.value, str) and id(node) not in said}
    return {name for name in made if name in used or name.startswith("test_")} | words


def has_test(path, test):
    """Whether the file runs a test of that name; in what is neither C nor Python a word is enough."""
    text = path.read_text()
    if path.suffix == ".c":
        return bool(re.search(rf"(?m)^TEST(_ROWS)?\({re.escape(test)}\b", text))
    if not text.startswith("#!/usr/bin/env python3"):
        return bool(re.search(rf"\b{re.escape(test)}\b", text))
    return any(re.match(rf"(test_)?{re.escape(test)}(\b|_)", name) for name in tests_of_python(text))


def is_run(path):
    """Whether the build file beside a test or a fuzzer names it. Others are run in other ways."""
    match = re.fullmatch(r"(?:test|fuzz)-([\w-]+)(?:\.c)?", path.name)
    build = path.parent / "meson.build"
    return not match or build.is_file() and \
        bool(re.search(rf"'((test|fuzz)-)?{match.group(1)}'", build.read_text()))


def broken_links(text, document):
    """A sentence for each link to a test that is not there, or is not run."""
    for test, target in LINK.findall(text):
        path = TREE / target
        if not path.is_file():
            yield f"{document}: there is no {target}, where {test} should be"
        elif test != path.name and not has_test(path, test):
            yield f"{document}: {target} has no test {test}"
        elif not is_run(path):
            yield f"{document}: {target} is in no meson.build, so that nobody runs {test}"
