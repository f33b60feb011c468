"""What we sell and for how much: products, units, restrictions, price lists, price authority.

Other rooms call `services`, `selectors` and `access` and read `vocabulary`; nobody else imports
the models.
"""
