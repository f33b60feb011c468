"""The floor without business words: actor, clock, numbers, locks, audit, outbox, pages, API.

Rooms build on it; it imports none of them.
"""
