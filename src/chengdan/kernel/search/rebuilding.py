"""Making the entries of a kind anew, when what finds its objects has changed."""

from __future__ import annotations

from chengdan.kernel.search.models import SearchEntry
from chengdan.kernel.search.registry import SearchSource, search_kind_get
from chengdan.kernel.search.services import search_put_many
from chengdan.kernel.transactions import write

CHUNK = 500


def search_rebuild(code: str, chunk: int = CHUNK) -> int:
    """Put every object of a kind into the search as its room would today, and drop what is gone.

    The site may run meanwhile: each chunk is a transaction that holds its objects, so an act on
    one of them comes wholly before or after. Doing it twice changes nothing.

    Args:
        code: a kind that its room registered with its source.
        chunk: objects per transaction.

    Returns:
        How many objects can be found now.

    Raises:
        KeyError: no such kind.
    """
    source = search_kind_get(code).source
    count, after = 0, 0
    while source is not None:
        found, after = _chunk_rebuild(code, source, after, chunk)
        count += found
        if found < chunk:
            break
    return count


def _chunk_rebuild(code: str, source: SearchSource, after: int, chunk: int) -> tuple[int, int]:
    """Renew the entries of the next objects; return how many they are and the last one's key."""
    with write():
        ahead = source.rows().filter(pk__gt=after).order_by("pk")
        rows = list(ahead.select_for_update(of=("self",))[:chunk])
        search_put_many(code, [(row, source.fields(row)) for row in rows])
        entries = SearchEntry.objects.filter(kind=code, object_id__gt=after)
        if len(rows) == chunk:
            after = rows[-1].pk
            entries = entries.filter(object_id__lte=after)
            ahead = ahead.filter(pk__lte=after)
        entries.exclude(object_id__in=ahead.order_by().values("pk")).delete()
        return len(rows), after
