"""Where the graph is kept. One protocol (`base`), one module per store."""
