// Prints what only the Go structs say of the Kubernetes types of the GA versions: the numbers of their protobuf fields, how Go holds them, the names of
// their Go types, and which structs are embedded in which. `types.mjs` beside this file makes the facts of it; docs/kubernetes-release.md says how it is run.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type field struct {
	Number int `json:"number"`
	// pointer, value or always (core/schema/schema.ts, Presence), where it is not what it usually is.
	Presence string `json:"presence,omitempty"`
	GoType   string `json:"goType,omitempty"`
	Embedded string `json:"embedded,omitempty"`
	Message  bool   `json:"message,omitempty"`
}

type facts struct {
	Embedded map[string]int   `json:"embedded,omitempty"`
	Fields   map[string]field `json:"fields,omitempty"`
}

// By the name of the OpenAPI definition.
var types = map[string]*facts{}

func main() {
	s := runtime.NewScheme()
	must(scheme.AddToScheme(s))
	must(apiextensions.AddToScheme(s))
	must(apiregistration.AddToScheme(s))
	must(metav1.AddMetaToScheme(s))
	for gvk, t := range s.AllKnownTypes() {
		if gvk.Version != runtime.APIVersionInternal && !strings.Contains(gvk.Version, "alpha") && !strings.Contains(gvk.Version, "beta") && isMessage(t) {
			walk(t)
		}
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	must(enc.Encode(types))
}

// walk notes a struct, and those of its fields.
func walk(t reflect.Type) {
	name := nameOf(t)
	if types[name] != nil || t.Kind() != reflect.Struct || encodesItself[name] {
		return
	}
	out := &facts{Embedded: map[string]int{}, Fields: map[string]field{}}
	types[name] = out
	addFields(out, t, "")
}

// addFields notes the fields of a struct, and of those embedded in it as if they were its own, as JSON shows them. path: the structs that lead there.
func addFields(out *facts, t reflect.Type, path string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := f.Tag.Get("protobuf")
		if tag == "" || tag == "-" {
			continue
		}
		number, err := strconv.Atoi(strings.Split(tag, ",")[1])
		must(err)
		json := strings.Split(f.Tag.Get("json"), ",")
		has := func(option string) bool {
			for _, o := range json[1:] {
				if o == option {
					return true
				}
			}
			return false
		}
		if has("inline") || (json[0] == "" && f.Anonymous) {
			inner := strings.TrimPrefix(path+"."+f.Type.Name(), ".")
			out.Embedded[inner] = number
			addFields(out, f.Type, inner)
			continue
		}
		for _, element := range elements(f.Type) {
			walk(element)
		}
		out.Fields[json[0]] = field{
			Number: number, Presence: presence(f.Type, has("omitempty"), has("omitzero")), GoType: goType(f.Type), Embedded: path,
			Message: f.Type.Kind() == reflect.Slice && isMessage(f.Type),
		}
	}
}

// presence says how a field is held, and nothing where it is what is usual: a value for scalars, lists and maps, a pointer for structs.
func presence(t reflect.Type, omitempty, omitzero bool) string {
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.Struct:
		if pointer {
			return ""
		}
		if omitzero {
			return "value"
		}
		return "always"
	case pointer || (t.Kind() == reflect.Slice && isMessage(t)):
		return "pointer"
	case !omitempty:
		return "always"
	}
	return ""
}

// goType is the name by which Go speaks of a type in errors, where that is not the name of what it is made of.
func goType(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.String() == plain(t) {
		return ""
	}
	return t.String()
}

func plain(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Interface:
		return t.String()
	case reflect.Slice:
		return "[]" + plain(t.Elem())
	case reflect.Map:
		return "map[string]" + plain(t.Elem())
	case reflect.Pointer:
		return plain(t.Elem())
	}
	return t.Kind().String()
}

// elements are the types that a type is made of.
func elements(t reflect.Type) []reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return elements(t.Elem())
	}
	return []reflect.Type{t}
}

func isMessage(t reflect.Type) bool {
	_, ok := reflect.PointerTo(t).MethodByName("MarshalToSizedBuffer")
	return ok
}

// encodesItself says that the JSON of a type is not its fields written out (core/schema/leaves.ts).
var encodesItself = map[string]bool{
	"io.k8s.apimachinery.pkg.apis.meta.v1.Time": true, "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": true, "io.k8s.apimachinery.pkg.apis.meta.v1.Duration": true,
	"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": true, "io.k8s.apimachinery.pkg.api.resource.Quantity": true,
	"io.k8s.apimachinery.pkg.util.intstr.IntOrString": true, "io.k8s.apimachinery.pkg.runtime.RawExtension": true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON":                         true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray":       true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool":        true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": true,
}

// nameOf is the name of the OpenAPI definition: k8s.io/api/core/v1.Pod is io.k8s.api.core.v1.Pod.
func nameOf(t reflect.Type) string {
	host, rest, _ := strings.Cut(t.PkgPath(), "/")
	parts := strings.Split(host, ".")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, ".") + "." + strings.ReplaceAll(rest, "/", ".") + "." + t.Name()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
