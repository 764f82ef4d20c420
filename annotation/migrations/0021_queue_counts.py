import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0020_expert_answers"),
        ("episodes", "0009_clocks_of_a_dataset"),
    ]

    operations = [
        migrations.AddField(
            model_name="projectepisode",
            name="counted_as",
            field=models.CharField(
                blank=True,
                default="",
                help_text="the progress that QueueCount has it under",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="projectepisode",
            name="counted_task",
            field=models.BigIntegerField(blank=True, help_text="the task, likewise", null=True),
        ),
        migrations.AddIndex(
            model_name="projectepisode",
            index=models.Index(
                condition=~Q(counted_as=F("progress")), fields=["project"], name="queue_to_count"
            ),
        ),
        migrations.CreateModel(
            name="QueueCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "progress",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("labelling", "Being labelled"),
                            ("submitted", "Handed in"),
                            ("in_review", "In review"),
                            ("returned", "Sent back"),
                            ("approved", "Approved"),
                        ],
                        max_length=10,
                    ),
                ),
                ("episodes", models.PositiveIntegerField()),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="queue_counts",
                        to="annotation.project",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="episodes.task",
                    ),
                ),
            ],
            options={"ordering": ["project", "task", "progress"]},
        ),
        migrations.AddConstraint(
            model_name="queuecount",
            constraint=models.UniqueConstraint(
                fields=("project", "task", "progress"),
                name="queue_count_once",
                nulls_distinct=False,
            ),
        ),
    ]
