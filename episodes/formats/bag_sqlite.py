"""Sqlite3 files of rosbag2, opened read-only.

Source of the tables: ros2/rosbag2, rosbag2_storage_sqlite3 (topics, messages; since schema
version 4, ROS 2 Iron, message_definitions). ``rosbags`` counts and decodes whole bags; here a
damaged page costs only what lies behind it, and no statement of the file's own is run.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from episodes.errors import EpisodeBroken
from episodes.formats.recording import MAX_UNPACKED_BYTES, Message, Topic
from episodes.records import Notice, Reason

MAGIC = b"SQLite format 3\0"
RESTORE = "Restore the file from its source; `sqlite3 FILE .recover` saves what is left of it."


class SqliteBag:
    """One .db3 file; see ``Container``. Messages have no index by their topic."""

    indexed = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._notices: dict[str, Notice] = {}
        try:
            with path.open("rb") as file:
                head = file.read(len(MAGIC))
        except OSError as error:
            raise self._broken(Reason.DATA_MISSING, f"cannot be opened: {error}") from error
        if head != MAGIC:
            raise self._broken(Reason.DATA_UNREADABLE, "is no sqlite3 file")
        # Immutable: nothing is written beside the file, a log of unfinished writes is not read.
        uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_UNPACKED_BYTES)
        try:
            self._topics = self._read_topics()
        except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
            self._db.close()
            raise self._broken(Reason.DATA_UNREADABLE, f"cannot be read: {error}") from error
        log = path.with_name(path.name + "-wal")
        if log.is_file() and log.stat().st_size > 0:
            self._say(
                "unfinished_log",
                f"{path.name} was not closed: the messages in {log.name} are left out.",
                f"Run `sqlite3 {path.name} 'PRAGMA wal_checkpoint'` on a copy to take them in.",
            )

    def close(self) -> None:
        self._db.close()

    @property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(self._notices.values())

    def metadata(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    def _read_topics(self) -> dict[int, Topic]:
        tables = {
            row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        }
        if not {"topics", "messages"} <= tables:
            raise sqlite3.DatabaseError("it has no tables “topics” and “messages”")
        definitions: dict[str, tuple[str, bytes]] = {}
        if "message_definitions" in tables:
            rows = self._db.execute(
                "SELECT topic_type, encoding, encoded_message_definition FROM message_definitions"
            )
            definitions = {str(r[0]): (str(r[1]), str(r[2]).encode()) for r in rows}
        found: dict[int, Topic] = {}
        for number, name, kind, encoding in self._db.execute(
            "SELECT id, name, type, serialization_format FROM topics ORDER BY id"
        ):
            schema_encoding, schema = definitions.get(str(kind), ("", b""))
            found[int(number)] = Topic(str(name), str(kind), str(encoding), schema_encoding, schema)
        return found

    def topics(self) -> Mapping[Topic, int | None]:
        try:
            rows = self._db.execute("SELECT topic_id, count(*) FROM messages GROUP BY topic_id")
            counts = {number: int(count) for number, count in rows}
        except sqlite3.Error:
            return dict.fromkeys(self._topics.values())
        return {topic: counts.get(number, 0) for number, topic in self._topics.items()}

    def messages(self, names: Collection[str] | None = None) -> Iterator[Message]:
        wanted = {
            number: topic
            for number, topic in self._topics.items()
            if names is None or topic.name in names
        }
        try:
            # In the order of the rows, so that nothing has to be sorted.
            for number, place, stamp, data in self._db.execute(
                "SELECT topic_id, id, timestamp, data FROM messages ORDER BY id"
            ):
                if number in wanted and isinstance(data, bytes) and isinstance(stamp, int):
                    yield Message(wanted[number], stamp, stamp, data, place, -1)
        except (sqlite3.Error, OverflowError) as error:
            self._say(
                "recording_cut_off",
                f"{self.path.name} is damaged; what lies before the damage was read ({error}).",
                RESTORE,
            )

    def read(self, at: int, inner: int) -> bytes:
        try:
            row = self._db.execute("SELECT data FROM messages WHERE id = ?", (at,)).fetchone()
        except sqlite3.Error as error:
            raise self._broken(Reason.DATA_UNREADABLE, f"cannot be read: {error}") from error
        if row is None or not isinstance(row[0], bytes):
            raise self._broken(Reason.CONTENT_CHANGED, "changed while it was read")
        return row[0]

    def _say(self, code: str, message: str, remedy: str) -> None:
        self._notices.setdefault(code, Notice(code, message, remedy))

    def _broken(self, reason: Reason, fact: str) -> EpisodeBroken:
        return EpisodeBroken(reason, f"{self.path.name} {fact}.", remedy=RESTORE)
