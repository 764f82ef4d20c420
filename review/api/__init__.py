"""Review for programs, under /api/v1/."""
