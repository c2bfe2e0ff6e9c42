// Prints how Kubernetes' own Go structs of each kind (pkg/apis, the internal version) look as JSON: their errors print values and differences in that form
// (field.Error, util/diff). core/kube/go-types.json is its answer; docs/kubernetes-release.md says how it is run.
//
// A type is the list of its fields in the order of the struct: `GoName jsonName type`. The name in the served version is left out where it is the Go name with
// a small first letter, and has a `^` before it where it stands in the object around this one. Types: `s` string, `i` number, `b` boolean, `q` quantity,
// `n` number or string, `t` time, `r` raw JSON, `*` before what may be null, `[]` a list, `{}` a map, otherwise the name of a struct. `?` leaves the field out
// when it is empty (omitempty). `... metadata T` are the fields of T, of what the served version calls metadata.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/coordination"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/discovery"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/apis/node"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/rbac"
	"k8s.io/kubernetes/pkg/apis/resource"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/kubernetes/pkg/apis/storage"
)

var types = map[string][]string{}

func main() {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme, admissionregistrationv1.AddToScheme, apps.AddToScheme, appsv1.AddToScheme, autoscaling.AddToScheme,
		autoscalingv2.AddToScheme, batch.AddToScheme, batchv1.AddToScheme, certificates.AddToScheme, certificatesv1.AddToScheme, coordination.AddToScheme,
		coordinationv1.AddToScheme, core.AddToScheme, corev1.AddToScheme, discovery.AddToScheme, discoveryv1.AddToScheme, flowcontrol.AddToScheme,
		flowcontrolv1.AddToScheme, networking.AddToScheme, networkingv1.AddToScheme, node.AddToScheme, nodev1.AddToScheme, policy.AddToScheme,
		policyv1.AddToScheme, rbac.AddToScheme, rbacv1.AddToScheme, resource.AddToScheme, resourcev1.AddToScheme, scheduling.AddToScheme,
		schedulingv1.AddToScheme, storage.AddToScheme, storagev1.AddToScheme,
	} {
		must(add(s))
	}
	all := s.AllKnownTypes()
	for gvk, served := range all {
		internal := all[gvk.GroupKind().WithVersion(runtime.APIVersionInternal)]
		if gvk.Version == runtime.APIVersionInternal || internal == nil || internal == served || !strings.HasPrefix(internal.PkgPath(), "k8s.io/kubernetes/") {
			continue
		}
		if strings.HasSuffix(gvk.Kind, "List") {
			continue
		}
		// Of an object errors print parts of its specification alone, and of a request for a certificate what was decided.
		if gvk.Kind == "CertificateSigningRequest" {
			status, _ := internal.FieldByName("Status")
			servedStatus, _ := served.FieldByName("Status")
			walk(status.Type, servedStatus.Type)
		}
		if spec, ok := internal.FieldByName("Spec"); ok {
			servedSpec, _ := served.FieldByName("Spec")
			walk(spec.Type, servedSpec.Type)
		} else if _, ok := internal.FieldByName("ObjectMeta"); ok {
			walk(internal, served)
		}
	}
	fmt.Fprintln(os.Stderr, len(types), "types")
	out := map[string]string{}
	for name, fields := range types {
		out[name] = strings.Join(fields, ";")
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	must(enc.Encode(out))
}

// walk answers the code of a type, and notes the structs that it finds.
func walk(t, served reflect.Type) string {
	for served.Kind() == reflect.Pointer && t.Kind() != reflect.Pointer {
		served = served.Elem()
	}
	switch nameOf(t) {
	case "resource.Quantity":
		return "q"
	case "intstr.IntOrString":
		return "n"
	case "meta.Time", "meta.MicroTime":
		return "t"
	case "meta.Duration":
		return "s"
	case "runtime.RawExtension", "runtime.Unknown", "meta.FieldsV1":
		return "r"
	}
	switch t.Kind() {
	case reflect.Pointer:
		if served.Kind() == reflect.Pointer {
			served = served.Elem()
		}
		return "*" + walk(t.Elem(), served)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "*s"
		}
		return "[]" + walk(t.Elem(), served.Elem())
	case reflect.Map:
		if t.Elem().Kind() == reflect.Slice && t.Elem().Elem().Kind() == reflect.Uint8 {
			return "{}s"
		}
		return "{}" + walk(t.Elem(), served.Elem())
	case reflect.Struct:
		name := nameOf(t)
		if types[name] == nil {
			types[name] = []string{}
			types[name] = fieldsOf(t, served)
		}
		return name
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Interface:
		return "r"
	default:
		return "i"
	}
}

func fieldsOf(t, served reflect.Type) []string {
	out := []string{}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" || !f.IsExported() {
			continue
		}
		if f.Anonymous && f.Name == "TypeMeta" {
			continue
		}
		if f.Anonymous && tag == "" {
			part := served
			if g, ok := served.FieldByName(f.Name); ok && g.Anonymous {
				part = g.Type
				if of, _, _ := strings.Cut(g.Tag.Get("json"), ","); of != "" {
					out = append(out, "... "+of+" "+walk(f.Type, part))
					continue
				}
			}
			if f.Name == "PersistentVolumeSource" {
				walk(f.Type, part) // Errors print it alone too.
			}
			out = append(out, fieldsOf(f.Type, part)...)
			continue
		}
		name := f.Name
		if tag != "" {
			name = tag
		}
		from, fromType := servedName(t, f, served)
		code := walk(f.Type, fromType)
		if strings.Contains(options, "omitzero") || strings.Contains(options, "omitempty") && f.Type.Kind() != reflect.Struct {
			code = "?" + code
		}
		if from == lower(name) {
			from = ""
		}
		out = append(out, name+" "+from+" "+code)
	}
	return out
}

// What is named or placed otherwise in the served version.
var moved = map[string]string{
	"core.PodSecurityContext.HostNetwork":           "^hostNetwork",
	"core.PodSecurityContext.HostPID":               "^hostPID",
	"core.PodSecurityContext.HostIPC":               "^hostIPC",
	"core.PodSecurityContext.ShareProcessNamespace": "^shareProcessNamespace",
	"core.PodSecurityContext.HostUsers":             "^hostUsers",
}

func servedName(t reflect.Type, f reflect.StructField, served reflect.Type) (string, reflect.Type) {
	if name, ok := moved[nameOf(t)+"."+f.Name]; ok {
		return name, f.Type
	}
	if served.Kind() == reflect.Struct {
		if g, ok := served.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, f.Name) }); ok {
			name, _, _ := strings.Cut(g.Tag.Get("json"), ",")
			return name, g.Type
		}
	}
	fmt.Fprintln(os.Stderr, "no field of the served version for", nameOf(t)+"."+f.Name)
	return "-", f.Type
}

func nameOf(t reflect.Type) string {
	path := strings.Split(t.PkgPath(), "/")
	pkg := path[len(path)-1]
	if strings.HasSuffix(t.PkgPath(), "apis/meta/v1") {
		pkg = "meta"
	}
	if pkg == "v1" {
		pkg = path[len(path)-2] + "v1"
	}
	return pkg + "." + t.Name()
}

func lower(name string) string { return strings.ToLower(name[:1]) + name[1:] }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
