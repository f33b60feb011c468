"""Whom we sell to: customers, contacts, addresses, shipping data, classes.

Other rooms call `services`, `selectors` and `access`, read `vocabulary` (events, errors) and
register activation checks there; nobody else imports the models.
"""
