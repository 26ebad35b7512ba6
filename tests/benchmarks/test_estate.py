from collections import Counter
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner

from api.service import open_service
from api.service.imports import Import
from api.settings import Settings
from benchmarks.estate import Estate, main, write
from benchmarks.layers import SMALLEST
from cmdb.model import Actor
from loaders.files import files

pytestmark = pytest.mark.slow

CIS = 3_000
ESTATE = Estate(CIS, seed=7)


def written(folder: Path, *options: str) -> dict[str, bytes]:
    """Return what the command writes, by file name."""
    done = CliRunner().invoke(main, [*options, str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs write equal files, and another seed writes others."""
    first = written(tmp_path / "first", "--cis", "500", "--seed", "7")
    assert first == written(tmp_path / "again", "--cis", "500", "--seed", "7")
    assert first != written(tmp_path / "other", "--cis", "500", "--seed", "8")


@pytest.mark.parametrize("cis", [SMALLEST, CIS])
def test_an_estate_is_imported_without_a_fault(tmp_path: Path, cis: int) -> None:
    """The built-in vocabulary takes all of it, as many items as asked for, and nothing to warn of."""
    write(Estate(cis), tmp_path)
    with open_service(Settings(store=None)) as service:
        done = service.imports.apply(Import(tuple(files([tmp_path])), Actor("ada")))
    assert done["items"]["added"] == cis
    assert (done["unresolved"], done["rejected"], done["warnings"]) == ([], [], [])


def test_large_estates_come_in_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file holds more than the limits let through, and items come first."""
    monkeypatch.setattr("benchmarks.estate.ITEMS_IN_A_FILE", 1_000)
    monkeypatch.setattr("benchmarks.estate.RELATIONS_IN_A_FILE", 5_000)
    write(ESTATE, tmp_path)
    names = [Path(source.name).name for source in files([tmp_path])]
    assert names[:5] == [*(f"items-000{number}.json" for number in range(4)), "relations-0000.json"]
    assert len(names) == 7


def test_there_are_about_four_relations_for_each_item() -> None:
    """Not counting repetitions, of which there are none."""
    relations = [(row["source"], row["type"], row["target"]) for row in Estate(20_000).relations()]
    assert len(set(relations)) == len(relations)
    assert 3.7 < len(relations) / 20_000 < 4.3


def test_it_has_hubs_cycles_and_groups() -> None:
    """Some are needed by hundreds and most by few, services need each other, groups say what they need."""
    relations = list(ESTATE.relations())
    targets = sorted(Counter(row["target"] for row in relations).values(), reverse=True)
    assert targets[0] > CIS / 10
    assert targets[len(targets) // 2] < 5
    needs: nx.DiGraph[str] = nx.DiGraph(
        [(row["source"], row["target"]) for row in relations if row["type"] == "depends_on"]
    )
    assert max(map(len, nx.strongly_connected_components(needs))) > 1
    groups = [row for row in ESTATE.items() if row["class"] == "redundancy_group"]
    assert {row["needs"] for row in groups} == {1, "50%", "75%"}
    members = Counter(row["target"] for row in relations if row["type"] == "member_of")
    assert members.keys() == {row["key"] for row in groups}


def test_an_estate_that_is_too_small_is_refused() -> None:
    """Below a hundred items there would be no room for every layer."""
    with pytest.raises(ValueError, match="at least 100 items"):
        list(Estate(SMALLEST - 1).items())
