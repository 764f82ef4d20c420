"""What people have at hand, and what is to be counted, is found without reading all work."""

from django.db import migrations, models
from django.db.models.functions import NullIf
from django.db.models.lookups import IsNull

HANDED_IN = models.ExpressionWrapper(
    models.Q(state="submitted"), output_field=models.BooleanField()
)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0028_count_work")]

    operations = [
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                fields=["annotator"],
                condition=models.Q(state__in=["active", "returned", "waiting"]),
                name="work_at_hand",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                fields=["annotator"],
                condition=models.Q(
                    IsNull(NullIf(HANDED_IN, "counted_handed_in"), False), expert=False
                ),
                name="work_to_count",
            ),
        ),
        migrations.RunSQL(
            "CREATE STATISTICS work_to_count_share ON (NULLIF(state = 'submitted',"
            " counted_handed_in)) FROM annotation_assignment",
            "DROP STATISTICS work_to_count_share",
        ),
        # Known at once, not when the server next looks: pages are asked for before.
        migrations.RunSQL("ANALYZE annotation_assignment", migrations.RunSQL.noop),
    ]
