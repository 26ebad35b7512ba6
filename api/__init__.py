"""The front doors: use cases, the HTTP API and the pages with the server of both, and the command line."""
