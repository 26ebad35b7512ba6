"""What follows when things fail that a file tells of."""

from __future__ import annotations

from cmdb.harm import State
from cmdb.observations import Observations
from cmdb.stores.sqlite import SqliteStore
from cmdb.vocabulary import Vocabulary
from impact.answer import ask
from impact.following import take
from tests.cmdb.estates import Clock, bring
from tests.impact.pictures import NOW


def hurt(seen: Observations, vocabulary: Vocabulary, *causes: str) -> dict[str, str]:
    """Import a file and tell the states of what is worse when some items, by the source's ids, are out."""
    store = SqliteStore(None, Clock())
    bring(store, vocabulary, seen)
    picture = take(store.read(), vocabulary)
    uids = {identity.source_id: uid for identity, uid in store.identities().items()}
    store.close()
    ids = {picture.number_of_uid(uid): source_id for source_id, uid in uids.items()}
    places = {place: source_id for place, source_id in ids.items() if place is not None}
    given = {place: State.OUT for place, source_id in places.items() if source_id in causes}
    assert len(given) == len(causes)
    answer = ask(picture, given, NOW)
    return {places[place]: State(answer.harm.state[place]).name.lower() for place in answer.affected}
