from django.db import migrations

# What review.services.progress computes, as it stood when the columns came.
FILL = """
WITH people AS (
    SELECT project_episode_id AS place,
           count(*) FILTER (WHERE state IN ('active', 'returned', 'submitted')) AS taken,
           count(*) FILTER (WHERE state = 'submitted') AS handed_in,
           count(*) FILTER (WHERE rework AND state <> 'submitted') AS again
    FROM annotation_assignment GROUP BY project_episode_id
)
UPDATE annotation_projectepisode AS place SET
    review = CASE item.state WHEN 'approved' THEN 'approved'
             ELSE CASE WHEN item.id IS NULL THEN '' ELSE 'open' END END,
    slots_taken = coalesce(people.taken, 0),
    has_slot = coalesce(people.taken, 0) < place.overlap,
    progress = CASE
        WHEN item.state = 'approved' THEN 'approved'
        WHEN people.again > 0 THEN 'returned'
        WHEN item.id IS NOT NULL THEN 'in_review'
        WHEN coalesce(people.handed_in, 0) >= place.overlap THEN 'submitted'
        WHEN people.taken > 0 THEN 'labelling'
        ELSE 'waiting' END
FROM annotation_projectepisode AS one
LEFT JOIN people ON people.place = one.id
LEFT JOIN review_batchitem AS item ON item.project_episode_id = one.id
WHERE one.id = place.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0006_queue_progress"),
        ("review", "0003_release_format_names_its_writer"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
