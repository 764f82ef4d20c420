"""Composition root: settings, addresses, the worker application and the embedded stack."""
