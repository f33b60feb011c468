"""Billing: invoices, the AR ledger, receipts, allocation, collection (BC).

Others call: services, selectors, access, and the events in vocabulary.
"""
