"""Shipping (发运): warehouses, stock ledger, delivery notes and their seven steps (SP).

Others may call `services`, `selectors`, `access`, and use `vocabulary` for states and events.
"""
