"""The embedded stack: real PostgreSQL and Valkey, one worker and the web server, under one small supervisor."""
