# Short names for ./run; whatever is missing is set up by the first call.
.DEFAULT_GOAL := help
.PHONY: help demo test check test-domain test-web test-js test-browser bench stop

help: ## diese Übersicht
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## die erfundene Stadt im Browser (Ende mit Strg+C)
	./run demo

test: ## alle Prüfungen und Tests
	./run test

check: ## nur die Prüfungen des Quelltextes
	./run check

test-domain: ## Tests der reinen Rechnungen, ohne Datenbank
	./run test tests/domain tests/architecture

test-web: ## Tests der Stufen und Seiten, mit Datenbank
	./run test tests/stages tests/web tests/faults

test-js: ## Tests des JavaScripts
	./run test-js

test-browser: ## Tests im Browser
	./run test tests/browser

bench: ## Geschwindigkeit und Speicher
	./run bench

stop: ## alles anhalten, was noch läuft
	./run stop
