"""People whom NetBox names as contacts of things."""

from __future__ import annotations

from cmdb.observations import End
from loaders.netbox.dump import end
from loaders.netbox.graph import Graph

_UNUSED = "inactive"


def add_contacts(graph: Graph) -> None:
    """Add contacts as people, and whatever became an item as supported by its own."""
    for row in graph.dump.all("tenancy.contact"):
        graph.add("person", row, {"email": row.text("email"), "phone": row.text("phone")})
    ends = {item.source_id: End(item.class_name, item.source_id) for item in graph.items}
    for row in graph.dump.all("tenancy.contactassignment"):
        target = graph.dump.target(row, "object_type", "object_id")
        model, pk = target or graph.dump.target(row, "content_type", "object_id") or ("", None)
        thing = end("", model, pk)
        if thing and thing.name in ends and row.text("priority") != _UNUSED:
            role = graph.dump.title("tenancy.contactrole", row.pk_of("role")) or ""
            contact = end("person", "tenancy.contact", row.pk_of("contact"))
            graph.relate(ends[thing.name], "supported_by", contact, row, role)
