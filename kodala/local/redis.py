"""The private Redis: queue and cache, never the only copy of anything, so it keeps nothing on disk."""

import os
import shutil
import socket
import time
from pathlib import Path

from kodala.local.children import must_succeed, run_to_end
from kodala.local.errors import SetupError
from kodala.local.places import Place
from kodala.local.private_system import server_environment, tree_of
from kodala.local.project import Project

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "yes",
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
}


class Redis:
    """One private Redis at its place."""

    def __init__(self, project: Project, place: Place) -> None:
        self.project = project
        self.place = place
        self.log = place.home / "redis.log"

    def is_running(self) -> bool:
        return self._answer(b"PING\r\n").startswith(b"+PONG")

    def start(self) -> None:
        """Start the server as a daemon and wait until it answers."""
        program = find_redis(self.project)
        if program is None:
            raise SetupError("Es gibt keinen Redis-Server.", "Bitte redis-server installieren.")
        self.place.redis_socket.unlink(missing_ok=True)
        places = {"unixsocket": self.place.redis_socket, "dir": self.place.home, "logfile": self.log}
        options = [word for name, value in (SETTINGS | places).items() for word in (f"--{name}", value)]
        environment = server_environment(self.project, program)
        outcome = run_to_end([program, *options], environment, user_and_group=self.place.owner)
        mend = f"Das Protokoll steht in {self.log}."
        must_succeed(outcome, "Redis ist nicht angelaufen.", mend)
        if not self._wait(answers=True):
            raise SetupError("Redis ist angelaufen, antwortet aber nicht.", mend)

    def stop(self) -> None:
        """Stop the server if it runs."""
        self._answer(b"SHUTDOWN NOSAVE\r\n")
        self._wait(answers=False)

    def empty(self, number: int) -> None:
        """Throw away what one of the 16 numbered databases holds."""
        self._answer(f"SELECT {number}\r\nFLUSHDB\r\n".encode())

    def _answer(self, request: bytes) -> bytes:
        """What the server says to a request; b"" when nobody listens."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(os.fspath(self.place.redis_socket))
                connection.sendall(request)
                return connection.recv(64)
        except OSError:
            return b""

    def _wait(self, *, answers: bool) -> bool:
        for _ in range(200):
            if self.is_running() is answers:
                return True
            time.sleep(0.05)
        return False


def find_redis(project: Project) -> Path | None:
    """The program of a Redis or Valkey server on this machine or in the private tree."""
    private = tree_of(project, "redis-server") / "usr" / "bin" / "redis-server"
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    return private if private.exists() else None
