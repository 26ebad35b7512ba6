"""The application: routers, error handlers, and what keeps strangers out."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.http import (
    changes,
    comparing,
    data,
    export,
    fixing,
    health,
    impact,
    imports,
    items,
    metrics,
    owning,
    present,
    proof,
    undoing,
)
from api.http.describing import ABOUT, describe
from api.http.strict import strictly
from api.server import errors, problems
from api.server.guard import Guard
from api.server.metrics import Metrics
from api.server.watching import API, Watch
from api.service import Service
from api.settings import Settings
from api.web import pages
from cmdb.errors import CmdbError


def create_app(service: Service, settings: Settings) -> FastAPI:
    """Build the application on top of some use cases."""
    app = FastAPI(
        title="cmdb",
        version="1",
        description=ABOUT,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name.replace("_", "-"),
    )
    app.state.service = service
    app.state.metrics = Metrics(service)
    for router in (
        items.router,
        impact.router,
        data.router,
        fixing.router,
        owning.router,
        present.router,
        changes.router,
        imports.router,
        undoing.router,
        comparing.router,
        proof.router,
        export.router,
    ):
        app.include_router(router, prefix=API, dependencies=[Depends(strictly)])
    app.include_router(health.router, dependencies=[Depends(strictly)])
    app.include_router(metrics.router, dependencies=[Depends(strictly)])
    app.include_router(problems.router, dependencies=[Depends(strictly)])
    pages.mount(app, service)
    describe(app)
    app.add_exception_handler(CmdbError, errors.on_cmdb_error)
    app.add_exception_handler(HTTPException, errors.on_http_exception)
    app.add_exception_handler(RequestValidationError, errors.on_invalid_request)
    app.add_exception_handler(Exception, errors.on_crash)
    app.add_middleware(Guard, tokens=settings.tokens or {})
    app.add_middleware(Watch, metrics=app.state.metrics)
    return app
