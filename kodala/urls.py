"""All addresses; the pages stand in kodala/dashboard/urls.py."""

from django.urls import include, path

urlpatterns = [path("", include("kodala.dashboard.urls"))]

handler400 = "kodala.dashboard.views.errors.bad_request"
handler403 = "kodala.dashboard.views.errors.forbidden"
handler404 = "kodala.dashboard.views.errors.not_found"
handler500 = "kodala.dashboard.views.errors.server_error"
