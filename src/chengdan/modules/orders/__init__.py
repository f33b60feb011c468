"""Orders (订单): sales orders, their amendments and the seven steps of order processing (OP).

Others may call `services`, `selectors`, `access`, and use `vocabulary` for states and events.
"""
