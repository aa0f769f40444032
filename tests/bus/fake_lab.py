# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What tests of the service's own behaviour share: the worker that only pretends, settings, and calls
# over connections of their own. For the inside of scripts/with-bus.

import os
import pathlib
import re

from bus_calls import *
from dbus_wire import *

TREE = pathlib.Path(__file__).resolve().parents[2]
SERVICE = "org.pxed1"
PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"


def folder(name):
    return pathlib.Path(os.environ["PXED_" + name])


def prepare(settings=""):
    """The bus starts the service at the first call, so its settings can still be changed."""
    config = folder("CONFIG")
    text = re.sub(r"(?m)^worker:.*", f"worker: {TREE}/tests/bus/fake-worker", config.read_text())
    config.write_text(text + settings)
    (folder("IMAGE_DIR") / "base.img").write_text("a disk")


def ours(connection, target, member, signature="", *values, **more):
    """A method of ours; returns the answer, which may be an error."""
    return connection.call(SERVICE, *target, member, signature, *values, **more)


def begin_ours(connection, target, member, signature="", *values, **more):
    return connection.begin(SERVICE, *target, member, signature, *values, **more)


def begin_build(connection, config, **more):
    return begin_ours(connection, MANAGER, "Build", "ssa{sv}", "base.img", config, {}, **more)


def start(connection, config):
    """Starts a build; returns its number."""
    answer = connection.answer(begin_build(connection, config))
    assert not answer.error, answer.text
    return answer.body[0]


def property_of(connection, number, name):
    answer = connection.call(SERVICE, job(number)[0], PROPERTIES, "Get", "ss", job(number)[1], name)
    assert not answer.error, answer.text
    return answer.body[0]


def state_of(connection, number):
    return property_of(connection, number, "State")


def wait_state(connection, number, *states):
    wait_for(f"job {number} to be {states}", lambda: state_of(connection, number) in states)


def descriptor_count():
    return len(os.listdir(f"/proc/{service_pid()}/fd"))


def resident_bytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
