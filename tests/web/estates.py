"""Small estates for single tests."""

from impact.explain import NESTED_AT_MOST

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
NAMESAKES = b"""
items:
  - {key: "workload:cart", class: workload, name: cart}
  - {key: "service:cart", class: technical_service, name: cart}
  - {key: east, class: technical_service, name: shop}
  - {key: west, class: technical_service, name: shop}
relations:
  - {source: "service:cart", type: depends_on, target: "workload:cart"}
  - {source: east, type: depends_on, target: "service:cart"}
  - {source: west, type: depends_on, target: "service:cart"}
"""
LONG = f"""
items:
  - {{key: feed, class: server, name: {"x" * 200}}}
  - {{key: pool, class: redundancy_group, name: "Pool {"W" * 190}", needs: 1}}
  - {{key: one, class: database, name: {"M" * 200}}}
  - {{key: two, class: database, name: {"ש" * 100}}}
  - {{key: {"k" * 200}, class: application_service, name: {"Wort " * 40}, tier: 1, owner: {"o" * 200}}}
  - {{key: shop, class: application_service, name: {"خدمة الدفع " * 15}, tier: 2}}
relations:
  - {{source: one, type: member_of, target: pool}}
  - {{source: two, type: member_of, target: pool}}
  - {{source: one, type: runs_on, target: feed}}
  - {{source: {"k" * 200}, type: depends_on, target: pool}}
  - {{source: shop, type: depends_on, target: feed}}
""".encode()
NESTED = "\n".join(
    [
        "items:",
        "  - {key: g0, class: database}",
        *(f"  - {{key: g{depth}, class: redundancy_group}}" for depth in range(1, NESTED_AT_MOST + 3)),
        "relations:",
        *(
            f"  - {{source: g{one}, type: member_of, target: g{one + 1}}}"
            for one in range(NESTED_AT_MOST + 2)
        ),
    ]
).encode()
"""A database in a group in a group, and so on: deeper than reasons are told."""
RECORD = b"""
items:
  - {key: ops, class: team, name: Operations, on_call: "ext. 7"}
  - {key: shop, class: application_service, name: Shop, tier: 1, owner: ops, support_group: night,
     restore_within: PT30M, users: 29300, description: "https://example.org/shop"}
  - {key: till, class: application_service, name: Till, tier: 2, owner: ops}
  - {key: pool, class: redundancy_group, name: Shop pool, needs: 1}
  - {key: a, class: database, description: "javascript:alert(1)"}
  - {key: b, class: database}
  - {key: feed, class: power_feed, name: Feed}
  - {key: search, class: data_store, name: Search}
  - {key: idle, class: server, name: idle, status: maintenance, status_until: "2026-12-01T00:00:00Z"}
  - {key: gone, class: server, status: retired}
  - {key: next, class: server, status: planned}
  - {key: lone, class: server}
  - {key: shop-tls, class: certificate, name: Shop certificate, expires_at: "2026-11-29T12:00:00Z"}
  - {key: mon, class: technical_service, name: Monitoring}
relations:
  - {source: till, type: depends_on, target: shop}
  - {source: shop, type: depends_on, target: pool}
  - {source: shop, type: depends_on, target: shop-tls}
  - {source: shop, type: uses, target: search, still_works: browsing}
  - {source: search, type: runs_on, target: idle}
  - {source: shop, type: runs_on, target: gone}
  - {source: shop, type: monitored_by, target: mon}
  - {source: a, type: member_of, target: pool}
  - {source: b, type: member_of, target: pool}
  - {source: a, type: depends_on, target: feed}
  - {source: b, type: depends_on, target: feed}
"""
"""A service with something to say in every part of its page, as of noon on 20 November 2026."""
OWNED = b"""
items:
  - {key: ops, class: team, name: Operations, on_call: "ext. 7"}
  - {key: idle-team, class: team, name: Idle team}
  - {key: shop, class: application_service, name: Shop, tier: 1, owner: ops}
  - {key: till, class: application_service, name: Till, tier: 2, owner: ops}
  - {key: old, class: application_service, name: Old, owner: ops, status: retired}
  - {key: stray, class: application_service, name: Stray, tier: 3}
  - {key: wide, class: redundancy_group, name: Wide pool, needs: 1}
  - {key: tight, class: redundancy_group, name: Tight pool, needs: 2}
  - {key: a, class: database}
  - {key: b, class: database}
  - {key: c, class: database}
  - {key: d, class: database}
  - {key: feed, class: power_feed, name: Feed}
  - {key: box, class: server, name: Box, status: maintenance}
  - {key: soon, class: certificate, name: Soon, expires_at: "2026-11-29T12:00:00Z"}
  - {key: over, class: certificate, name: Over, expires_at: "2026-11-17T12:00:00Z"}
  - {key: far, class: certificate, name: Far, expires_at: "2028-11-17T12:00:00Z"}
relations:
  - {source: a, type: member_of, target: wide}
  - {source: b, type: member_of, target: wide}
  - {source: a, type: depends_on, target: feed}
  - {source: b, type: depends_on, target: feed}
  - {source: c, type: member_of, target: tight}
  - {source: d, type: member_of, target: tight}
  - {source: shop, type: depends_on, target: wide}
  - {source: shop, type: depends_on, target: tight}
  - {source: shop, type: depends_on, target: soon}
  - {source: a, type: depends_on, target: over}
  - {source: shop, type: depends_on, target: far}
  - {source: till, type: uses, target: box}
"""
"""Two teams, one of which owns a service with groups of several kinds; as of noon on 20 November 2026."""
