"""Whether the statistics keep what they promise, by simulation: ``make simulate``."""
