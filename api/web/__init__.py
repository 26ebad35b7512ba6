"""Pages: the answers as a person reads them, rendered on the server."""
