"""Background work of a project's operation: sums, reports."""

from celery import shared_task

from review.services.daily_work import sweep_daily_work
from review.services.simulate_operation import fill_waiting
from review.services.weekly_reports import send_weekly_reports


@shared_task(name="review.sweep_daily_work", expires=60)
def sweep_daily_work_task() -> None:
    """Idempotent; pages count what it has not come to themselves."""
    sweep_daily_work()


@shared_task(name="review.send_weekly_reports", expires=600, soft_time_limit=1800)
def send_weekly_reports_task() -> None:
    """Idempotent; two at once send nothing twice."""
    send_weekly_reports()


@shared_task(name="review.fill_simulations", expires=5)
def fill_simulations_task() -> None:
    """A little at a time; what a killed worker left half done is done by the next one."""
    fill_waiting(seconds=1.5)
