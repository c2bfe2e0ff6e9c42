// Prints what Kubernetes says of AuthenticationConfigurations, a JSON file each:
//
//	go run ./authentication FILE...
//
// core/auth/oidc/testdata/configurations.jsonl holds what it printed.
package main

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/apis/apiserver/validation"
	"k8s.io/apiserver/pkg/authentication/cel"
)

func main() {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder()
	for _, file := range os.Args[1:] {
		fmt.Println("==", file)
		data, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		object, err := runtime.Decode(decoder, data)
		if err != nil {
			fmt.Println(err)
			continue
		}
		own := []string{"https://kubernetes.default.svc.cluster.local"}
		for _, err := range validation.ValidateAuthenticationConfiguration(cel.NewDefaultCompiler(), object.(*apiserver.AuthenticationConfiguration), own) {
			fmt.Println(err)
		}
	}
}
