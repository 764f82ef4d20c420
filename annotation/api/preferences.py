"""One's own preferences: the same on whatever machine one sits at."""

import json
import re
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.selectors.preferences import preferences_json, preferences_of
from annotation.services.save_preferences import save_preferences

LANGUAGES = ["", *dict(settings.LANGUAGES)]
LAYOUTS = ["", "qwerty", "qwertz", "azerty"]
# A sign, or a name such as ArrowLeft, F13, Pad1.
PRESS = r"(?:(?:Ctrl|Alt|Shift)\+)*(?:[^\s]|[A-Za-z][A-Za-z0-9]{1,23})"
# One press, or two in turn: "Shift+ArrowLeft", "O S".
KEY = re.compile(rf"{PRESS}(?: {PRESS})?")
COMMAND = re.compile(r"[a-z][A-Za-z0-9_.-]{0,99}")
MOST_KEYS = 6
MOST_COMMANDS = 500
ARRANGEMENT = re.compile(r"(?:cameras|lanes)\..{0,600}", re.DOTALL)
MOST_ARRANGEMENTS = 24
MOST_BYTES = 100_000


class KeysField(serializers.DictField):
    """The keys of each command that has other ones than it came with."""

    child = serializers.ListField(child=serializers.CharField(max_length=80), max_length=MOST_KEYS)

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        keys: dict[str, list[str]] = super().to_internal_value(data)
        if len(keys) > MOST_COMMANDS:
            raise serializers.ValidationError(f"Keys of {MOST_COMMANDS} commands are kept at most.")
        for command, own in keys.items():
            if not COMMAND.fullmatch(command):
                raise serializers.ValidationError(f"“{command}” is not the name of a command.")
            for key in own:
                if not KEY.fullmatch(key):
                    raise serializers.ValidationError(
                        f"“{key}”, for {command}, is not a key such as Ctrl+K, F13 or O S."
                    )
        return keys


class ArrangementSerializer(serializers.Serializer[Any]):
    """How cameras or lanes lie; what it is made of is the editor's affair."""

    at = serializers.IntegerField(min_value=0)
    of = serializers.DictField()


class ArrangementsField(serializers.DictField):
    """By kind of robot: "cameras.so101.front+wrist", "lanes.so101"."""

    child = ArrangementSerializer()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_internal_value(data)
        if len(found) > MOST_ARRANGEMENTS:
            raise serializers.ValidationError(f"{MOST_ARRANGEMENTS} arrangements are kept at most.")
        for name in found:
            if not ARRANGEMENT.fullmatch(name):
                raise serializers.ValidationError(f"“{name}” is not the name of an arrangement.")
        if len(json.dumps(found)) > MOST_BYTES:
            raise serializers.ValidationError(f"Arrangements take {MOST_BYTES} bytes at most.")
        return found


class PreferenceValues(serializers.Serializer[Any]):
    """What is left out stays as the page has it."""

    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    layout = serializers.ChoiceField(choices=LAYOUTS, required=False)
    single_keys = serializers.BooleanField(required=False)
    keys = KeysField(required=False)
    arrangements = ArrangementsField(required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({name: ["No such preference."] for name in unknown})
        values: dict[str, Any] = super().to_internal_value(data)
        return values


class PreferencesAnswer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    values = PreferenceValues()


class PreferencesRequest(serializers.Serializer[Any]):
    base_version = serializers.IntegerField(min_value=0)
    values = PreferenceValues()


class OwnPreferences(APIView):
    """How the person asking likes to work. Nobody reads or writes another's."""

    @extend_schema(responses={200: PreferencesAnswer, 403: ProblemAnswer})
    def get(self, request: Request) -> Response:
        """Version 0 and nothing in ``values`` until something is chosen."""
        return Response(preferences_json(preferences_of(actor(request))))

    @extend_schema(
        request=PreferencesRequest,
        responses={
            200: PreferencesAnswer,
            400: ProblemAnswer,
            403: ProblemAnswer,
            409: ProblemAnswer,
        },
    )
    def put(self, request: Request) -> Response:
        """Replace them; 409 ``stale_preferences`` carries those that stand now."""
        kept = save_preferences(actor=actor(request), **parsed(PreferencesRequest, request))
        return Response(preferences_json(kept))
