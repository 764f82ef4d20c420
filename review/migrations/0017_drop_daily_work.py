from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("review", "0016_fill_days")]

    operations = [migrations.DeleteModel(name="DailyWork")]
