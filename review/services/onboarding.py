"""Decide who goes on from training and who qualifies: a sweep, as results come from scores."""

from annotation.models import Membership, ProjectEpisode
from annotation.services.standing import set_standing
from review.measures.calibration.sprt import Qualification, SprtResult
from review.selectors.onboarding import learners, learning, qualification_of

Standing = Membership.Standing


def sweep_onboarding() -> int:
    """How many people's standing changed. Idempotent; a person whom a manager moved is left alone.

    Training ends when all its episodes are handed in. Qualification is a sequential test on gold;
    where it does not decide, a manager does.
    """
    return sum(_go_on(membership) for membership in learners())


def _go_on(membership: Membership) -> bool:
    if membership.standing == Standing.TRAINING:
        return _after_training(membership)
    result = qualification_of(membership)
    if result is None or result.state not in (Qualification.PASSED, Qualification.FAILED):
        return False
    passed = result.state is Qualification.PASSED
    _set(membership, Standing.QUALIFIED if passed else Standing.FAILED, _words(result))
    return True


def _after_training(membership: Membership) -> bool:
    done = learning(membership, ProjectEpisode.Purpose.TRAINING)
    if not done.finished:
        return False
    further = membership.project.qualification_required
    after = Standing.QUALIFYING if further else Standing.QUALIFIED
    _set(membership, after, f"All {done.episodes} training episodes are handed in.")
    return True


def _words(result: SprtResult) -> str:
    """In sums over all episodes: no single one can be told from it."""
    passed = result.state is Qualification.PASSED
    said = "Qualified" if passed else "Not qualified"
    return f"{said} by the test on {result.episodes} episodes, {result.labels:g} labels."


def _set(membership: Membership, standing: Standing, reason: str) -> None:
    set_standing(
        actor=None,
        project=membership.project,
        user=membership.user,
        standing=standing,
        reason=reason,
        only_from=membership.standing,
    )
