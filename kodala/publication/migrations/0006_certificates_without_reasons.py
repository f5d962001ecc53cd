from django.db import migrations

# One number in place of three: the price and the two counts let sizes of withheld numbers be guessed.
COUNT_WITHHELD = """
UPDATE publication_datenstand
SET certificate = (certificate - 'primary' - 'secondary' - 'cost') || jsonb_build_object(
    'withheld', (certificate ->> 'primary')::int + (certificate ->> 'secondary')::int)
WHERE certificate ? 'primary'
"""


class Migration(migrations.Migration):
    dependencies = [("publication", "0005_display_cell_figures")]
    operations = [migrations.RunSQL(COUNT_WITHHELD, migrations.RunSQL.noop)]
