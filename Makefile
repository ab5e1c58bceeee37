# Every target is one line of work; `make` lists them.
GO      ?= go
DATA    ?= .zegel
COMPOSE ?= docker-compose
LINTER  ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## start the whole consortium in one process; data stays in .zegel
	$(GO) run ./gateway/cmd/zegel dev --data $(DATA)

.PHONY: build
build: ## build the static binaries into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./gateway/cmd/zegel ./chaincode

.PHONY: test
test: ## vet and test everything, race detector included
	$(GO) vet ./...
	$(GO) test -race -timeout 9m ./...

.PHONY: lint
lint: ## run the linter
	$(GO) run $(LINTER) run ./...

.PHONY: fuzz
fuzz: ## fuzz every parser for 20 s each
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 20s $$p || exit 1; done; done

.PHONY: bench
bench: ## benchmarks of rules, contract, ledger and write path
	$(GO) test -run '^$$' -bench . -benchtime 1s ./chaincode/... ./gateway/... ./network/devnet/...

.PHONY: sample
sample: ## import the shipped journal into a running `make run`
	$(GO) run ./gateway/cmd/zegel import --data $(DATA) --sample

.PHONY: network-up
network-up: build ## start the consortium on real Fabric (peer and orderer on PATH or in FABRIC_BIN)
	bin/zegel network up --data .zegel/network

.PHONY: network-down
network-down: build ## stop it
	bin/zegel network down --data .zegel/network

.PHONY: images
images: build ## build the images zegel/gateway and zegel/chaincode around the binaries
	$(COMPOSE) build

.PHONY: conformance
conformance: ## the corpus of cases, on the devnet and on real Fabric
	$(GO) test -count=1 -v ./network/conformance/... -fabric

.PHONY: e2e-fabric
e2e-fabric: ## the end-to-end suite on real Fabric; CONSORTIUM=file describes another consortium or release
	$(GO) test -count=1 -v -timeout 20m ./gateway/e2e/... -fabric $(if $(CONSORTIUM),-consortium $(abspath $(CONSORTIUM)))
