#!/usr/bin/env bash
# Runs the example suites that take more than Node, against a host that is there for them alone: try.sh [go|pytest|chainsaw|kuttl]...
# Each needs its tool on the PATH: go; pytest, with what pytest/requirements.txt names; chainsaw (go install github.com/kyverno/chainsaw@v0.2.12, with Go 1.25);
# kubectl-kuttl (go install github.com/kudobuilder/kuttl/cmd/kubectl-kuttl@v0.22.0, with Go 1.25).
# LOGPLANE: how the program is started; as it is installed from npm, unless told.
set -euo pipefail
cd "$(dirname "$0")"

export LOGPLANE=${LOGPLANE:-npx --yes logplane}
work=$(mktemp -d)
export KUBECONFIG=$work/kubeconfig USE_EXISTING_CLUSTER=true
$LOGPLANE up --memory --port 0 --profile plain --kubeconfig "$KUBECONFIG" >"$work/log" &
host=$!
trap 'kill "$host" 2>/dev/null || true; wait "$host" || true; rm -r "$work"' EXIT
until grep -q '^Serving' "$work/log"; do
  kill -0 "$host" # the host has ended: it says why on standard error
  sleep 0.1
done

[ $# -gt 0 ] || set -- go pytest chainsaw kuttl
for suite in "$@"; do
  case $suite in
    go) (cd operator-go && go test -count=1 ./...) ;;
    pytest) (cd pytest && pytest -q) ;;
    chainsaw) chainsaw test --test-dir chainsaw ;;
    kuttl) suites=$PWD/kuttl; (cd "$work" && kubectl-kuttl test --timeout 30 "$suites") ;; # kuttl writes a kubeconfig to where it is run
    *) echo "no suite $suite" >&2; exit 2 ;;
  esac
done
