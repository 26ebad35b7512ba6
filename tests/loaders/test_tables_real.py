import re
from pathlib import Path

import pytest

from loaders.detect import read
from loaders.source import Source
from loaders.tables.mapping import PARTS, Part
from tests.loaders.tables import brought, mapping, table, vocabulary

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "import-tables.md").read_text("utf-8")
BLOCKS = {kind: re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("csv", "toml")}

INCIDENTS = """
missing = ["?"]
dates = "%d/%m/%Y %H:%M"
timezone = "UTC"

[[items]]
class = "incident"
id = "number"

[items.fields]
opened_at = "opened_at"
resolved_at = "resolved_at"
closed_at = "closed_at"
priority = {column = "priority", values = {"2 - High" = 2, "3 - Moderate" = 3, "4 - Low" = 4}}
"""


def test_a_real_log_of_incidents(real_data: Path) -> None:
    """A row for each step of an incident becomes one incident; what its steps disagree on is left out."""
    path = real_data / "itsm-tickets" / "uci498_incident_event_log_small.csv"
    seen = read(Source(path.name, path.read_bytes()), vocabulary(), mapping=mapping(INCIDENTS))
    assert (len(seen.items), len({item.source_id for item in seen.items})) == (198, 32)
    assert seen.rejected == ()
    plan, items, _ = brought(seen)
    assert (plan.items["added"], plan.rejected) == (32, ())
    assert [warning.endswith("priority is left out.") for warning in plan.warnings] == [True]
    assert items["INC0000045"] == (
        "incident",
        "INC0000045",
        {
            "opened_at": "2016-02-29T01:16:00Z",
            "resolved_at": "2016-02-29T11:29:00Z",
            "closed_at": "2016-03-05T12:00:00Z",
            "priority": 3,
        },
    )


def test_the_examples_of_the_page_without_a_mapping() -> None:
    """They are read as the page says."""
    items, links = (table(text) for text in BLOCKS["csv"][:2])
    assert [(item.source_id, item.class_name) for item in items.items] == [("web-1", "server")]
    assert [(one.source.name, one.type, one.target.name) for one in links.relations] == [
        ("checkout", "runs_on", "web-1")
    ]


def test_the_example_of_the_page_with_a_mapping() -> None:
    """It brings what the page says."""
    seen = table(BLOCKS["csv"][2], BLOCKS["toml"][0])
    plan, items, relations = brought(seen)
    assert (plan.rejected, plan.unresolved, plan.warnings) == (
        (),
        (),
        ("servers.csv was read with semicolons between its columns.",),
    )
    assert items["Web-shop-1"] == (
        "virtual_machine",
        "Web shop 1",
        {
            "environment": "production",
            "memory_mb": 8192,
            "tier": 1,
            "ip_addresses": ["10.0.0.1", "10.0.0.2"],
            "status_until": "2026-12-24T05:00:00Z",
        },
    )
    assert set(items) == {"Web-shop-1", "Web-shop-2", "host-7"}
    assert set(relations) == {(key, "runs_on", "host-7") for key in ("Web-shop-1", "Web-shop-2")}


def test_the_second_entry_of_the_page_is_a_mapping() -> None:
    """It can be read on its own too."""
    assert mapping(BLOCKS["toml"][1]).relations[0].sheet == "Interfaces"


@pytest.mark.parametrize(("title", "part"), PARTS.items(), ids=PARTS)
def test_the_page_has_every_key(title: str, part: type[Part]) -> None:
    """With the meaning that the program itself gives it."""
    section = PAGE.split(f"### {title}\n")[1].split("###")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)) == part.keys()
