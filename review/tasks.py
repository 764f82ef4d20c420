"""Background work of the review app."""

from uuid import UUID

from celery import shared_task

from review.services.acceptance import rejected_samples, return_rejected
from review.services.agreement_runs import compute_run, waiting_runs
from review.services.calibration import sweep_calibration
from review.services.check_runs import forgotten_runs
from review.services.onboarding import sweep_onboarding
from review.services.quality_reports import (
    begin_report,
    complete_report,
    unfinished_runs,
    unreported_releases,
)
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
    """Run twice it builds once: a release that is ready, failed or at work is left alone.

    Its first quality report follows at once.
    """
    build_release(release_id=UUID(release_id))
    run_id = begin_report(release_id=UUID(release_id))
    if run_id is not None:
        complete_report(run_id=run_id)


@shared_task(name="review.compute_checks")
def compute_checks_task(run_id: str) -> None:
    """Run twice it computes once; of a release a report follows."""
    complete_report(run_id=UUID(run_id))


@shared_task(name="review.sweep_checks")
def sweep_checks_task() -> None:
    """Queues again what nobody computes: runs, and the first report of a release."""
    for run_id in (*forgotten_runs(), *unfinished_runs()):
        compute_checks_task.delay(str(run_id))
    for release_id in unreported_releases():
        build_release_task.delay(str(release_id))


@shared_task(name="review.sweep_releases")
def sweep_releases_task() -> None:
    """Queues releases again that nobody builds; queued twice they are still built once."""
    for release_id in forgotten_releases():
        build_release_task.delay(str(release_id))


@shared_task(name="review.compute_run")
def compute_run_task(run_id: str) -> None:
    """Run twice it computes once."""
    compute_run(run_id=UUID(run_id))


@shared_task(name="review.sweep_runs")
def sweep_runs_task() -> None:
    """Computes what a lost message left waiting."""
    for run_id in waiting_runs():
        compute_run(run_id=run_id)


@shared_task(name="review.return_rejected")
def return_rejected_task(sample_id: int) -> None:
    """Idempotent; what one run leaves the sweep sends back."""
    return_rejected(sample_id=sample_id)


@shared_task(name="review.sweep_rejected")
def sweep_rejected_task() -> None:
    """Idempotent: episodes of rejected batches that have not gone back yet."""
    for sample_id in rejected_samples():
        return_rejected(sample_id=sample_id)
