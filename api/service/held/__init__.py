"""Imports in steps, for who reads the plan before it is applied: files held, planned, applied, as jobs."""

from api.service.held.imports import HeldImports, Look
from api.service.held.jobs import Job, Jobs
from api.service.held.uploads import Upload, Uploads

__all__ = ["HeldImports", "Job", "Jobs", "Look", "Upload", "Uploads"]
