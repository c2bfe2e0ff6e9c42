// Prints what kube-apiserver gives a new cluster: the roles and bindings of RBAC, the flow schemas and priority levels, as their own packages have them.
// Run it by hand, with Go, in this folder: go run . > ../../../core/controllers/control-plane/bootstrap-policy.json
package main

import (
	"encoding/json"
	"os"
	"sort"

	flowcontrol "k8s.io/api/flowcontrol/v1"
	flowcontrolbootstrap "k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

func main() {
	out := []any{}
	add := func(apiVersion, kind string, object any) {
		encoded, err := json.Marshal(object)
		must(err)
		fields := map[string]any{}
		must(json.Unmarshal(encoded, &fields))
		delete(fields, "status")
		delete(fields["metadata"].(map[string]any), "creationTimestamp")
		fields["apiVersion"], fields["kind"] = apiVersion, kind
		out = append(out, fields)
	}
	const rbac = "rbac.authorization.k8s.io/v1"
	for _, role := range append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...) {
		add(rbac, "ClusterRole", role)
	}
	for _, binding := range append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...) {
		add(rbac, "ClusterRoleBinding", binding)
	}
	roles, bindings := bootstrappolicy.NamespaceRoles(), bootstrappolicy.NamespaceRoleBindings()
	for _, namespace := range sorted(roles) {
		for _, role := range roles[namespace] {
			add(rbac, "Role", role)
		}
	}
	for _, namespace := range sorted(bindings) {
		for _, binding := range bindings[namespace] {
			add(rbac, "RoleBinding", binding)
		}
	}
	const flow = "flowcontrol.apiserver.k8s.io/v1"
	levels := append([]*flowcontrol.PriorityLevelConfiguration{}, flowcontrolbootstrap.MandatoryPriorityLevelConfigurations...)
	for _, level := range append(levels, flowcontrolbootstrap.SuggestedPriorityLevelConfigurations...) {
		add(flow, "PriorityLevelConfiguration", level)
	}
	schemas := append([]*flowcontrol.FlowSchema{}, flowcontrolbootstrap.MandatoryFlowSchemas...)
	for _, schema := range append(schemas, flowcontrolbootstrap.SuggestedFlowSchemas...) {
		add(flow, "FlowSchema", schema)
	}
	os.Stdout.WriteString("[\n")
	for i, object := range out {
		if i > 0 {
			os.Stdout.WriteString(",\n")
		}
		line, err := json.Marshal(object)
		must(err)
		os.Stdout.Write(line)
	}
	os.Stdout.WriteString("\n]\n")
}

func sorted[T any](byNamespace map[string]T) []string {
	namespaces := []string{}
	for namespace := range byNamespace {
		namespaces = append(namespaces, namespace)
	}
	sort.Strings(namespaces)
	return namespaces
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
