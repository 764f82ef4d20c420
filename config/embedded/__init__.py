"""PostgreSQL, Valkey, one worker and the web server under a small supervisor."""
