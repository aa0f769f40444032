# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of the config's JSON Schema share: the schema that the build made, configs as others
# read them, and the paths of what is wrong.

import json
import os
import pathlib
import re
import sys

import jsonschema
import yaml

TREE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["PXED_BUILD_DIR"])
SAMPLES = TREE / "tests" / "data" / "configs"
SCHEMA = json.loads((BUILD / "config" / "config.schema.json").read_text())


class Loader(yaml.SafeLoader):
    """YAML 1.2 as JSON Schema's world has it: no dates, no "yes", no sexagesimal numbers."""

    yaml_implicit_resolvers = {}


for kind, expression, first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?", "-+.0123456789"),
]:
    Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{expression})$"), list(first)
    )
# Numbers in front of a 0 are decimal in YAML 1.2.
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def load(text):
    return yaml.load(text, Loader)


def path_of(parts):
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def errors_of(instance):
    """What the schema has against it: [(path of the mapping or value, validator, message)]."""
    found = []
    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(instance):
        of_names = "propertyNames" in error.absolute_schema_path
        what = "propertyNames" if of_names else error.validator
        found.append((path_of(error.absolute_path), what, error.message))
    return found


class Tap:
    """Cases by name; each yields its mistakes, and is good without any."""

    def __init__(self):
        self.n = self.failed = 0

    def case(self, name, mistakes):
        mistakes = list(mistakes)
        self.n += 1
        self.failed += bool(mistakes)
        print(f"{'not ' if mistakes else ''}ok {self.n} - {name}")
        for mistake in mistakes:
            print(f"# {mistake}")

    def finish(self):
        print(f"1..{self.n}")
        sys.exit(1 if self.failed else 0)
