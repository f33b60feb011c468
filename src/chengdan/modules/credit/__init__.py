"""The credit ledger: one account per customer, buckets that amounts move between.

It knows customers, amounts and opaque sources; orders, shipping and billing call
`services`, `selectors`, `access` and `vocabulary` directly.
"""
