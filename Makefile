# Bare `make` explains itself: the text after ## is what it prints.
.DEFAULT_GOAL := help
.PHONY: help dev test sim lint bench golden gallery gen fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

dev: ## start Dues with its own Stripe, mail inbox and demo application
	go run ./cmd/dues dev

test: ## every test; installs PostgreSQL, Chromium and Node packages when missing
	scripts/test

sim: ## random years of the service on a bad network: SEED=42 tells one, SEEDS=100000 lives through so many
	go test ./internal/sim -count=1 -timeout 24h -run Whatever -steps 9 $(if $(SEED),-v -seed $(SEED),-seeds $(or $(SEEDS),10000) -first $(or $(FIRST),1))

lint: ## gofmt, go vet, staticcheck, govulncheck
	scripts/lint

bench: ## requests per second beside a bare handler, stripe-mock and a sync engine; a year of renewals beside bare structs
	$(if $(shell scripts/postgres bindir 2>/dev/null),scripts/postgres synced) go run ./cmd/bench

golden: ## write the golden files anew (then read the diff)
	scripts/golden

gallery: ## every page and mail in every state as static HTML in gallery/
	go run ./internal/gallery/render gallery

gen: ## make generated files anew: templ, tables, docs
	scripts/gen

fuzz: ## fuzz every Fuzz function and try every property for FUZZTIME each (default 20s)
	scripts/fuzz
