#!/usr/bin/env bash
# build-binaries.sh FOLDER: builds what compare.ts measures beside Logplane, of released sources: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and
# kwok. Needs Go and its module proxy. A binary that is there is left as it is; from nothing all of it takes some 20 minutes on two cores. -p 1 (JOBS) leaves room for others.
set -euo pipefail
ETCD=v3.6.16 KUBERNETES=1.36.0 KWOK=v0.8.0
mkdir -p "$1"
out=$(cd "$1" && pwd)
export GOFLAGS="-mod=mod -buildvcs=false" CGO_ENABLED=0 GOWORK=off
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build NAME PACKAGE [FLAGS]: in the module of the current directory.
build() {
  [ -x "$out/$1" ] || go build -p "${JOBS:-2}" -trimpath -ldflags "-s -w ${3:-}" -o "$out/$1" "$2"
}

module() {
  mkdir "$work/$1"
  cd "$work/$1"
  printf 'module %s\n\ngo 1.26.0\n' "$1" >go.mod
}

module etcd
go get "go.etcd.io/etcd/server/v3@$ETCD"
cat >main.go <<'GO'
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
GO
build etcd .

module kubernetes
# Kubernetes' own go.mod takes its parts from a folder beside it; as modules they have the version 0 instead of 1.
sources=$(go mod download -json "k8s.io/kubernetes@v$KUBERNETES" | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p')
sed -n 's|^\t\(k8s.io/[a-z-]*\) => ./staging/.*|\1|p' "$sources/go.mod" | while read -r part; do
  go mod edit -replace "$part=$part@v0.${KUBERNETES#1.}"
done
go mod edit -require "k8s.io/kubernetes@v$KUBERNETES"
version=k8s.io/component-base/version
for name in kube-apiserver kube-controller-manager kube-scheduler; do
  build $name "k8s.io/kubernetes/cmd/$name" "-X $version.gitVersion=v$KUBERNETES -X $version.gitMajor=1 -X $version.gitMinor=36"
done

module kwok
go get "sigs.k8s.io/kwok/cmd/kwok@$KWOK"
build kwok sigs.k8s.io/kwok/cmd/kwok "-X sigs.k8s.io/kwok/pkg/consts.Version=$KWOK"
# What it makes of nodes and pods, as kwokctl gives it unless told.
stages=$(go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
for stage in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease pod/fast/pod-ready pod/fast/pod-complete pod/fast/pod-delete; do
  printf -- '---\n'
  cat "$stages/$stage.yaml"
done >"$out/kwok-stages.yaml"

ls -l "$out"
