"""A Neo4j Community server from Maven's jars, run by the Java of this machine."""

import shutil
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


@contextmanager
def embedded_server() -> Iterator[str]:
    """Run a server on an empty database; yield its Bolt address."""
    port = free_port()
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    with tempfile.TemporaryDirectory(prefix="cmdb-neo4j-") as home:
        command = ["java", "-Xmx1g", *opened, "-cp", f"{jars()}/*", str(LAUNCHER), home, str(port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            try:
                _wait_until_ready(server)
                yield f"bolt://127.0.0.1:{port}"
            finally:
                _stop(server)


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
