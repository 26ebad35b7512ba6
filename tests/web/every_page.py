"""Every kind of page there is: who adds one adds a line, and the tests that walk all pages walk it too."""

PAGES = {
    "front": "/",
    "search": "/search?q=check",
    "nothing found": "/search?q=chekout",
    "item": "/items/checkout",
    "history": "/items/checkout/history",
    "explorer": "/impact?cause=power-f2",
    "explorer, many causes": "/impact?cause=power-f2&cause=dc-north&state=out&state=degraded&tab=all",
    "explorer, unknown name": "/impact?cause=chekout",
    "differences": "/diff?from=@1&to=live",
    "changes": "/changes",
    "changes, none matches": "/changes?stage=cancelled",
    "change": "/changes/CHG-1",
    "register a change": "/changes/new?affects=fw-118",
    "my services": "/services",
    "a team's services": "/services?owner=team-shop",
    "data": "/data",
    "data, one list": "/data/unmapped",
    "undo": "/revisions/8/undo",
    "import": "/import",
    "error": "/items/chekout",
}
"""What each is called, and an address that shows it on the demo estate."""
