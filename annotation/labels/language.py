"""What the words of an instruction leave open. rules.json holds the words and the messages.

Simple by intent: word lists and positions, no parser, the same answer in the editor. The whole of
it is for English; other languages are not judged by it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from annotation.labels.findings import DOCUMENT

_WORDS = DOCUMENT["vocabulary"]
_DEICTIC: frozenset[str] = frozenset(_WORDS["deictic"] + _WORDS["vague_adverbs"])
_VAGUE_VERBS: tuple[str, ...] = tuple(_WORDS["vague_verbs"])
_VERBS: frozenset[str] = frozenset(_WORDS["verbs"])
_ALONE: frozenset[str] = frozenset(_WORDS["verbs_alone"])
_NO_OBJECT: frozenset[str] = frozenset(_WORDS["particles"]) | _DEICTIC
_ENDS: frozenset[str] = frozenset(_WORDS["particles"] + _WORDS["phrase_ends"])
_DETERMINERS: frozenset[str] = frozenset(_WORDS["determiners"])
_PARTS: frozenset[str] = frozenset(_WORDS["parts"])
_THIRD: tuple[str, ...] = tuple(_WORDS["third_person"])


@dataclass(frozen=True, slots=True)
class Remark:
    """A rule's code and the word it is about, "" when about the whole text."""

    code: str
    word: str = ""


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def vague_words(text: str) -> list[str]:
    """The words of a text that name neither object nor motion, in the order they come."""
    words = words_of(text)
    opening = " ".join(words) + " "
    found = [verb for verb in _VAGUE_VERBS if opening.startswith(verb + " ")]
    return found + [word for word in dict.fromkeys(words) if word in _DEICTIC]


@lru_cache(maxsize=4096)
def remarks(text: str, verbs: tuple[str, ...], objects: tuple[str, ...]) -> tuple[Remark, ...]:
    """What English grammar and the task's objects say of a text that is not blank.

    ``verbs``: the schema's own, beside the known ones. ``objects``: what the task names, [] when
    it names none; then nothing is said about nouns.
    """
    words = words_of(text)
    known = _VERBS.union(verbs)
    return (
        *_third_person(words),
        *_verb_and_object(words, known),
        *_joined(words, known),
        *_nouns(words, objects),
    )


def noun_phrases(text: str) -> list[str]:
    """What stands after an article, up to the next particle: "the red block" gives "red block"."""
    return [" ".join(phrase) for phrase in _phrases(words_of(text))]


def _verb_at(words: Sequence[str], at: int, known: frozenset[str]) -> int:
    """How many words the verb there has: 0 when there is none."""
    if " ".join(words[at : at + 2]) in known and len(words) > at + 1:
        return 2
    return 1 if at < len(words) and words[at] in known else 0


def _third_person(words: Sequence[str]) -> Iterator[Remark]:
    opening = " ".join(words) + " "
    for phrase in _THIRD:
        if opening.startswith(phrase + " "):
            yield Remark("text_third_person", phrase)
            return


def _verb_and_object(words: Sequence[str], known: frozenset[str]) -> Iterator[Remark]:
    for at in (0, 1):
        length = _verb_at(words, at, known)
        if not length:
            continue
        verb = " ".join(words[at : at + length])
        after = words[at + length :]
        if verb not in _ALONE and not any(
            word not in _NO_OBJECT and not word.endswith("ly") for word in after
        ):
            yield Remark("text_no_object", verb)
        return
    yield Remark("text_no_verb")


def _joined(words: Sequence[str], known: frozenset[str]) -> Iterator[Remark]:
    for at, word in enumerate(words):
        if at == 0 or word not in ("and", "then"):
            continue
        after = at + 2 if words[at + 1 : at + 2] == ["then"] else at + 1
        length = _verb_at(words, after, known)
        if length:
            yield Remark("text_compound", " ".join(words[after : after + length]))
            return


def _nouns(words: Sequence[str], objects: tuple[str, ...]) -> Iterator[Remark]:
    if not objects:
        return
    heads = [_singular(words_of(one)[-1]) for one in objects if words_of(one)]
    said: set[str] = set()
    for phrase in _phrases(words):
        name, head = " ".join(phrase), _singular(phrase[-1])
        if name in said or phrase[-1] in _DEICTIC:
            continue
        said.add(name)
        if head not in heads and phrase[-1] not in _PARTS:
            yield Remark("text_object", name)
        elif len(phrase) == 1 and heads.count(head) > 1:
            yield Remark("text_ambiguous", name)


def _phrases(words: Sequence[str]) -> Iterator[list[str]]:
    at = 0
    while at < len(words):
        if words[at] in _DETERMINERS:
            end = at + 1
            while end < len(words) and words[end] not in _ENDS and words[end] not in _DETERMINERS:
                end += 1
            if end > at + 1:
                yield list(words[at + 1 : end])
            at = end
        else:
            at += 1


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
