from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publication", "0003_joint_figures")]

    operations = [
        migrations.AddField("figure", "district", models.PositiveSmallIntegerField(null=True)),
        migrations.RemoveConstraint("figure", "figure_once"),
        migrations.AddConstraint(
            "figure",
            models.UniqueConstraint(
                fields=("datenstand", "indicator", "area", "district"),
                nulls_distinct=False,
                name="figure_once",
            ),
        ),
        # Without the column a district's figure would be a second one of its area.
        migrations.RunSQL(
            migrations.RunSQL.noop, "DELETE FROM publication_figure WHERE district IS NOT NULL"
        ),
    ]
