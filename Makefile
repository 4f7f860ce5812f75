# Gatehouse. `make help` lists the targets.

GO        ?= go
GOFUMPT   ?= $(GO) run mvdan.cc/gofumpt@v0.9.2
STATIC    ?= $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.7.0
VULNCHECK ?= $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.1.4
# Where govulncheck reads the vulnerability database; a file:// address works.
VULNDB    ?= https://vuln.go.dev
FUZZTIME  ?= 20s
# The tags of Caddy's own releases; xcaddy sets the same.
TAGS      ?= nobadger,nomysql,nopgx

.PHONY: help run build test unit e2e check fmt docs bench fuzz clean

help: ## list the targets
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-8s %s\n", $$1, $$2}'

run: ## protect the example application at http://localhost:8080
	$(GO) run ./cmd/caddy run --config Caddyfile.example

build: ## build bin/caddy as a release has it
	$(GO) build -trimpath -ldflags '-s -w' -tags $(TAGS) -o bin/caddy ./cmd/caddy

test: ## the whole truth: installs what is missing, then runs everything
	scripts/install-test-parts
	$(MAKE) --no-print-directory unit
	$(MAKE) --no-print-directory e2e

unit: ## the Go tests with the race detector
	$(GO) vet ./...
	$(GO) test -race -timeout 20m ./...

e2e: ## a real browser, real providers, real clients, real applications
	$(GO) build -o bin/caddy ./cmd/caddy
	cd e2e/parts && node --test --test-timeout=600000 --test-reporter=spec *.test.mjs

check: ## format, vet, staticcheck, known vulnerabilities, tests with the race detector
	@test -z "$$($(GOFUMPT) -l .)" || { echo 'not formatted:'; $(GOFUMPT) -l .; exit 1; }
	$(GO) vet ./...
	$(STATIC) ./...
	$(GO) mod verify
	$(VULNCHECK) -db $(VULNDB) ./...
	$(GO) run ./internal/requirements -check
	$(GO) test -race ./...

fmt: ## format the code
	$(GOFUMPT) -w .

docs: ## write docs/requirements.md anew
	$(GO) run ./internal/requirements

bench: ## the budgets, measured against the same Caddy without us
	scripts/bench

fuzz: ## every fuzz target for FUZZTIME
	scripts/fuzz $(FUZZTIME)

clean: ## remove what was built
	rm -rf bin e2e/parts/node_modules
