"""What people were given and have handed in so far is counted once; the sweep goes on from there."""

from django.db import migrations

REMEMBER = """
UPDATE annotation_assignment SET counted_handed_in = FALSE WHERE state <> 'submitted'
"""
COUNT = """
INSERT INTO annotation_workcount (project_id, annotator_id, given, handed_in)
SELECT pe.project_id, a.annotator_id,
       count(*) FILTER (WHERE pe.purpose IN ('production', 'evaluation')),
       count(*) FILTER (WHERE a.state = 'submitted')
FROM annotation_assignment a JOIN annotation_projectepisode pe ON pe.id = a.project_episode_id
WHERE NOT a.expert GROUP BY 1, 2
"""


class Migration(migrations.Migration):
    dependencies = [("annotation", "0027_work_counts")]

    operations = [
        migrations.RunSQL(REMEMBER, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT, "DELETE FROM annotation_workcount"),
    ]
