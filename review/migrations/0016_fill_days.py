from django.db import migrations

# Sums by person and by task are those of the rows that there were. What each set counts for the
# sweep writes, which counts everything anew; until then pages show these.
_SUMMED = (
    *("submitted", "reworked", "returned", "accepted", "labels", "labels_accepted", "held_ms"),
    *("timed", "worked_ms", "rework_ms", "lasted_ms", "accepted_ms"),
)


def _fill(table: str, who: str) -> str:
    sums = ", ".join(f"sum({name})" for name in _SUMMED)
    return f"""
INSERT INTO {table} (project_id, day, {who}, {", ".join(_SUMMED)})
SELECT project_id, day, {who}, {sums} FROM review_dailywork GROUP BY 1, 2, 3
"""


FILLS = (_fill("review_personday", "annotator_id"), _fill("review_taskday", "task_id"))
COUNT_ANEW = "UPDATE review_dailyworkmark SET looked_at = '1970-01-01T00:00:00Z'"


class Migration(migrations.Migration):
    dependencies = [("review", "0015_counted_sets")]

    operations = [
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in FILLS),
        migrations.RunSQL(COUNT_ANEW, COUNT_ANEW),
    ]
