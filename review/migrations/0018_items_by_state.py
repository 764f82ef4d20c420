"""How many episodes of a batch are approved is counted without reading them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0017_drop_daily_work")]

    operations = [
        migrations.AddIndex(
            model_name="batchitem",
            index=models.Index(fields=["batch", "state"], include=["id"], name="item_by_state"),
        ),
    ]
