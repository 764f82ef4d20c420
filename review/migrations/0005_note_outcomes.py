from django.db import migrations

# What review.services.progress computes, as it stood when the columns came.
FILL = """
WITH accepted AS (
    SELECT project_episode_id AS place, accepted_set_id AS set
    FROM review_batchitem WHERE state = 'approved'
), said AS (
    SELECT one.project_episode_id AS place,
           array_agg(DISTINCT label.label_class ORDER BY label.label_class) AS outcomes
    FROM annotation_annotationset AS one
    JOIN annotation_label AS label
      ON label.annotation_set_id = one.id AND label.kind = 'outcome'
    LEFT JOIN accepted ON accepted.place = one.project_episode_id
    WHERE one.kind = 'annotator' AND one.state = 'submitted' AND (
        one.id = accepted.set
        OR accepted.set IS NULL AND NOT EXISTS (
            SELECT FROM annotation_annotationset AS later
            WHERE later.assignment_id = one.assignment_id AND later.state = 'submitted'
              AND later.round > one.round))
    GROUP BY one.project_episode_id
)
UPDATE annotation_projectepisode AS place SET
    accepted_set_id = accepted.set,
    outcomes = coalesce(said.outcomes, '{}')
FROM annotation_projectepisode AS one
LEFT JOIN accepted ON accepted.place = one.id
LEFT JOIN said ON said.place = one.id
WHERE one.id = place.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0010_queue_outcomes"),
        ("review", "0004_note_progress"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
