# Everything here may be typed on a fresh machine: each target first makes what it needs, and says so.
# 每个目标都会先准备好它所需要的一切。

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.huiqian-installed
CONSTRAINTS := $(wildcard constraints.txt)
# Containers set it; then each of our many processes, and each worker of the tests, compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup servers postgres demo up cluster cluster-test test slow browser static faults check verifier bench load clean

help: ## 本说明 · this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## 建立 .venv 并安装 · create .venv and install (leaves .venv/bin/huiqian)

# An existing .venv is kept when it works and is new enough, and made anew otherwise. The stamp is written
# last: what was interrupted is done again.
$(STAMP): pyproject.toml $(CONSTRAINTS)
	@$(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null \
	  || { python=$$(sh deploy/find-python.sh) && "$$python" -m venv --clear $(VENV); }
	$(PY) -m pip install --disable-pip-version-check --no-input --progress-bar off \
	  -e '.[dev]' $(addprefix -c ,$(CONSTRAINTS))
	@touch $@

servers: setup ## 找到或构建 Temporal 服务器 · find or build the Temporal servers
	@$(PY) deploy/servers.py all >/dev/null

postgres: setup ## 找到或安装 PostgreSQL · find or install PostgreSQL
	@$(PY) deploy/postgres.py >/dev/null

demo: setup ## 演示一整轮 · watch a whole round, from the call to the announcement
	@$(PY) deploy/servers.py dev >/dev/null
	@$(PY) -m demo

up: setup ## 启动系统直到 Ctrl-C · start the system to use, until Ctrl-C
	@$(PY) deploy/up.py

cluster: setup ## 多进程集群直到 Ctrl-C · PostgreSQL, Temporal's server, workers of each agency, until Ctrl-C
	@$(PY) deploy/servers.py dev >/dev/null && $(PY) deploy/servers.py cluster >/dev/null
	@$(PY) -m deploy.cluster

cluster-test: setup ## 在集群上走完一轮，再换版 · a whole round on the cluster, one agency's worker away for some days; an upgrade
	@$(PY) deploy/servers.py dev >/dev/null && $(PY) deploy/servers.py cluster >/dev/null
	@$(PY) -m demo.on_cluster
	HUIQIAN_CLUSTER_TEST=1 $(PY) -m pytest tests/processes/test_upgrades.py

test: servers postgres ## 运行全部测试 · run all tests
	$(PY) -m pytest -n 3 --dist loadgroup -m "not slow"

slow: servers postgres ## 长时间的检验：全部预演、逐一改动规则与账册、停掉服务器、换版 · all stories on the processes, each value of law and record changed, servers lost, upgrades
	$(PY) -m pytest -n 3 --dist loadgroup -m slow

browser: setup ## 在 Chromium 中看每个页面 · look at every page in Chromium (screenshots in var/browser)
	@sh deploy/debian.sh 'command -v chromium && fc-list :lang=zh | grep .' chromium fonts-noto-cjk
	HUIQIAN_BROWSER=1 $(PY) -m pytest tests/browser

static: setup ## 格式、规范、类型、依赖方向 · format, lint, types, import direction
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports

faults: servers postgres ## 故障演练：在办理中途杀进程、断连接、塞满磁盘、拨乱时钟 · kill, cut, fill and skew while filings run
	@sh deploy/debian.sh 'command -v faketime' faketime
	@$(PY) deploy/servers.py cluster >/dev/null
	$(PY) -m tests.faults

check: static test slow ## 静态检查与全部测试 · static checks and all tests

verifier: setup ## 证据包核验器,单个文件 · the verifier of bundles as one file (dist/huiqian-verify.pyz)
	@$(PY) deploy/verifier.py

bench: servers postgres ## 性能测量 · measure the speed
	$(PY) -m bench

load: servers postgres ## 集群负载 · the cluster under load, for deploy/scale.md (QUICK=--quick: small and short)
	@$(PY) deploy/servers.py cluster >/dev/null
	$(PY) -m bench load growth $(QUICK)

clean: ## 清除缓存与演示结果,保留 var/up、var/cluster、服务器和 .venv · remove caches and results; keeps var/up, var/cluster, servers, .venv
	rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
	[ ! -d var ] || find var -mindepth 1 -maxdepth 1 ! -name up ! -name cluster -exec rm -rf {} +
