from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("episodes", "0007_task_facts")]

    operations = [
        migrations.AddField(
            model_name="foundlabel",
            name="effector",
            field=models.CharField(blank=True, help_text="the source's own word", max_length=80),
        ),
        migrations.AlterField(
            model_name="foundlabel",
            name="kind",
            field=models.CharField(
                choices=[
                    ("instant", "Instant"),
                    ("segment", "Segment"),
                    ("span", "Span"),
                    ("outcome", "Outcome"),
                    ("tag", "Tag"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="foundlabel",
            name="attributes",
            field=models.JSONField(blank=True, default=dict, help_text="what else the source says"),
        ),
        migrations.AddField(
            model_name="foundlabel",
            name="uncertainty_ns",
            field=models.PositiveBigIntegerField(default=0, help_text="plus or minus, in ns"),
        ),
        migrations.RemoveConstraint(model_name="foundlabel", name="found_label_has_a_time"),
        migrations.AddConstraint(
            model_name="foundlabel",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=["outcome", "tag"]) | models.Q(start_ns__isnull=False),
                name="found_label_has_a_time",
            ),
        ),
    ]
