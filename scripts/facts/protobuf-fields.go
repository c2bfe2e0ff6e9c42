// Prints core/api/codec/fields.json: the protobuf fields of every Kubernetes type of a GA version, as its Go struct declares them (number, type,
// presence), to be formatted with biome. Run it by hand when the Kubernetes version changes, in an empty Go module that requires k8s.io/api, k8s.io/apimachinery,
// k8s.io/client-go, k8s.io/apiextensions-apiserver and k8s.io/kube-aggregator of that version. See docs/decisions/0003-protobuf.md.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"

	apidiscovery "k8s.io/api/apidiscovery/v2"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var opaque = map[string]bool{}

func main() {
	s := runtime.NewScheme()
	must(scheme.AddToScheme(s))
	must(apiextensions.AddToScheme(s))
	must(apiregistration.AddToScheme(s))
	must(apidiscovery.AddToScheme(s))
	must(metav1.AddMetaToScheme(s))
	for _, t := range []string{"io.k8s.apimachinery.pkg.apis.meta.v1.Time", "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
		"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", "io.k8s.apimachinery.pkg.api.resource.Quantity", "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
		"io.k8s.apimachinery.pkg.runtime.RawExtension", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
		"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool",
		"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray"} {
		opaque[t] = true
	}
	types := map[string]map[string][]any{}
	kinds := map[string]string{}
	for gvk, t := range s.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal || strings.Contains(gvk.Version, "alpha") || strings.Contains(gvk.Version, "beta") {
			continue
		}
		// Registered in every group (options, WatchEvent, Status): one definition serves them all.
		meta := strings.HasPrefix(t.PkgPath(), "k8s.io/apimachinery/pkg/apis/meta/")
		if meta && !(gvk.Group == "" && gvk.Version == "v1") && !(gvk.Group == "meta.k8s.io") {
			continue
		}
		if _, ok := reflect.PointerTo(t).MethodByName("MarshalToSizedBuffer"); !ok {
			continue
		}
		walk(t, types)
		gv := gvk.GroupVersion().String()
		kinds[gv+"/"+gvk.Kind] = nameOf(t)
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	must(enc.Encode(map[string]any{"kinds": kinds, "types": types}))
}

func walk(t reflect.Type, types map[string]map[string][]any) {
	name := nameOf(t)
	if types[name] != nil || opaque[name] {
		return
	}
	fields := map[string][]any{}
	types[name] = fields
	if t.Kind() == reflect.Slice { // ExtraValue, Verbs: a message with one repeated field
		fields["*"] = []any{1, "string[]"}
		return
	}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := f.Tag.Get("protobuf")
		if tag == "" || tag == "-" {
			continue
		}
		parts := strings.Split(tag, ",")
		number, err := strconv.Atoi(parts[1])
		must(err)
		js := strings.Split(f.Tag.Get("json"), ",")
		jsonName, inline, omitempty := js[0], false, false
		for _, o := range js[1:] {
			inline = inline || o == "inline"
			omitempty = omitempty || o == "omitempty"
		}
		if jsonName == "" && f.Anonymous {
			inline = true
		}
		if inline {
			for _, p := range parts {
				if strings.HasPrefix(p, "name=") {
					jsonName = strings.TrimPrefix(p, "name=")
				}
			}
		}
		kind := kindOf(f.Type, types)
		if parts[0] == "fixed64" {
			kind = strings.Replace(kind, "float64", "double", 1)
		}
		isPtr := f.Type.Kind() == reflect.Pointer
		el := f.Type
		if isPtr {
			el = el.Elem()
		}
		entry := []any{number, kind}
		scalar := !strings.Contains(kind, ".")
		switch {
		case inline:
			entry = append(entry, "inline")
			if isPtr {
				panic("inline pointer " + name + "." + f.Name)
			}
		case isPtr:
			// presence is what the client said
			if scalar {
				entry = append(entry, "presence")
			}
		case el.Kind() == reflect.Slice && el.Elem().Kind() != reflect.Uint8 && strings.HasSuffix(kind, "[]"), el.Kind() == reflect.Map:
			if !omitempty {
				entry = append(entry, "always")
			}
		case scalar:
			if !omitempty {
				entry = append(entry, "always")
			}
		default: // a struct by value: always on the wire
			zero := strings.Contains(f.Tag.Get("json"), "omitzero")
			if el.Kind() == reflect.Slice {
				break
			}
			if zero {
				entry = append(entry, "omitzero")
			} else {
				entry = append(entry, "always")
			}
		}
		if _, dup := fields[jsonName]; dup {
			panic("dup " + name + "." + jsonName)
		}
		fields[jsonName] = entry
	}
}

func kindOf(t reflect.Type, types map[string]map[string][]any) string {
	if t.Kind() == reflect.Pointer {
		return kindOf(t.Elem(), types)
	}
	if _, ok := reflect.PointerTo(t).MethodByName("MarshalToSizedBuffer"); ok {
		walk(t, types)
		return nameOf(t)
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32:
		return "int32"
	case reflect.Int64, reflect.Int:
		return "int64"
	case reflect.Float64:
		return "float64"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return kindOf(t.Elem(), types) + "[]"
	case reflect.Map:
		return "map<" + kindOf(t.Elem(), types) + ">"
	}
	panic(t.String())
}

func nameOf(t reflect.Type) string {
	p := t.PkgPath()
	if i := strings.Index(p, "/vendor/"); i >= 0 {
		p = p[i+8:]
	}
	head, rest, _ := strings.Cut(p, "/")
	d := strings.Split(head, ".")
	for i, j := 0, len(d)-1; i < j; i, j = i+1, j-1 {
		d[i], d[j] = d[j], d[i]
	}
	return strings.Join(d, ".") + "." + strings.ReplaceAll(rest, "/", ".") + "." + t.Name()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
