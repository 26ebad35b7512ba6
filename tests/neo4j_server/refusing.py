"""A server that speaks just enough Bolt to refuse whoever comes."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

BOLT_5_4 = b"\x00\x00\x04\x05"
HANDSHAKE = 20
"""The bytes of a client's greeting: who it is, and four versions to choose from."""


class RefusingServer:
    """Takes every client's greeting, and answers what he says of himself with a failure."""

    def __init__(self, code: str, message: str) -> None:
        greeting = _message(b"\x70", "server", "Neo4j/5.26.12", "connection_id", "bolt-1")
        self._answer = greeting + _message(b"\x7f", "code", code, "message", message)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"bolt://127.0.0.1:{self._listening.getsockname()[1]}"
        self.clients = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more clients."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.clients += 1
                with client, suppress(OSError):
                    client.recv(HANDSHAKE, socket.MSG_WAITALL)
                    client.sendall(BOLT_5_4)
                    client.recv(65536)
                    client.sendall(self._answer)
                    client.recv(65536)


def _message(kind: bytes, *words: str) -> bytes:
    """Pack a message that holds one map, with its frame."""
    data = b"\xb1" + kind + (0xA0 + len(words) // 2).to_bytes(1) + b"".join(map(_text, words))
    return len(data).to_bytes(2) + data + b"\x00\x00"


def _text(text: str) -> bytes:
    """Pack a text as Bolt does."""
    data = text.encode()
    return b"\xd0" + len(data).to_bytes(1) + data
