"""A Neo4j Community server from Maven's jars, run by the Java of this machine."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

from platformdirs import user_cache_path

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
LAUNCHER = HERE / "Neo4jServer.java"
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
STOP_SECONDS = 30


def java_and_maven() -> bool:
    """Tell whether a JDK (a JRE compiles no launcher) and Maven are on the PATH."""
    return all(map(shutil.which, ("java", "javac", "mvn")))


def version() -> str:
    """Read the server's version from the pom, the one place that names it."""
    found = ET.parse(POM).findtext(".//{*}neo4j.version")  # noqa: S314 - our own file
    assert found
    return found


def jars() -> Path:
    """Return the folder of the server's jars, fetched once per person and version."""
    folder = user_cache_path("cmdb-tests") / f"neo4j-{version()}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
        lib = Path(fresh) / "lib"
        goal = f"dependency:copy-dependencies -DoutputDirectory={lib}"
        subprocess.run(["mvn", "-q", "-B", "-f", POM, *goal.split()], check=True)
        if not folder.is_dir():
            lib.rename(folder)
    return folder


def free_port() -> int:
    """Ask the system for a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class EmbeddedServer:
    """A server with a data folder and a port that it keeps when it is killed and started again."""

    def __init__(self, home: Path, heap: str = "1g", page_cache: str = "512m") -> None:
        self.port = free_port()
        self.url = f"bolt://127.0.0.1:{self.port}"
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
        launched = ["-cp", f"{jars()}/*", str(LAUNCHER), str(home), str(self.port), page_cache]
        self._command = ["java", f"-Xmx{heap}", *opened, *launched]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it on whatever is in its folder; return when it answers."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        _wait_until_ready(self._process)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process:
            self._process.kill()
            self._forget(self._process)

    def freeze(self) -> None:
        """Let it hold its connections and say nothing, as a server that hangs does."""
        if self._process:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Let it end in its own time."""
        if self._process:
            _stop(self._process)
            self._forget(self._process)

    def _forget(self, process: subprocess.Popen[str]) -> None:
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        self._process = None


@contextmanager
def embedded_server(heap: str = "1g", page_cache: str = "512m") -> Iterator[EmbeddedServer]:
    """Run a server on an empty database."""
    with tempfile.TemporaryDirectory(prefix="cmdb-neo4j-") as home:
        server = EmbeddedServer(Path(home), heap, page_cache)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _wait_until_ready(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    printed = []
    for line in server.stdout:
        if line.strip() == "ready":
            return
        printed.append(line)
    message = f"Neo4j ended before it was ready: {''.join(printed)}"
    raise RuntimeError(message)


def _stop(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    server.stdin.close()
    try:
        server.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
