"""The HTTP API under /api/v1, and the one application that serves it and the pages."""
