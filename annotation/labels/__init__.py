"""What can be said about an episode: labels, their schema, the rules they obey, and diffs of them.

Pure: no Django, no database. The editor has the same model in TypeScript and reads the same
rules.json.
"""
