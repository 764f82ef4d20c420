"""The annotation app's REST endpoints, below /api/v1/."""
