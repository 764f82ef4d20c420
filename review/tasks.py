"""Background work of the review app."""

from uuid import UUID

from celery import shared_task

from review.services.calibration import sweep_calibration
from review.services.onboarding import sweep_onboarding
from review.services.releases import build_release, forgotten_releases
from review.services.score import score_pending


@shared_task(name="review.score_pending")
def score_pending_task() -> None:
    """Idempotent; what one run leaves the next one finds."""
    score_pending()


@shared_task(name="review.sweep_onboarding")
def sweep_onboarding_task() -> None:
    """Idempotent; after the scores that it reads."""
    sweep_onboarding()


@shared_task(name="review.sweep_calibration")
def sweep_calibration_task() -> None:
    """Idempotent; projects without new counts are left alone."""
    sweep_calibration()


@shared_task(name="review.build_release")
def build_release_task(release_id: str) -> None:
    """Run twice it builds once: a release that is ready, failed or at work is left alone."""
    build_release(release_id=UUID(release_id))


@shared_task(name="review.sweep_releases")
def sweep_releases_task() -> None:
    """Queues releases again that nobody builds; queued twice they are still built once."""
    for release_id in forgotten_releases():
        build_release_task.delay(str(release_id))
