"""A free port for the demo, and whether its pages answer."""

import http.client
import socket

from kodala.local.errors import SetupError

HOST = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 100


def find_free_port(first: int = FIRST_PORT) -> int:
    """The first port from `first` on that nobody uses."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((HOST, port))
            except OSError:
                continue
            return port
    raise SetupError(
        f"Von {first} bis {first + PORTS_TRIED - 1} ist kein Port frei.", "Bitte andere Programme beenden."
    )


def page_status(port: int, path: str) -> int | None:
    """The HTTP status of a page of the demo; None while nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
