# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Tables in documents whose rows name tests: [name](../tests/…), where the test of that name is.

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


def broken_links(text, document):
    """A sentence for each link to a test that is not there."""
    for test, target in LINK.findall(text):
        path = TREE / target
        if not path.is_file():
            yield f"{document}: there is no {target}, where {test} should be"
        elif test != path.name and not re.search(rf"\b(test_)?{re.escape(test)}\b", path.read_text()):
            yield f"{document}: {target} has no test {test}"
