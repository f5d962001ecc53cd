"""All addresses people see: German nouns with a trailing slash; fragments lie under their page."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from kodala.dashboard.forms import SignInForm
from kodala.dashboard.views import (
    confirming,
    deliveries,
    export,
    filter,
    findings,
    map,
    pages,
    releases,
    retention,
    tiles,
)

sign_in = LoginView.as_view(
    template_name="registration/login.html",
    authentication_form=SignInForm,
    redirect_authenticated_user=True,
)

urlpatterns = [
    path("", pages.go_home, name="home"),
    path("gesund/", pages.show_health, name="health"),
    path("anmelden/", sign_in, name="login"),
    path("abmelden/", LogoutView.as_view(), name="logout"),
    path("karte/", map.start_map, name="map-start"),
    path("karte/geometrie/<int:area_set_pk>.json", map.show_geometry, name="geometry"),
    path("karte/<slug:code>/", map.show_map, name="map"),
    path("karte/<slug:code>/blickpunkt/<int:number>/", map.show_area, name="map-area"),
    path("karte/<slug:code>/export/", export.export_map, name="map-export"),
    path("tiles/<int:version>/<slug:code>/<int:z>/<int:x>/<int:y>.mvt", tiles.show_tile, name="tile"),
    path("filter/", filter.show_filter, name="filter"),
    path("filter/auswertung/", filter.evaluate_filter, name="filter-evaluate"),
    path("filter/ergebnis/", filter.show_result, name="filter-result"),
    path("filter/speichern/", filter.save_filter, name="filter-save"),
    path("filter/export/", filter.export_filter, name="filter-export"),
    path("filter/<slug:token>/", filter.open_filter, name="filter-saved"),
    path("filter/<slug:token>/loeschen/", filter.delete_filter, name="filter-delete"),
    path("lieferungen/", deliveries.list_deliveries, name="delivery-list"),
    path("lieferungen/<int:pk>/", deliveries.show_delivery, name="delivery"),
    path("lieferungen/<int:pk>/angaben/", confirming.confirm_delivery, name="delivery-confirm"),
    path("lieferungen/<int:pk>/status/", deliveries.show_status, name="delivery-status"),
    path("lieferungen/<int:pk>/befunde/", findings.show_findings, name="delivery-findings"),
    path("lieferungen/<int:pk>/befunde.csv", findings.export_findings, name="delivery-findings-file"),
    path("lieferungen/<int:pk>/befunde.xlsx", findings.export_workbook, name="delivery-findings-workbook"),
    path("lieferungen/<int:pk>/warnungen/<slug:code>/", findings.accept, name="delivery-warning"),
    path("lieferungen/<int:pk>/fortsetzen/", deliveries.resume_delivery, name="delivery-resume"),
    path("lieferungen/<int:pk>/rohdaten/", retention.show_raw_data, name="delivery-raw-data"),
    path("freigaben/", releases.list_releases, name="release-list"),
    path("freigaben/<int:pk>/", releases.show_release, name="release"),
    path("freigaben/protokoll/", releases.show_log, name="release-log"),
    path("freigaben/<int:pk>/vergleich/", releases.show_comparison, name="release-comparison"),
    path("freigaben/<int:pk>/zurueckweisen/", releases.reject, name="release-reject"),
    path("freigaben/<int:pk>/zuruecknehmen/", releases.withdraw, name="release-withdraw"),
    path("hilfe/anonym/", pages.explain_anonymity, name="help-anonymous"),
    path("hilfe/anonym/_pruefung", pages.show_proof, name="help-anonymous-proof"),
    path("hilfe/lieferung/<slug:kind>/", pages.explain_delivery, name="help-delivery"),
    path("hilfe/kennzahl/<slug:code>/", pages.explain_indicator, name="help-indicator"),
]
