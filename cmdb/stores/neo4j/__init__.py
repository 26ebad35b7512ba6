"""The store for production: a Neo4j server (Community 5.26 or newer), shared by as many processes as like."""

from cmdb.stores.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore"]
