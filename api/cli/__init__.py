"""The command line. `main` is the script `cmdb`; each command module adds its verbs."""

from api.cli.main import main

__all__ = ["main"]
