// Prints the OpenAPI definitions that a kube-apiserver is built with (pkg/generated/openapi), by their names: `openapi.mjs` beside this folder makes the facts of it.
// It runs in the module of go-values.go; docs/kubernetes-release.md says how.
package main

import (
	"encoding/json"
	"os"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/generated/openapi"
)

func main() {
	definitions := map[string]spec.Schema{}
	for name, definition := range openapi.GetOpenAPIDefinitions(func(name string) spec.Ref { return spec.MustCreateRef("#/definitions/" + name) }) {
		definitions[name] = definition.Schema
	}
	if err := json.NewEncoder(os.Stdout).Encode(definitions); err != nil {
		panic(err)
	}
}
