"""Opens a release with mcap's reader and Foxglove's own message definitions.

``python mcap_reader.py RELEASE EPISODES``
"""

import importlib
import json
import sys
from pathlib import Path

from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory

paths = sorted(Path(sys.argv[1]).rglob("*.mcap"))
assert len(paths) == int(sys.argv[2]), paths
for path in paths:
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()], validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        coded = {c.topic for c in summary.channels.values() if c.message_encoding == "protobuf"}
        seen = set()
        for schema, channel, _message, decoded in reader.iter_decoded_messages(topics=list(coded)):
            assert schema is not None
            seen.add(channel.topic)
            package, _, name = schema.name.partition(".")
            if package == "foxglove":
                module = importlib.import_module(f"foxglove_schemas_protobuf.{name}_pb2")
                theirs = {
                    f.name: (f.number, f.type) for f in getattr(module, name).DESCRIPTOR.fields
                }
                ours = {f.name: (f.number, f.type) for f in decoded.DESCRIPTOR.fields}
                assert ours.items() <= theirs.items(), (schema.name, ours, theirs)
        assert seen == coded, coded - seen
        said = [
            json.loads(message.data)
            for _, channel, message in reader.iter_messages()
            if channel.message_encoding == "json"
        ]
        assert [one["kind"] for one in said] == ["segment", "segment", "instant", "outcome"], said
