"""Addresses of the episodes app."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("episodes.media_urls")),
]
