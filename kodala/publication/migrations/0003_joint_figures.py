from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publication", "0002_deliveries_of_any_kind")]

    operations = [
        migrations.AddField("figure", "joined_with", models.JSONField(default=list)),
    ]
