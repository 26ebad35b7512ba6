"""The one application that serves the HTTP API and the pages, and what stands at its door."""
