"""The quota ledger: how much of a product or category a region or customer may take in a period.

It knows cells, quantities and opaque sources; orders and shipping call `services`,
`selectors` and `vocabulary` directly.
"""
