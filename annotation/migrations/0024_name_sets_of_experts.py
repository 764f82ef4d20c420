from django.db import migrations

# Outcomes of what is not accepted are those that annotators said: see annotation.selectors.progress.
NAME = """
UPDATE annotation_annotationset AS one SET kind = 'expert'
FROM annotation_assignment AS hold
WHERE hold.id = one.assignment_id AND hold.expert AND one.kind = 'annotator'
"""
OUTCOMES = """
WITH place AS (
    SELECT DISTINCT place.id FROM annotation_projectepisode AS place
    JOIN annotation_assignment AS hold ON hold.project_episode_id = place.id AND hold.expert
    WHERE place.accepted_set_id IS NULL
), said AS (
    SELECT one.project_episode_id AS place, label.label_class AS outcome,
           hold.annotator_id || ':' || label.label_class AS by
    FROM annotation_annotationset AS one
    JOIN place ON place.id = one.project_episode_id
    JOIN annotation_assignment AS hold ON hold.id = one.assignment_id
    JOIN annotation_label AS label
      ON label.annotation_set_id = one.id AND label.kind = 'outcome'
    WHERE one.kind = 'annotator' AND one.state = 'submitted' AND NOT EXISTS (
        SELECT FROM annotation_annotationset AS later
        WHERE later.assignment_id = one.assignment_id AND later.state = 'submitted'
          AND later.round > one.round)
)
UPDATE annotation_projectepisode AS place SET
    outcomes = coalesce((SELECT array_agg(DISTINCT outcome ORDER BY outcome)
                         FROM said WHERE said.place = place.id), '{}'),
    said_by = coalesce((SELECT array_agg(DISTINCT by ORDER BY by)
                        FROM said WHERE said.place = place.id), '{}')
WHERE place.id IN (SELECT id FROM place)
"""
BACK = "UPDATE annotation_annotationset SET kind = 'annotator' WHERE kind = 'expert'"


class Migration(migrations.Migration):
    dependencies = [("annotation", "0023_sets_of_experts")]

    operations = [
        migrations.RunSQL(NAME, BACK),
        migrations.RunSQL(OUTCOMES, migrations.RunSQL.noop),
    ]
