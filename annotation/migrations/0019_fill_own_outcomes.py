from django.db import migrations

# What annotation.selectors.progress computes, as it stood when the column came.
FILL = """
WITH said AS (
    SELECT one.project_episode_id AS place,
           array_agg(DISTINCT hold.annotator_id || ':' || label.label_class
                     ORDER BY hold.annotator_id || ':' || label.label_class) AS by
    FROM annotation_annotationset AS one
    JOIN annotation_assignment AS hold ON hold.id = one.assignment_id
    JOIN annotation_projectepisode AS place ON place.id = one.project_episode_id
    JOIN annotation_label AS label
      ON label.annotation_set_id = one.id AND label.kind = 'outcome'
    WHERE one.kind = 'annotator' AND one.state = 'submitted' AND (
        one.id = place.accepted_set_id
        OR place.accepted_set_id IS NULL AND NOT EXISTS (
            SELECT FROM annotation_annotationset AS later
            WHERE later.assignment_id = one.assignment_id AND later.state = 'submitted'
              AND later.round > one.round))
    GROUP BY one.project_episode_id
)
UPDATE annotation_projectepisode AS place SET said_by = said.by
FROM said WHERE said.place = place.id
"""


class Migration(migrations.Migration):
    dependencies = [("annotation", "0018_own_outcomes")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
