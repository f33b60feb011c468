"""Invariant I16: the stored closure and the rights resolved from it, recomputed another way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Q

from chengdan.kernel import clock
from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.people.models import (
    Assignment,
    Company,
    Deputy,
    Grant,
    OrgClosure,
    OrgUnit,
    Position,
    RolePermission,
    User,
)
from chengdan.modules.people.selectors.rights import Reach, rights_resolve


class Walk:
    """The organisation of a company as plain parent links, walked without the closure."""

    def __init__(self, company_id: int, on: date) -> None:
        self.on = on
        self.company_id = company_id
        units = OrgUnit.objects.filter(company_id=company_id)
        self.parent = dict(units.values_list("id", "parent_id"))
        seats = Position.objects.filter(company_id=company_id)
        self.seats = {
            seat.pk: seat for seat in seats if seat.closed_on is None or seat.closed_on >= on
        }
        held = Assignment.objects.filter(position__company_id=company_id)
        self.held = [
            (row.position_id, row.user_id)
            for row in held
            if row.position_id in self.seats and self._counts(row.starts_on, row.ends_on)
        ]
        self.table: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for row in RolePermission.objects.select_related("role"):
            if row.role.is_active:
                self.table[row.role_id].append((row.permission, row.scope))
        self.people = {user.pk: user for user in User.objects.all()}
        self.grants = [
            row
            for row in Grant.objects.filter(company_id=company_id)
            if row.revoked_at is None and self._counts(row.starts_on, row.ends_on)
        ]
        self.deputies = [
            row
            for row in Deputy.objects.filter(company_id=company_id)
            if row.revoked_at is None and self._counts(row.starts_on, row.ends_on)
        ]

    def _counts(self, starts_on: date, ends_on: date | None) -> bool:
        return starts_on <= self.on and (ends_on is None or ends_on >= self.on)

    def above(self, unit: int | None) -> Iterator[int]:
        """Yield the unit and what stands above it."""
        seen: set[int] = set()
        while unit is not None and unit not in seen:
            seen.add(unit)
            yield unit
            unit = self.parent.get(unit)

    def is_under(self, lower: int, upper: int, seen: frozenset[int] = frozenset()) -> bool:
        """True when seat `lower` answers to seat `upper`, by unit or by line, at any distance."""
        if lower in seen:
            return False
        seat, boss = self.seats[lower], self.seats[upper]
        if seat.unit_id != boss.unit_id and boss.unit_id in self.above(seat.unit_id):
            return True
        superiors = {pk for pk, other in self.seats.items() if self._is_direct(lower, pk, other)}
        return upper in superiors or any(
            self.is_under(pk, upper, seen | {lower}) for pk in superiors
        )

    def _is_direct(self, lower: int, pk: int, other: Position) -> bool:
        seat = self.seats[lower]
        is_line = seat.reports_to_id == pk
        return is_line or (
            other.unit_id != seat.unit_id and other.unit_id in self.above(seat.unit_id)
        )

    def subordinates(self, user_id: int) -> set[int]:
        """Return the people in seats that answer to a seat of the person."""
        own = [position for position, holder in self.held if holder == user_id]
        return {
            holder
            for position, holder in self.held
            if holder != user_id and any(self.is_under(position, upper) for upper in own)
        }

    def sources(self, user_id: int) -> Iterator[tuple[str, str, int | None]]:
        """Yield (permission, scope, unit) from the person's own seats and grants."""
        for position, holder in self.held:
            if holder == user_id:
                seat = self.seats[position]
                for code, scope in self.table[seat.role_id]:
                    yield code, scope, seat.unit_id
        for grant in self.grants:
            if grant.user_id == user_id:
                place = grant.unit_id or self.people[user_id].unit_id
                if grant.role_id is None:
                    yield grant.permission, grant.scope, place
                    continue
                for code, scope in self.table[grant.role_id]:
                    yield code, grant.scope or scope, place


def rights_recompute(walk: Walk, user_id: int) -> dict[str, Reach]:
    """Return permission → reach from parent links only, without deputies."""
    found: dict[str, tuple[bool, set[int], set[int]]] = {}
    subordinates: set[int] | None = None
    if not walk.people[user_id].is_active:
        return {}
    for code, scope, unit in walk.sources(user_id):
        is_all, owners, units = found.get(code, (False, set(), set()))
        owners.add(user_id)
        if scope == "own_subordinates":
            if subordinates is None:
                subordinates = walk.subordinates(user_id)
            owners |= subordinates
        if scope == "unit" and unit is not None:
            units.add(unit)
        if scope == "unit_below" and unit is not None:
            units |= {pk for pk in walk.parent if unit in walk.above(pk)}
        found[code] = (is_all or scope == "all", owners, units)
    return {
        code: Reach(is_all, frozenset(owners), frozenset(units))
        for code, (is_all, owners, units) in found.items()
    }


@verifier("I16", "organisation closure")
def closure_differences() -> Iterator[Difference]:
    """Compare the closure with the parent links, pair by pair."""
    parent = dict(OrgUnit.objects.values_list("id", "parent_id"))
    expected = set()
    for unit in parent:
        here: int | None = unit
        depth = 0
        while here is not None and depth <= len(parent):
            expected.add((here, unit, depth))
            here = parent.get(here)
            depth += 1
    rows = OrgClosure.objects.values_list("ancestor_id", "descendant_id", "depth")
    found = set(rows.iterator())
    for pair in sorted(expected - found):
        yield Difference("I16", f"closure {pair}", "present", "missing")
    for pair in sorted(found - expected):
        yield Difference("I16", f"closure {pair}", "absent", "present")


@verifier("I16", "rights")
def rights_differences() -> Iterator[Difference]:
    """Compare what the permission function resolves with a walk over the tree."""
    on = clock.today()
    for company_id in Company.objects.values_list("pk", flat=True):
        walk = Walk(company_id, on)
        lent = {row.deputy_id for row in walk.deputies}
        people = {holder for _seat, holder in walk.held} | {row.user_id for row in walk.grants}
        for user_id in sorted(people):
            expected = rights_recompute(walk, user_id)
            resolved = rights_resolve(user_id, company_id, on)
            for code in sorted({*expected, *resolved}):
                want, have = expected.get(code), resolved.get(code)
                if user_id in lent and _covers(have, want):
                    continue
                if want != have:
                    where = f"{code} of person {user_id}"
                    yield Difference("I16", where, str(want), str(have))


def _covers(have: Reach | None, want: Reach | None) -> bool:
    """True when a deputy has at least the own reach; what is lent comes on top."""
    if want is None:
        return True
    return have is not None and (
        have.is_all
        or (not want.is_all and have.owner_ids >= want.owner_ids and have.unit_ids >= want.unit_ids)
    )


@verifier("I16", "fixed seats")
def seat_differences() -> Iterator[Difference]:
    """Check that leadership and secretary bodies have exactly their seats (ORG-02, ORG-03)."""
    bodies = OrgUnit.objects.filter(seat_count__isnull=False, closed_on__isnull=True).annotate(
        seats=Count("positions", filter=Q(positions__closed_on__isnull=True))
    )
    for unit in bodies:
        if unit.seats != unit.seat_count:
            where = f"{unit.kind} {unit.code}"
            yield Difference("I16", where, f"{unit.seat_count} seats", f"{unit.seats}")
