from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("microcells", "0004_totals_of_districts"), ("typology", "0001_initial")]

    operations = [
        migrations.AddField("areatype", "district", models.PositiveSmallIntegerField(null=True)),
        migrations.RemoveConstraint("areatype", "areatype_once_per_run"),
        migrations.AddConstraint(
            "areatype",
            models.UniqueConstraint(
                fields=("run", "area", "district", "indicator"),
                nulls_distinct=False,
                name="areatype_once_per_run",
            ),
        ),
        # Without the column a district's row would be a second one of its area.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM typology_areatype WHERE district IS NOT NULL"),
    ]
