"""The pages of changes, without a browser: the list, one change, the form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.service import Service
from api.service.changes import EditChange, Move, NewChange
from api.service.editing import Edit
from api.web.rendering import render
from api.web.windows import fit_of
from tests.web.changes import ADA, TIDY_UP, register
from tests.web.reading import addresses, heading, inline, part, words

WINDOW = {"start": "2026-12-05T22:00", "end": "2026-12-05T23:00", "zone": "Europe/Berlin"}
ROLL = {
    "title": "Restart the shop databases",
    "affects": [
        {"key": "a", "action": "restart", "minutes": 5},
        {"key": "b", "action": "restart", "step": 2},
    ],
    "window": WINDOW,
}
STATES = ("ok", "at risk", "degraded", "out")


def done(client: TestClient, key: str, verb: str) -> Any:  # noqa: ANN401  the client's own answer
    """Press a button of a change's page, as a browser would."""
    page = client.get(f"/changes/{key}").text
    form = re.search(rf'<form method="post" action="/changes/{key}/{verb}".*?</form>', page, re.DOTALL)
    assert form, f"no button to {verb}"
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    return client.post(f"/changes/{key}/{verb}", data=sent)


def test_an_empty_list_says_how_to_register_one(record: TestClient) -> None:
    """With the form, or from a file; there is nothing to filter."""
    page = record.get("/changes").text

    assert heading(page) == "No change is registered yet."
    assert "cmdb change new FILE" in words(page)
    assert "/changes/new" in addresses(page)
    assert "<select" not in page


def test_the_list_tells_what_each_change_is_about(record: TestClient, at_noon: Service) -> None:
    """The newest first, as its twin: stage, window on the clocks of its zone, impact, what it touches."""
    register(at_noon, ROLL)
    register(at_noon, {"title": "Mend the fax", "type": "emergency"}, assessed=False)
    register(
        at_noon, {"title": "Patch", "affects": [{"unregistered": "fax", "action": "patch"}]}, assessed=True
    )
    page, twin = record.get("/changes").text, record.get("/api/v1/changes").json()
    table = part(page, "Changes")

    assert heading(page) == "3 changes"
    assert re.findall(r"CHG-\d", table) == [one["key"] for one in twin["items"]]
    assert "normal new Sat 5 Dec 22:00–23:00 CET medium a and 1 more" in table
    assert "emergency new no window yet not assessed yet nothing" in table
    assert "unknown, at least low 1 not registered" in table
    assert [one["impact_band"] for one in twin["items"]] == ["unknown, at least low", None, "medium"]


def test_the_list_is_filtered_by_stage_type_and_item(record: TestClient, at_noon: Service) -> None:
    """What no change matches says how many there are without; a wrong stage is refused."""
    register(at_noon, ROLL)
    register(at_noon, {"title": "Mend the fax", "type": "emergency"}, assessed=False)

    assert heading(record.get("/changes?type=emergency").text) == "1 change"
    assert heading(record.get("/changes?affects=a").text) == "1 change that touches a"
    none = words(record.get("/changes?stage=cancelled").text)
    assert "No change matches these filters. Without them: 2. Clear filters" in none
    wrong = record.get("/changes?stage=done", headers={"Accept": "text/html"})
    assert wrong.status_code == 422
    assert "There is no stage “done”" in words(wrong.text)


def test_many_changes_go_on_over_pages(record: TestClient, at_noon: Service) -> None:
    """50 at once; the filter stays."""
    for number in range(52):
        register(at_noon, {"title": f"Change {number}"}, assessed=False)
    page = record.get("/changes?type=normal").text

    assert "1 to 50 of 52" in words(page)
    (later,) = (one for one in addresses(page) if "from=" in one)
    assert later == "/changes?type=normal&from=50"
    assert "51 to 52 of 52" in words(record.get(later).text)


def test_a_change_is_told_with_its_two_numbers_apart(client: TestClient) -> None:
    """The same words as over HTTP: what goes wrong, what is not known, how likely."""
    page, twin = client.get("/changes/CHG-1").text, client.get("/api/v1/changes/CHG-1/assessment").json()
    numbers = part(page, "Impact and likelihood of failure")

    assert heading(page) == f"CHG-1 {TIDY_UP['title']}"
    assert numbers.startswith(f"Impact {twin['impact_band'].capitalize()} Payments and Returns go out")
    assert twin["detail"] in numbers
    assert twin["planned"]["detail"] in numbers
    assert "Typical for its type, about 5 % Medium: likely 2 to 12 %" in numbers
    head = words(page)
    assert "Normal change Done by Team Payments Tue 5 Jan" in head
    assert "02:00–03:00 CET , 1 h 3 items, 3 steps" in head.replace(" 2027", "")
    assert "If we do not: audit finding 31 is overdue, by Sun 31 Jan" in head


def test_the_run_table_says_what_its_twin_says(client: TestClient) -> None:
    """Each service with its users and its state in each run; each state leads to its reason."""
    page, twin = client.get("/changes/CHG-1").text, client.get("/api/v1/changes/CHG-1/assessment").json()
    table = part(page, "What it does to services")
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)

    assert "As planned step 2 If one step fails step 1 If all of it fails" in table
    for one in twin["services"]:
        (row,) = (words(row) for row in rows if f'href="/items/{one["key"]}"' in row and "users" in row)
        states = [one[run].replace("_", " ") for run in ("planned", "credible", "worst")]
        assert row.startswith(f"T{one['tier']} {one['name']} {one['users']:,} {one['users_unit']}")
        assert row.endswith(" ".join(states))
    asked = {link for link in addresses(page) if link.startswith("/impact?cause=fw-118&view=")}
    assert len(asked) > 1
    for link in asked:
        answer = client.get(link)
        assert answer.status_code == 200
        assert heading(answer.text) == twin["credible"]["detail"]


def test_what_is_not_known_and_who_has_a_stake_in_it_stands_apart(client: TestClient) -> None:
    """The unregistered by name, as text; projects with what becomes of what they need."""
    page = client.get("/changes/CHG-1").text

    assert part(page, 'aria-labelledby="unknown"') == "Not known Not registered: old <b>box</b>"
    assert "web-shop , deliverable payment-pages : payments is out" in part(page, "Projects in reach")
    assert inline(page) == []


def test_what_it_alters_and_what_is_weaker_afterwards(client: TestClient) -> None:
    """Step by step, with the single points of failure that come, and the map after it."""
    page = client.get("/changes/CHG-1").text

    assert "Payments has 6 new single points of failure: db-pay-2" in part(page, "Afterwards")
    assert "Payments DB pool can lose none, and could lose 1 before" in part(page, "Afterwards")
    alters = part(page, "What it alters")
    assert "Add 1" in alters
    assert "Retire 1" in alters
    assert "/diff?from=live&to=live%2Bchange%3ACHG-1" in addresses(page)


def test_steps_and_plans_are_told_turn_by_turn(client: TestClient) -> None:
    """What is done to each item, and in which state that is meanwhile."""
    steps = part(client.get("/changes/CHG-1").text, "Steps and plans")

    assert "1 configure Rule FW-118 stays ok" in steps
    assert "2 restart db-pay-1 out for 5 min" in steps
    assert "3 retire old <b>box</b> not registered out, then gone" in steps
    assert "Backout, 25 min, tested Put the rules back." in steps


def test_every_link_of_a_change_leads_somewhere(client: TestClient) -> None:
    """Also to the explorer, to its twins and to what it touches."""
    for page in ("/changes", "/changes/CHG-1", "/changes/new", "/items/CHG-1"):
        for link in addresses(client.get(page).text):
            assert client.get(link).status_code == 200, link


def test_the_backout_is_held_against_the_window(client: TestClient) -> None:
    """By when it has to start, and how much is spare."""
    told = part(client.get("/changes/CHG-1").text, "backout")

    assert told.startswith("Backout 25 min start by 02:35 , 5 min spare")
    assert "implement 20 test 10 5 backout 25 02:00 02:35 03:00" in told
    assert "not tested" not in told


@pytest.mark.parametrize(
    ("backout", "said"),
    [
        (None, "No backout No backout is described."),
        ({"text": "Start it again"}, "It was not tested."),
        ({"text": "x", "tested": True}, "How long the backout takes is not said."),
        ({"text": "x", "minutes": 45, "tested": True}, "start by 22:15 , 15 min too short"),
        ({"text": "x", "minutes": 90}, "1 h too short"),
        ({"text": "x", "minutes": 10, "point_of_no_return": 15}, "start by 22:15 , 20 min spare"),
    ],
)
def test_what_is_missing_of_a_backout_is_said(
    record: TestClient, at_noon: Service, backout: dict[str, Any] | None, said: str
) -> None:
    """None at all, no minutes, or too many of them."""
    plans = {"implementation": {"minutes": 20}, "test": {"minutes": 10}, "backout": backout}
    key = register(at_noon, {**ROLL, "plans": plans}, assessed=False)

    assert said in part(record.get(f"/changes/{key}").text, "backout")


def test_without_a_window_no_time_is_told(record: TestClient, at_noon: Service) -> None:
    """And without the minutes of the work, nothing is called spare."""
    plans = {"backout": {"text": "x", "minutes": 10, "tested": True}}
    timeless = register(at_noon, {"title": "Some day", "plans": plans}, assessed=False)
    vague = register(at_noon, {**ROLL, "plans": plans}, assessed=False)

    assert "No window is set." in part(record.get(f"/changes/{timeless}").text, "backout")
    told = part(record.get(f"/changes/{vague}").text, "backout")
    assert "start by 22:50 left 50 10 22:00 23:00" in told
    assert "How long the implementation and the test take is not said." in told
    assert "spare" not in told


def test_the_clocks_may_be_put_back_in_a_window() -> None:
    """The latest start is told on the clocks as they are then."""
    window = {"start": "2026-10-24T23:30:00Z", "end": "2026-10-25T02:30:00Z", "zone": "Europe/Berlin"}
    plans = {"implementation": None, "test": None, "backout": {"minutes": 120, "point_of_no_return": None}}
    fit = fit_of({"window": {**window, "minutes": 180}, "plans": plans})

    assert fit.times == ("01:30", "02:30", "03:30")
    assert [piece.width for piece in fit.pieces] == [33.33, 66.67]


def test_a_change_is_assessed_submitted_and_assessed_again(record: TestClient, at_noon: Service) -> None:
    """By the buttons that its stage allows; what comes of it is told."""
    key = register(at_noon, ROLL, assessed=False)
    page = record.get(f"/changes/{key}").text
    assert "Not assessed yet." in words(page)
    assert "Impact and likelihood" not in page

    assert "Shop and Till are at risk if step 1 fails." in words(done(record, key, "assess").text)
    submitted = words(done(record, key, "submit").text)
    assert "CHG-1 submitted, by" in submitted
    assert f"/changes/{key}/submit" not in record.get(f"/changes/{key}").text
    assert "assessed Normal change" in words(done(record, key, "assess").text)


def test_a_cancelled_change_has_no_buttons(record: TestClient, at_noon: Service) -> None:
    """It stays as it is."""
    key = register(at_noon, ROLL, assessed=False)
    page = done(record, key, "cancel").text

    assert "cancelled Normal change" in words(page)
    assert '<form method="post"' not in page
    assert "It is cancelled, and was never assessed." in words(page)


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"seen": "1-0123456789abcdef"}, 412, "Nothing was written."),
        ({}, 409, "CHG-1 is cancelled"),
    ],
)
def test_a_refusal_comes_back_on_the_page(
    record: TestClient, at_noon: Service, sent: dict[str, str], status: int, said: str
) -> None:
    """Somebody else altered it first, or its stage does not allow it."""
    key = register(at_noon, ROLL, assessed=False)
    if not sent:
        at_noon.changes.cancel(key, Move(ADA))
    answer = record.post(f"/changes/{key}/submit", data=sent)

    assert answer.status_code == status
    assert said in part(answer.text, "summary")
    assert heading(answer.text) == f"{key} {ROLL['title']}"


def test_pressed_twice_it_is_done_once(record: TestClient, at_noon: Service) -> None:
    """The second press is answered like the first."""
    key = register(at_noon, ROLL, assessed=False)
    edition = at_noon.changes.show(key)["edition"]
    for _ in range(2):
        answer = record.post(f"/changes/{key}/submit", data={"seen": edition, "id": "once"})
        assert answer.status_code == 200
    assert len(at_noon.changes.show(key)["history"]) == 2


def test_an_outdated_assessment_says_so(record: TestClient, at_noon: Service) -> None:
    """With the button that mends it."""
    key = register(at_noon, ROLL)
    assert "has changed since it was assessed" not in words(record.get(f"/changes/{key}").text)
    at_noon.editing.edit(Edit("pool", {"needs": 2}, ADA, None, None))
    assert "has changed since it was assessed. Assess again" in part(
        record.get(f"/changes/{key}").text, "Outdated"
    )
    page = done(record, key, "assess").text
    assert "has changed since" not in words(page)
    assert "go out if step 1 fails" in words(page)


def test_a_plan_that_no_longer_fits_is_told(record: TestClient, at_noon: Service) -> None:
    """What stands in its way, and that nothing can be said of afterwards."""
    key = register(at_noon, {**ROLL, "operations": [{"item": {"key": "lone", "class": "server", "tier": 1}}]})
    at_noon.editing.edit(Edit("lone", {"tier": 3}, ADA, None, None))

    assert "It no longer fits what is there" in part(record.get(f"/changes/{key}").text, "What it alters")


def test_what_hits_no_service_is_not_called_harmless(record: TestClient, at_noon: Service) -> None:
    """Its band is unknown, and what is not known is named."""
    key = register(at_noon, {"title": "Move", "affects": [{"key": "lone", "action": "restart"}]})
    page = record.get(f"/changes/{key}").text

    assert "Impact Unknown, at least low No service is hit" in words(page)
    assert "No run hits a service. What is not known stands apart." in words(page)
    assert "From 1 of 1 items no path leads to a service on the map: lone" in part(page, "unknown")


def test_while_the_store_is_away_a_change_says_what_is_missing(record: TestClient, at_noon: Service) -> None:
    """Its record is told from memory; its plan, history and assessment come back with the store."""
    key = register(at_noon, {**ROLL, "risk_of_not_doing": {"deadline": "2026-12-31"}})
    record.get(f"/changes/{key}")
    at_noon.workspace.store.close()
    page = record.get(f"/changes/{key}").text

    assert heading(page) == f"{key} {ROLL['title']}"
    for what in ("What it alters cannot be read", "The history cannot be read", "The assessment cannot be"):
        assert what in words(page)
    assert re.search(r"<button class=\"control\" disabled>Submit", page)


@pytest.mark.parametrize(
    ("part_name", "told", "said"),
    [
        ("holds", [], "No holds"),
        (
            "holds",
            [{"rule": "untested_backout", "detail": "Backout not tested. Tier 1 can go out."}],
            "1 hold bar approval until overridden with a reason HOLD Backout not tested. Tier 1 can go out.",
        ),
        ("conflicts", [], "No conflicts"),
        (
            "conflicts",
            [
                {"reason": "reach", "with": "CHG-2", "owner": "team", "detail": "both reach <Payments>"},
                {
                    "reason": "joint_harm",
                    "with": "CHG-3, CHG-4",
                    "owner": None,
                    "detail": "together out",
                },
            ],
            "2 conflicts Reach CHG-2 both reach <Payments> team Joint harm CHG-3 , CHG-4 together out",
        ),
    ],
)
def test_holds_and_conflicts_are_told_each_with_its_reason(
    part_name: str, told: list[dict[str, str | None]], said: str
) -> None:
    """As an assessment has them; that there are none is said as well."""
    page = bytes(render(f"parts/change_{part_name}.html", assessed={part_name: told}).body).decode()

    assert words(page) == said


def test_a_window_shorter_than_a_minute_is_drawn() -> None:
    """Nothing fits into it, and nothing is divided by it."""
    window = {"start": "2026-12-05T22:00:00Z", "end": "2026-12-05T22:00:30Z", "zone": "UTC", "minutes": 0}
    nothing = {"minutes": 0, "point_of_no_return": None}
    fit = fit_of({"window": window, "plans": dict.fromkeys(("implementation", "test", "backout"), nothing)})

    assert fit.room == "0 min spare"


def test_something_else_is_no_change(record: TestClient) -> None:
    """Nor what is not there."""
    for key in ("shop", "CHG-7"):
        answer = record.get(f"/changes/{key}", headers={"Accept": "text/html"})
        assert answer.status_code == 404


def test_an_item_names_the_open_changes_that_touch_it(record: TestClient, at_noon: Service) -> None:
    """Those that are over stand in the list only; a change's own item leads to its page."""
    open_, over = register(at_noon, ROLL), register(at_noon, {**ROLL, "title": "Never mind"})
    at_noon.changes.cancel(over, Move(ADA))
    page = record.get("/items/a").text

    assert f"Open changes: {open_} Restart the shop databases , Sat 5 Dec" in words(page)
    assert f"{over} Never mind" not in words(page)
    assert "/changes?affects=a" in addresses(page)
    assert "Open changes" not in record.get("/items/lone").text
    assert f"/changes/{open_}" in addresses(record.get(f"/items/{open_}").text)


TYPED = {
    "title": "Restart the shop databases",
    "type": "emergency",
    "reason": "They leak.",
    "risk_of_not_doing.text": "They fall over",
    "risk_of_not_doing.deadline": "2026-12-31",
    "affects[0].key": "a",
    "affects[0].action": "restart",
    "affects[0].minutes": "5",
    "affects[2].key": "fax",
    "affects[2].action": "patch",
    "affects[2].step": "2",
    "affects[2].unregistered": "yes",
    "window.start": "2026-12-05T22:00",
    "window.end": "2026-12-05T23:00",
    "window.zone": "Europe/Berlin",
    "plans.implementation.text": "One after\r\nthe other",
    "plans.implementation.minutes": "20",
    "plans.backout.text": "Start them again",
    "plans.backout.minutes": "25",
    "plans.backout.tested": "yes",
    "implementer": "ops",
}


def test_a_change_is_registered_with_the_form(record: TestClient, at_noon: Service) -> None:
    """The same as from a file; sent twice it is registered once."""
    for _ in range(2):
        answer = record.post("/changes/new", data={**TYPED, "id": "once"})
        assert answer.status_code == 200
        assert heading(answer.text) == "CHG-1 Restart the shop databases"
    made = at_noon.changes.show("CHG-1")

    assert at_noon.changes.list()["total"] == 1
    assert [(one["key"], one["name"], one["action"], one["step"]) for one in made["affects"]] == [
        ("a", "a", "restart", 1),
        (None, "fax", "patch", 2),
    ]
    assert made["type"] == "emergency"
    assert made["window"]["start"] == "2026-12-05T21:00:00Z"
    assert made["plans"]["implementation"]["minutes"] == 20
    assert made["plans"]["backout"] == {
        "text": "Start them again",
        "evidence": None,
        "minutes": 25,
        "tested": True,
        "point_of_no_return": None,
    }


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"title": " "}, "title", "say in a few words what is done"),
        ({"affects[0].key": "aa"}, "affects[0].key", "aa"),
        ({"affects[0].action": ""}, "affects[0].action", "say what is done to it"),
        ({"affects[2].key": "a", "affects[2].unregistered": "yes"}, "affects[1].key", "is registered"),
        ({"affects[0].minutes": "soon"}, "affects[0].minutes", "soon"),
        ({"affects[0].step": "0"}, "affects[0].step", "0"),
        ({"window.end": "2026-12-05T21:00"}, "window.end", "the window ends at"),
        ({"window.start": ""}, "window.start", "a window has a start and an end"),
        ({"window.zone": "Europe/Berlim"}, "window.zone", "is not a time zone"),
        ({"risk_of_not_doing.deadline": "soon"}, "risk_of_not_doing.deadline", "is not a time"),
        ({"plans.backout.minutes": "-5"}, "plans.backout.minutes", "-5"),
        ({"type": "urgent"}, "type", "urgent"),
    ],
)
def test_a_fault_stands_beside_its_field_and_in_the_summary(
    record: TestClient, at_noon: Service, typed: dict[str, str], field: str, said: str
) -> None:
    """Everything that was typed stays, and nothing is written."""
    answer = record.post("/changes/new", data={**TYPED, **typed})
    page = answer.text
    (beside,) = re.findall(rf'<p class="wrong" id="{re.escape(field)}-wrong">(.*?)</p>', page)

    assert answer.status_code == 422
    assert said.lower() in words(beside).lower()
    assert said in part(page, "summary")
    assert re.search(rf'name="{re.escape(field)}"[^>]* aria-invalid="true"', page)
    assert 'value="20"' in page
    assert "One after\r\nthe other" in page
    assert at_noon.changes.list()["total"] == 0
    assert inline(page) == []


def test_more_rows_come_with_what_was_typed(record: TestClient, at_noon: Service) -> None:
    """Nothing is checked or written meanwhile; rows left blank go to the end."""
    page = record.post("/changes/new", data={**TYPED, "title": "", "more": "rows"}).text

    assert page.count('aria-label="Row ') == 10
    assert re.search(r'name="affects\[1\].key" value="fax"', page)
    assert "wrong" not in page
    assert at_noon.changes.list()["total"] == 0


def test_what_stands_in_the_way_of_a_form_is_told(record: TestClient, at_noon: Service) -> None:
    """Another change under the same id is no repetition."""
    record.post("/changes/new", data={**TYPED, "id": "same"})
    answer = record.post("/changes/new", data={**TYPED, "title": "Other", "id": "same"})

    assert answer.status_code in {409, 422}
    assert "same" in part(answer.text, "summary")
    assert 'value="Other"' in answer.text
    assert at_noon.changes.list()["total"] == 1


def test_secrets_that_were_typed_are_left_out_and_that_is_said(record: TestClient) -> None:
    """They are neither kept nor shown."""
    typed = {**TYPED, "plans.test.text": "Connect to postgres://app:hunter2@db/shop"}
    page = record.post("/changes/new", data=typed).text

    assert "What looked like a password, key or token was left out" in words(page)
    assert "hunter2" not in page


def test_the_form_begins_with_the_item_one_came_from(record: TestClient) -> None:
    """What is asked for in the address stays text."""
    assert 'value="a"' in record.get("/changes/new?affects=a").text
    page = record.get('/changes/new?affects="><script>').text
    assert inline(page) == []


def test_what_is_no_form_is_refused(record: TestClient) -> None:
    """More fields than the page has, or files."""
    answer = record.post("/changes/new", data={f"x{one}": "" for one in range(2000)})
    assert answer.status_code == 400


def test_many_items_are_folded_and_fit(record: TestClient, at_noon: Service) -> None:
    """The first ones stand in sight; the rest is counted."""
    many = [{"unregistered": f"thing {one}", "action": "patch", "step": one + 1} for one in range(250)]
    key = at_noon.changes.new(NewChange({"title": "Patch everything", "affects": many}, ADA))["key"]
    page = record.get(f"/changes/{key}").text

    assert "238 more" in part(page, "Steps and plans")
    assert "and 38 more, all in the JSON" in words(page)
    assert len(page) < 200_000


def test_a_reason_that_is_taken_away_is_told_no_more(record: TestClient, at_noon: Service) -> None:
    """The page shows the change as it is now."""
    key = register(at_noon, {**ROLL, "reason": "They leak."}, assessed=False)
    assert "They leak." in words(record.get(f"/changes/{key}").text)
    at_noon.changes.edit(EditChange(key, {"reason": None}, ADA))
    assert "They leak." not in words(record.get(f"/changes/{key}").text)
