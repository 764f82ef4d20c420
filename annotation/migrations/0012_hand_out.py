import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0011_talk_and_activity"),
        ("episodes", "0009_clocks_of_a_dataset"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Skip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unclear_task", "It is not clear what the task is"),
                            ("bad_video", "The picture is missing, frozen or too dark"),
                            ("bad_signals", "The signals are missing or do not fit the picture"),
                            ("not_an_episode", "There is no attempt at the task in it"),
                            ("guideline", "The guideline does not say how to label it"),
                            ("other", "Something else"),
                        ],
                        max_length=15,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.RemoveIndex(
            model_name="projectepisode",
            name="queue_with_a_slot",
        ),
        migrations.AddField(
            model_name="assignment",
            name="beyond_overlap",
            field=models.BooleanField(
                default=False, help_text="takes no slot: training, qualification, mixed in"
            ),
        ),
        migrations.AddIndex(
            model_name="projectepisode",
            index=models.Index(
                models.F("project"),
                models.OrderBy(models.F("priority"), descending=True),
                models.F("position"),
                models.F("id"),
                condition=models.Q(("has_slot", True)),
                include=("episode",),
                name="queue_by_urgency",
            ),
        ),
        migrations.AddField(
            model_name="skip",
            name="annotator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="skip",
            name="project_episode",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="skips",
                to="annotation.projectepisode",
            ),
        ),
        migrations.AddConstraint(
            model_name="skip",
            constraint=models.UniqueConstraint(
                fields=("project_episode", "annotator"), name="skip_once_an_annotator"
            ),
        ),
        migrations.AddConstraint(
            model_name="skip",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", "other"), ("text", ""), _negated=True),
                name="other_skip_says_why",
            ),
        ),
    ]
