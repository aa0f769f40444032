# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What tests on a private bus share: calls by busctl as one of several users, waiting, the service's
# process, and TAP. For the inside of scripts/with-bus.
#
# busctl and not a library, since what a shell can do is part of the contract.

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import traceback

PATIENCE = 30
MANAGER = ("/org/pxed1", "org.pxed1.Manager")
# busctl has words of its own for it.
DENIED = "Access denied"
UNKNOWN = "Unknown object"

# The daemons' affair: what a test itself calls should say no more than usual.
os.environ.pop("SYSTEMD_LOG_LEVEL", None)


class CallError(Exception):
    pass


def as_user(uid, *command):
    if uid == 0:
        return [str(word) for word in command]
    words = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
    return [str(word) for word in words]


def busctl(*words, uid=0, options=()):
    done = subprocess.run(as_user(uid, "busctl", "--system", "--json=short", *options, *words),
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise CallError(done.stderr.strip())
    return json.loads(done.stdout)["data"] if done.stdout.strip() else None


def call(target, member, signature="", *values, uid=0, options=()):
    words = [signature, *values] if signature else []
    answer = busctl("call", "org.pxed1", *target, member, *words, uid=uid, options=options)
    return answer[0] if answer is not None and len(answer) == 1 else answer


def get(target, name, uid=0):
    return busctl("get-property", "org.pxed1", *target, name, uid=uid)


def fails(text, function, *args, **kwargs):
    try:
        answer = function(*args, **kwargs)
    except CallError as error:
        assert re.search(text, str(error)), f'"{error}" lacks "{text}"'
        return
    raise AssertionError(f'"{text}" was expected, but it went well: {answer}')


def job(number):
    return f"/org/pxed1/job/_{number}", "org.pxed1.Job"


def artifact(number):
    return f"/org/pxed1/artifact/_{number}", "org.pxed1.Artifact"


# --- waiting ----------------------------------------------------------------------------------


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        select.select([], [], [], 0.01)
    return value


def service_pid():
    """Of the service that runs; it is started by the next call when there is none."""
    words = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
    try:
        return busctl("call", *words, "GetConnectionUnixProcessID", "s", "org.pxed1")[0]
    except CallError:
        return None


def end_service(number=signal.SIGTERM):
    pid = service_pid()
    if pid is not None:
        # It may leave by itself at this moment.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        wait_for("the service to end", lambda: not os.path.exists(f"/proc/{pid}"))


# --- TAP --------------------------------------------------------------------------------------


def run_tests(tests, after_failure=None):
    """`tests` are pairs of a name and a function. Returns the exit status."""
    wanted = sys.argv[1:]
    tests = [(name, test) for name, test in tests if not wanted or name in wanted]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for index, (name, test) in enumerate(tests, 1):
        begin = time.monotonic()
        try:
            test()
            verdict, reason = "ok", ""
        except (AssertionError, CallError, LookupError, OSError,
                subprocess.SubprocessError) as error:
            failed += 1
            lines = [str(frame.lineno) for frame in traceback.extract_tb(error.__traceback__)[1:]]
            verdict = "not ok"
            reason = f": lines {' '.join(lines)}: {type(error).__name__}: {error}"
            if after_failure:
                after_failure()
        seconds = time.monotonic() - begin
        reason = reason[:3000].replace("\n", " ")
        print(f"{verdict} {index} - {name}{reason} ({seconds:.1f} s)", flush=True)
    return failed != 0
