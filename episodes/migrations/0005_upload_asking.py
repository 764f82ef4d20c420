from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("episodes", "0004_browse")]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="state",
            field=models.CharField(
                choices=[
                    ("receiving", "Receiving"),
                    ("checking", "Unpacking"),
                    ("asking", "Waiting for answers"),
                    ("complete", "Complete"),
                    ("refused", "Refused"),
                ],
                default="receiving",
                max_length=10,
            ),
        ),
    ]
