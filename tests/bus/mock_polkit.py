# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A polkit that answers what the test wants, in a thread of its own. It takes the name before the bus
# could start the real one.

import pwd
import threading

from dbus_wire import *

NAME = "org.freedesktop.PolicyKit1"
ALLOW_PROMPT = 1
UID = pwd.getpwnam("polkitd").pw_uid


class Check:
    """One CheckAuthorization, as it came."""

    def __init__(self, message):
        self.message = message
        self.subject, self.action, self.details, self.flags, self.cancellation = message.body
        self.caller = self.subject[1].get("name")


def yes(mock, check):
    mock.verdict(check, True, False)


def no(mock, check):
    mock.verdict(check, False, False)


def challenge(mock, check):
    mock.verdict(check, False, True)


def silent(mock, check):
    pass


class MockPolkit(threading.Thread):
    def __init__(self, answer):
        super().__init__(daemon=True)
        self.answer, self.checks, self.cancelled, self.gone = answer, [], [], set()
        self.connection = Connection(UID)
        granted = self.connection.call(*BUS, "RequestName", "su", NAME, 4)
        assert granted.body == [1], granted.body or granted.text
        self.connection.match("type='signal',sender='org.freedesktop.DBus',"
                              "member='NameOwnerChanged',arg2=''")
        self.start()

    def verdict(self, check, authorized, challenged, details=None):
        self.connection.reply(check.message, "(bba{ss})", (authorized, challenged, details or {}))

    def run(self):
        try:
            while True:
                message = self.connection.next(patience=3600)
                if message.member == "NameOwnerChanged":
                    self.gone.add(message.body[0])
                    for check in self.checks:
                        if check.caller == message.body[0]:
                            self.on_gone(check)
                elif message.member == "CheckAuthorization":
                    check = Check(message)
                    self.checks.append(check)
                    self.answer(self, check)
                elif message.member == "CancelCheckAuthorization":
                    self.cancelled.append(message.body[0])
        except (Closed, OSError, AttributeError):
            pass

    def on_gone(self, check):
        """The caller of a check has left the bus."""

    def stop(self):
        self.connection.socket.shutdown(2)
        self.join()
        self.connection.close()
