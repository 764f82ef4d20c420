from django.db import migrations, models
from django.db.models.functions import NullIf
from django.db.models.lookups import IsNull


class Migration(migrations.Migration):
    dependencies = [("annotation", "0024_name_sets_of_experts")]

    operations = [
        migrations.RemoveIndex(model_name="projectepisode", name="queue_to_count"),
        migrations.AddIndex(
            model_name="projectepisode",
            index=models.Index(
                fields=["project"],
                condition=models.Q(IsNull(NullIf("progress", "counted_as"), False)),
                name="queue_to_count",
            ),
        ),
        migrations.RunSQL(
            "CREATE STATISTICS queue_to_count_share ON (NULLIF(progress, counted_as))"
            " FROM annotation_projectepisode",
            "DROP STATISTICS queue_to_count_share",
        ),
    ]
