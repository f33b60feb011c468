"""Companies, people, the organisation, roles and every right.

Others may call: services, selectors, access, vocabulary, ownership.
"""
