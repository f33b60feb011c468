"""API plumbing: rooms write schemas and register endpoints, everything else is here.

In a room's `http_api/`:

    router = api_router("orders")

    class OrderAccept(StrictSchema):
        expected_version: Version | None = None

    @read(router, "/orders", permission="orders.order:view", response=Page[OrderOut],
          operation_id="order_list")
    def order_list(request, query: Query[PageQuery]):
        return keyset_page(visible(actor_of(request), …), query)

    act_endpoint(router, "/orders/{order_id}/accept", order_accept,
                 permission="orders.order:accept", schema_in=OrderAccept, schema_out=OrderOut)

A change with more to do than one service: `@act(router, "/orders", permission=…, response=…,
operation_id="order_place", status=201)`.
"""
