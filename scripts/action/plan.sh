#!/usr/bin/env bash
# Plans the manifests of $PLAN_PATH on a cluster that is there for this alone (action.yml), and writes `result`, `plan` and `junit` to $GITHUB_OUTPUT.
set -euo pipefail

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/logplane.XXXXXX")
npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix "$work/tool" "logplane@$PLAN_VERSION"
logplane="$work/tool/node_modules/.bin/logplane"

before=()
[ -z "$PLAN_CURRENT" ] || before=(--filename "$PLAN_CURRENT")
"$logplane" up --memory --port 0 --profile "$PLAN_PROFILE" --nodes "$PLAN_NODES" --kubeconfig "$work/kubeconfig" "${before[@]}" \
  >"$work/up.log" 2>"$work/up.err" &
host=$!
trap 'kill "$host" 2>/dev/null || true; wait "$host" 2>/dev/null || true' EXIT
until grep -q '^Serving' "$work/up.log"; do
  kill -0 "$host" 2>/dev/null || { cat "$work/up.err" >&2; exit 1; }
  sleep 0.1
done
# What of the manifests before was refused: the plan is made all the same, and this says what it lacks.
cat "$work/up.err" >&2

code=0
"$logplane" plan --filename "$PLAN_PATH" --until "$PLAN_UNTIL" --kubeconfig "$work/kubeconfig" >"$work/plan.txt" 2>"$work/plan.err" || code=$?
cat "$work/plan.err" >>"$work/plan.txt"
cat "$work/plan.txt"
junit=
if [ "$code" -le 1 ]; then
  junit="$work/plan.xml"
  "$logplane" plan --filename "$PLAN_PATH" --until "$PLAN_UNTIL" --kubeconfig "$work/kubeconfig" --output junit >"$junit" || [ $? = "$code" ]
fi
case $code in 0) result=Succeeds ;; 1) result=Fails ;; *) result=NoPlan ;; esac

printf '%s\n' "result=$result" "plan=$work/plan.txt" "junit=$junit" >>"$GITHUB_OUTPUT"
# Indented, so that nothing in it is taken for Markdown.
{ printf '### Plan: %s\n\n' "$result"; sed 's/^/    /' "$work/plan.txt"; } >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
