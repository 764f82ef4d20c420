from django.db import migrations

# What experts answered for gold was compared as annotators' work is: it speaks for nobody any more.
# The counts stay for the runs that hold them; days of those projects are counted anew by the sweep.
_EXPERT = """
SELECT one.id FROM annotation_annotationset AS one
JOIN annotation_assignment AS hold ON hold.id = one.assignment_id WHERE hold.expert
"""
_COMPARED = f"(first_id IN ({_EXPERT}) OR second_id IN ({_EXPERT}))"
RETIRE = f"UPDATE review_paircounts SET current = FALSE WHERE current AND {_COMPARED}"
RETIRE_PAIRS = f"""
UPDATE review_scoredpair SET retired = 'round', retired_at = now()
WHERE retired = '' AND {_COMPARED}
"""
COUNT_ANEW = """
UPDATE review_dailyworkmark SET looked_at = '1970-01-01T00:00:00Z' WHERE project_id IN (
    SELECT place.project_id FROM annotation_assignment AS hold
    JOIN annotation_projectepisode AS place ON place.id = hold.project_episode_id
    WHERE hold.expert)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0024_name_sets_of_experts"),
        ("review", "0013_zone_of_sums"),
    ]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in (RETIRE, RETIRE_PAIRS, COUNT_ANEW)
    ]
