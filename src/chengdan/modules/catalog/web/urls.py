"""Addresses below /catalog/."""

from django.urls import path

from chengdan.modules.catalog.web import masters, prices, products

app_name = "catalog"
urlpatterns = [
    path("products/", products.ProductList.as_view(), name="list"),
    path("products/new/", products.create, name="create"),
    path("products/pick/", products.pick, name="pick"),
    path("products/<int:pk>/", products.show, name="show"),
    path("products/<int:pk>/edit/", products.edit, name="edit"),
    path("products/<int:pk>/discontinue/", products.discontinue, name="discontinue"),
    path("products/<int:pk>/resume/", products.resume, name="resume"),
    path("categories/", masters.categories, name="categories"),
    path("categories/new/", masters.category_new, name="category_new"),
    path("categories/<int:pk>/", masters.category_edit, name="category_edit"),
    path("units/", masters.units, name="units"),
    path("units/new/", masters.unit_new, name="unit_new"),
    path("restrictions/", masters.RestrictionList.as_view(), name="restrictions"),
    path("restrictions/new/", masters.restriction_new, name="restriction_new"),
    path("restrictions/<int:pk>/end/", masters.restriction_end, name="restriction_end"),
    path("authority/", masters.authorities, name="authorities"),
    path("authority/new/", masters.authority_new, name="authority_new"),
    path("authority/<int:pk>/edit/", masters.authority_edit, name="authority_edit"),
    path("authority/<int:pk>/remove/", masters.authority_remove, name="authority_remove"),
    path("price-lists/", prices.PriceListList.as_view(), name="price_lists"),
    path("price-lists/new/", prices.price_list_new, name="price_list_new"),
    path("price-lists/<int:pk>/", prices.price_list, name="price_list"),
    path("price-lists/<int:pk>/edit/", prices.price_list_edit, name="price_list_edit"),
    path("price-lists/<int:pk>/prices/", prices.prices, name="prices"),
    path("explain/", prices.explain, name="explain"),
]
