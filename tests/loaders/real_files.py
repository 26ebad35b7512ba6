"""The files that the loaders are tried on: for each format those that real tools wrote."""

from __future__ import annotations

from pathlib import Path

from api.service.demo_history import FOLDER
from cmdb.observations import Observations
from cmdb.vocabulary import Vocabulary
from loaders import tables
from loaders.content import Content
from loaders.detect import LOADERS
from loaders.source import Source
from tests.loaders.tables import mapping

REAL = {
    "terraform": "terraform-state/*.tfstate",
    "cyclonedx": "cyclonedx/*.json",
    "netbox": "netbox/*.json",
    "jaeger": "jaeger-dependencies/*.json",
    "servicenow": "servicenow-table-api/*.json",
    "glpi": "glpi-inventory/*.json",
    "backstage": "backstage-catalog/*.yaml",
    "compose": "docker-compose/*.yaml",
    "kubernetes": "kubernetes/*.yaml",
    "nmap": "nmap-xml/*.xml",
    "graphml": "topology-graphml/*.graphml",
    "table": "itsm-tickets/*.csv",
}
"""Where those of each format stand in the folder of real files; no other tool writes the native format."""

ALONE = [FOLDER / "facilities.yaml", FOLDER / "stores.yaml"]
"""Native files of the demo estate that speak of nothing which other files hold."""

TICKETS = """
missing = ["?"]
dates = "%d/%m/%Y %H:%M"
timezone = "UTC"

[[items]]
class = "incident"
id = "number"

[items.fields]
stage = "incident_state"
opened_at = "opened_at"
closed_at = "closed_at"
[items.fields.priority]
column = "priority"
values = {"1 - Critical" = 1, "2 - High" = 2, "3 - Moderate" = 3, "4 - Low" = 4}
"""
"""What the columns of the real table mean."""

FORMATS = sorted(loader.FORMAT for loader in LOADERS)


def real_files(format: str, folder: Path) -> list[Source]:
    """The files of a format, in order of their names; each message calls them by these."""
    paths = ALONE if format == "native" else sorted(folder.glob(REAL[format]))
    return [Source(path.name, path.read_bytes()) for path in paths]


def said(format: str, content: Content, vocabulary: Vocabulary) -> Observations:
    """What the loader of a format says of content, whether it would have recognised it or not."""
    if format == tables.FORMAT:
        return tables.read(content, vocabulary, mapping(TICKETS))
    return next(one for one in LOADERS if format == one.FORMAT).read(content)
