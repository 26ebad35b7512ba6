"""Small estates for single tests."""

HOSTILE = b"""
items:
  - {key: bad, class: server, name: "<img src=x onerror=alert(1)>"}
  - {key: worse, class: application_service, name: "</script><script>alert(2)</script>", tier: 1}
  - {key: quoted, class: server, name: "\\" onmouseover='alert(3)'"}
relations:
  - {source: worse, type: depends_on, target: bad}
  - {source: worse, type: depends_on, target: quoted}
"""
POOL = b"""
items:
  - {key: shop, class: application_service, name: Shop, tier: 1}
  - {key: pool, class: redundancy_group, name: Shop pool, needs: 1}
  - {key: a, class: database}
  - {key: b, class: database}
  - {key: c, class: database}
relations:
  - {source: shop, type: depends_on, target: pool}
  - {source: a, type: member_of, target: pool}
  - {source: b, type: member_of, target: pool}
  - {source: c, type: member_of, target: pool}
"""
