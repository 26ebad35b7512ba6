"""The pages, put on the application."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from api.service import Service
from api.web import assets
from api.web.change_form import ChangeForm
from api.web.changes import ChangePages
from api.web.data import DataPage
from api.web.diff import Diff
from api.web.errors import PageRoute
from api.web.explorer import Explorer
from api.web.fixing import DATA, SERVICES, FixingPage
from api.web.front import Front
from api.web.importing import ImportPages
from api.web.item import ItemPage
from api.web.search import Search
from api.web.services import Services
from api.web.undo import UndoPages


def mount(app: FastAPI, service: Service) -> None:
    """Add the pages, their JSON twins and the browser's files to the application."""
    explorer, item, undo = Explorer(service), ItemPage(service), UndoPages(service)
    data, services = DataPage(service), Services(service)
    fixing = FixingPage(service, {DATA: data.show, SERVICES: services.show})
    pages = APIRouter(route_class=PageRoute, include_in_schema=False)
    pages.add_api_route("/", Front(service).page)
    pages.add_api_route("/search", Search(service).page)
    pages.add_api_route("/impact", explorer.page)
    pages.add_api_route("/impact/why", explorer.why)
    pages.add_api_route("/items/{key}", item.page)
    pages.add_api_route("/items/{key}/history", item.history)
    pages.add_api_route("/diff", Diff(service).page)
    pages.add_api_route("/services", services.page)
    pages.add_api_route("/data", data.page)
    pages.add_api_route("/data/fixes", fixing.post, methods=["POST"])
    pages.add_api_route("/data/{name}.csv", data.sheet)
    pages.add_api_route("/data/{name}", data.rows)
    pages.add_api_route("/revisions/{revision}/undo", undo.page)
    pages.add_api_route("/revisions/{revision}/undo", undo.undo, methods=["POST"])
    _add_changes(pages, ChangePages(service), ChangeForm(service))
    _add_imports(pages, ImportPages(service))
    app.include_router(pages)
    app.add_api_route("/impact.json", explorer.twin, include_in_schema=False)
    app.add_api_route("/impact/drawing.json", explorer.drawing, include_in_schema=False)
    app.mount("/static", assets.files(), name="static")


def _add_changes(pages: APIRouter, changes: ChangePages, form: ChangeForm) -> None:
    pages.add_api_route("/changes", changes.overview)
    pages.add_api_route("/changes/new", form.page)
    pages.add_api_route("/changes/new", form.register, methods=["POST"])
    pages.add_api_route("/changes/{key}", changes.page)
    for verb in (changes.submit, changes.cancel, changes.assess):
        pages.add_api_route(f"/changes/{{key}}/{verb.__name__}", verb, methods=["POST"])


def _add_imports(pages: APIRouter, importing: ImportPages) -> None:
    pages.add_api_route("/import", importing.form)
    pages.add_api_route("/import", importing.bring, methods=["POST"])
    pages.add_api_route("/import/{id}", importing.page)
    pages.add_api_route("/import/{id}/plan.json", importing.whole)
    pages.add_api_route("/import/{id}/plan.csv", importing.table)
    for verb in (importing.apply, importing.again, importing.discard):
        pages.add_api_route(f"/import/{{id}}/{verb.__name__}", verb, methods=["POST"])
