import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0026_queue_handed_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("given", models.PositiveIntegerField(default=0)),
                ("handed_in", models.PositiveIntegerField(default=0)),
                (
                    "annotator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="work_counts",
                        to="annotation.project",
                    ),
                ),
            ],
            options={"ordering": ["project", "annotator"]},
        ),
        migrations.AddConstraint(
            model_name="workcount",
            constraint=models.UniqueConstraint(
                fields=("project", "annotator"), name="work_count_once"
            ),
        ),
        # Most of what there is has been handed in: it is said so without writing a row.
        migrations.AddField(
            model_name="assignment",
            name="counted_handed_in",
            field=models.BooleanField(
                blank=True,
                default=True,
                help_text="what WorkCount has it as; null: not counted yet",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="counted_handed_in",
            field=models.BooleanField(
                blank=True, help_text="what WorkCount has it as; null: not counted yet", null=True
            ),
        ),
    ]
