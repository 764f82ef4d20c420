"""Asking what a dataset does not say: the usual questions, and the check of the answers."""

import math
from collections.abc import Iterable
from dataclasses import replace

from episodes.errors import AnswerInvalid, AnswersNeeded
from episodes.formats.features import dimension_group
from episodes.records import (
    Answers,
    DimensionRecord,
    Question,
    QuestionKind,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate

UNKNOWN = "unknown"
MAX_ANSWER = 500
GRIPPER = "gripper."
# What a growing value does, in an embodiment's words.
DIRECTIONS = {"open": "opens", "closed": "closes"}


def rate_question(note: str = "") -> Question:
    """Required: without a rate nothing has a time. ``note`` says what is usual."""
    why = "The files hold neither time stamps nor a rate; every time of the episode follows."
    return Question(
        id="rate",
        text="At how many steps a second was it recorded?",
        kind=QuestionKind.NUMBER,
        required=True,
        unit="Hz",
        why=f"{why} {note}".strip(),
    )


def role_question(camera: str) -> Question:
    return Question(
        id=f"role.{camera}",
        text=f"Where is the camera “{camera}”?",
        kind=QuestionKind.CHOICE,
        choices=tuple(role.value for role in Role),
        why="Layouts and contact marking put wrist cameras apart from those that look on.",
    )


def instruction_question() -> Question:
    return Question(
        id="instruction",
        text="Which instruction do the episodes carry out?",
        kind=QuestionKind.TEXT,
        why="The files hold no language; training needs it for every episode.",
    )


def unit_question(signal: str, choices: Iterable[str]) -> Question:
    return Question(
        id=f"unit.{signal}",
        text=f"In which unit is “{signal}”?",
        kind=QuestionKind.CHOICE,
        choices=(*choices, UNKNOWN),
        why="Limits and degrees taken for radians can only be checked against a declared unit.",
    )


def gripper_question(signal: str) -> Question:
    return Question(
        id=f"{GRIPPER}{signal}",
        text=f"What does a larger value of “{signal}” mean?",
        kind=QuestionKind.CHOICE,
        choices=("open", "closed", UNKNOWN),
        why="Candidate contact instants are found where the gripper closes.",
    )


def checked_answers(questions: Iterable[Question], answers: Answers) -> Answers:
    """The answers without blanks, each of its question's kind.

    Raises AnswerInvalid for one that fits no question or not its kind, and AnswersNeeded with
    every required question that is left.
    """
    asked = {question.id: question for question in questions}
    given = {key: value.strip() for key, value in answers.items() if value.strip()}
    for key, value in given.items():
        if key not in asked:
            raise AnswerInvalid(
                f"The dataset does not ask “{key}”.",
                remedy=f"It asks: {', '.join(asked) or 'nothing'}.",
                question=key,
            )
        _check_kind(asked[key], value)
    open_ones = [q for q in asked.values() if q.required and q.id not in given]
    if open_ones:
        raise AnswersNeeded(
            "The dataset does not say: " + " ".join(question.text for question in open_ones),
            remedy="Answer with "
            + " ".join(f"--answer {question.id}=..." for question in open_ones)
            + ", or on the import page.",
            questions=[question.id for question in open_ones],
        )
    return given


def _check_kind(question: Question, value: str) -> None:
    if question.kind is QuestionKind.CHOICE and value not in question.choices:
        raise _invalid(question, value, f"one of {', '.join(question.choices)}")
    if question.kind is QuestionKind.TEXT and len(value) > MAX_ANSWER:
        raise _invalid(question, f"{value[:40]}…", f"at most {MAX_ANSWER} characters")
    if question.kind is QuestionKind.NUMBER:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 < number < math.inf:
            raise _invalid(question, value, "a number above 0")


def _invalid(question: Question, value: str, wanted: str) -> AnswerInvalid:
    return AnswerInvalid(
        f"“{value}” does not answer: {question.text}",
        remedy=f"Give {wanted}{f' ({question.unit})' if question.unit else ''}.",
        question=question.id,
    )


def answered_rate(answers: Answers) -> Rate:
    """The rate of ``rate_question``. Raises AnswerInvalid for one no recording has."""
    try:
        return Rate.from_number(float(answers["rate"]))
    except ValueError as error:
        raise AnswerInvalid(
            f"“{answers['rate']}” is no rate: {error}.",
            remedy="Give the steps a second.",
            question="rate",
        ) from error


def with_gripper(signal: SignalRecord, answers: Answers) -> SignalRecord:
    """The signal, its gripper's dimensions with the direction that was answered for it."""
    positive = DIRECTIONS.get(answers.get(f"{GRIPPER}{signal.name}", ""))
    if positive is None:
        return signal
    whole = signal.kind is SignalKind.GRIPPER

    def said(one: DimensionRecord) -> DimensionRecord:
        grips = whole or dimension_group(one.name) == "gripper" or "gripper" in one.name.lower()
        return replace(one, quantity="gripper_aperture", positive=positive) if grips else one

    return replace(signal, dimensions=tuple(map(said, signal.dimensions)))


def answered_role(answers: Answers, camera: str, otherwise: Role = Role.UNKNOWN) -> Role:
    """The answer, else ``otherwise``: what the camera's own name says."""
    return Role(answers.get(f"role.{camera}", otherwise.value))
