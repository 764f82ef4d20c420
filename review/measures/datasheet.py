"""The questions of a datasheet, after Gebru et al. 2021, "Datasheets for Datasets".

What records say of a question is filled in; the rest is asked of the manager, once, and kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """``asked``: a person answers it; else records alone do."""

    id: str
    section: str
    text: str
    asked: bool = True
    hint: str = ""


MOTIVATION, COMPOSITION, COLLECTION = "Motivation", "Composition", "Collection"
LABELLING, USES, DISTRIBUTION = "Labelling", "Uses", "Licence and consent"
MAINTENANCE = "Maintenance"

QUESTIONS: Sequence[Question] = (
    Question("purpose", MOTIVATION, "For what purpose was the dataset made?"),
    Question("makers", MOTIVATION, "Who made it, and on whose behalf?"),
    Question("funding", MOTIVATION, "Who funded it?"),
    Question("instances", COMPOSITION, "What does it consist of, and how many are there?", False),
    Question("tasks", COMPOSITION, "Which tasks does it show?", False),
    Question("labels", COMPOSITION, "Which labels does it carry?", False),
    Question(
        "selection",
        COMPOSITION,
        "Is it all there is, or a sample of a larger set? How was it chosen?",
    ),
    Question("missing", COMPOSITION, "Is anything missing, and why?"),
    Question("errors", COMPOSITION, "Are there known errors, noise or repeated episodes?"),
    Question(
        "sensitive",
        COMPOSITION,
        "Does it show people, or anything that somebody may want kept private?",
    ),
    Question("recording", COLLECTION, "How was it recorded, on which robots?"),
    Question("operators", COLLECTION, "Who operated the robots, and how were they paid?"),
    Question("period", COLLECTION, "When was it recorded?"),
    Question("process", LABELLING, "How was it labelled, and by how many people?", False),
    Question("annotators", LABELLING, "Who are the annotators, and how are they paid?"),
    Question("source", LABELLING, "Are the recordings kept as they were?", False),
    Question("intended", USES, "What should it be used for?"),
    Question("not_intended", USES, "What should it not be used for?"),
    Question("limits", USES, "What may go wrong when a model is trained on it?"),
    Question("licence", DISTRIBUTION, "Under which licence may it be used?", False),
    Question("consent", DISTRIBUTION, "Do the people shown agree?", False),
    Question(
        "withdrawal", DISTRIBUTION, "How was consent asked, and how can somebody withdraw it?"
    ),
    Question("third_parties", DISTRIBUTION, "Do third parties or laws restrict its use?"),
    Question("contact", MAINTENANCE, "Who maintains it, and how are they reached?"),
    Question("updates", MAINTENANCE, "Will it be corrected or extended, and how is that told?"),
    Question("versions", MAINTENANCE, "Which version is this, and what becomes of others?", False),
)
ASKED = tuple(one for one in QUESTIONS if one.asked)


def datasheet(facts: Mapping[str, Sequence[str]], answers: Mapping[str, str]) -> dict[str, Any]:
    """Every question by section with what records and people say; ``open`` nobody answered."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for one in QUESTIONS:
        said, recorded = answers.get(one.id, ""), list(facts.get(one.id, ()))
        sections.setdefault(one.section, []).append(
            {"id": one.id, "question": one.text, "recorded": recorded, "answer": said}
        )
    return {
        "sections": [{"section": name, "questions": listed} for name, listed in sections.items()],
        "open": sum(
            not (one["recorded"] or one["answer"]) for own in sections.values() for one in own
        ),
        "source": "Questions after Gebru et al. 2021, Datasheets for Datasets.",
    }
