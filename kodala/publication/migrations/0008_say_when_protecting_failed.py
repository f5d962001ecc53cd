from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publication", "0007_remember_what_was_shown")]
    operations = [
        migrations.AddField(
            model_name="datenstand",
            name="protecting_failed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
