"""Use cases: what people can do here, once. Command line, HTTP and pages call these."""

from api.service.build import Service, open_service
from api.service.workspace import Selected, Workspace

__all__ = ["Selected", "Service", "Workspace", "open_service"]
