"""What an instruction says, slot by slot: verb, object, target, side, modifier.

A controlled vocabulary maps phrases to canonical ones, the longest phrase first. The object is what
stands between the verb and the first relation, the target the relation and what follows it;
articles are dropped, sides and modifiers taken out of the object, and of "with the left arm" the
side stays. Texts agree when every slot does: unlike by a word distance, "the left block" and "the
right block" then differ wholly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from review.measures.text import words_of

VERBS = {
    "pick up": "pick up", "pick": "pick up", "grab": "pick up", "take": "pick up",
    "lift": "lift", "raise": "lift", "grasp": "grasp", "grip": "grasp",
    "place": "place", "put": "place", "put down": "place", "set down": "place", "set": "place",
    "release": "release", "let go of": "release", "drop": "release", "reach": "reach",
    "reach for": "reach", "approach": "approach", "move": "move", "go": "go to", "go to": "go to",
    "push": "push", "slide": "push", "pull": "pull", "turn": "turn", "rotate": "turn",
    "twist": "turn", "press": "press", "open": "open", "close": "close", "shut": "close",
    "pour": "pour", "insert": "insert", "remove": "remove", "wipe": "wipe", "clean": "wipe",
    "stack": "stack", "fold": "fold", "hand over": "handover", "handover": "handover",
    "hang": "hang", "cut": "cut", "stir": "stir", "transport": "transport", "align": "align",
    "retreat": "retreat", "recover": "recover", "idle": "idle", "pregrasp": "pregrasp",
}  # fmt: skip
RELATIONS = {
    "on": "on", "onto": "on", "on top of": "on", "in": "in", "into": "in", "inside": "in",
    "to": "to", "towards": "to", "from": "from", "off": "from", "out of": "from", "under": "under",
    "below": "under", "over": "over", "above": "over", "next to": "beside", "beside": "beside",
    "by": "beside", "near": "beside", "behind": "behind", "in front of": "in front of",
    "between": "between", "against": "against", "through": "through", "at": "at",
}  # fmt: skip
SIDES = {"left": "left", "right": "right"}
MODIFIERS = (
    "red", "green", "blue", "yellow", "orange", "purple", "pink", "black", "white", "grey", "gray",
    "brown", "silver", "small", "big", "large", "tall", "short", "long", "top", "bottom", "upper",
    "lower", "middle", "front", "back", "first", "second", "third", "other", "wooden", "metal",
    "plastic", "empty", "full",
)  # fmt: skip
IGNORED = frozenset(("the", "a", "an", "its", "your", "of", "and", "up", "down", "please"))
# "with the left gripper" names the side, and is no part of the object.
INSTRUMENT = frozenset(("with", "using"))


@dataclass(frozen=True)
class Vocabulary:
    """Phrase to canonical phrase, by slot; ``nouns`` are synonyms of objects ("cube": "block")."""

    verbs: Mapping[str, str] = field(default_factory=lambda: VERBS)
    relations: Mapping[str, str] = field(default_factory=lambda: RELATIONS)
    sides: Mapping[str, str] = field(default_factory=lambda: SIDES)
    modifiers: Mapping[str, str] = field(
        default_factory=lambda: (
            {word: word for word in MODIFIERS} | {"gray": "grey", "big": "large"}
        )
    )
    nouns: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def longest(self) -> int:
        """Words of the longest phrase."""
        listed = (self.verbs, self.relations, self.sides, self.modifiers, self.nouns)
        return max(len(phrase.split()) for phrases in listed for phrase in (*phrases, ""))


DEFAULT = Vocabulary()


@dataclass(frozen=True, slots=True)
class Slots:
    """Canonical words, "" where the text does not say."""

    verb: str = ""
    object: str = ""
    target: str = ""
    side: str = ""
    modifier: str = ""


SLOTS = tuple(one.name for one in fields(Slots))


def slots_of(text: str, vocabulary: Vocabulary = DEFAULT) -> Slots:
    """Read one instruction. Unknown words stay part of the object or target they stand in."""
    verb, where = "", "object"
    noun: list[str] = []
    goal: list[str] = []
    side: list[str] = []
    modifier: list[str] = []
    words, at = words_of(text), 0
    while at < len(words):
        kind, said, length = _phrase(words, at, vocabulary, verbs=not verb)
        at += length
        if kind == "verb":
            verb = said
        elif kind == "relation":
            goal.append(said)
            where = "target"
        elif kind == "instrument":
            where = "instrument"
        elif where == "target" and kind != "ignored":
            goal.append(said)
        elif kind == "side":
            side.append(said)
        elif kind == "ignored" or where == "instrument":
            continue
        elif kind == "modifier":
            modifier.append(said)
        else:
            noun.append(said)
    return Slots(verb, " ".join(noun), " ".join(goal), " ".join(side), " ".join(sorted(modifier)))


def _phrase(
    words: tuple[str, ...], at: int, vocabulary: Vocabulary, *, verbs: bool
) -> tuple[str, str, int]:
    """(kind, canonical, words taken) of the longest known phrase that begins here."""
    kinds = (
        ("verb", vocabulary.verbs if verbs else {}),
        ("relation", vocabulary.relations),
        ("side", vocabulary.sides),
        ("modifier", vocabulary.modifiers),
        ("noun", vocabulary.nouns),
    )
    for length in range(min(vocabulary.longest, len(words) - at), 0, -1):
        phrase = " ".join(words[at : at + length])
        for kind, known in kinds:
            if phrase in known:
                return kind, known[phrase], length
    word = words[at]
    kind = "ignored" if word in IGNORED else "instrument" if word in INSTRUMENT else "noun"
    return kind, word, 1


@dataclass(frozen=True, slots=True)
class SlotAgreement:
    """``said`` slots that at least one text fills, ``equal`` those of them that agree."""

    said: tuple[str, ...]
    equal: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """All slots agree; two texts that say nothing agree too."""
        return self.said == self.equal


def compare_slots(a: Slots, b: Slots) -> SlotAgreement:
    said = tuple(name for name in SLOTS if getattr(a, name) or getattr(b, name))
    return SlotAgreement(said, tuple(n for n in said if getattr(a, n) == getattr(b, n)))
