// Prints core/managed-fields/testdata/recorded.jsonl: what Go's sigs.k8s.io/structured-merge-diff makes of field sets, values of all types, and objects that several
// managers update and apply. One line a case. Run it by hand, with Go, in this folder:
//
//	go run . "$(go mod download -json k8s.io/kubernetes@v1.36.0 | jq -r .Dir)/api/openapi-spec/v3" > ../../core/managed-fields/testdata/recorded.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"k8s.io/kube-openapi/pkg/schemaconv"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/merge"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

const types = "../../core/managed-fields/testdata/types.json"

var parser typed.Parser

func main() {
	models := map[string]*spec.Schema{}
	for _, file := range []string{"api__v1", "apis__apps__v1", "apis__networking.k8s.io__v1", "apis__rbac.authorization.k8s.io__v1", "apis__apiextensions.k8s.io__v1"} {
		var doc struct {
			Components struct {
				Schemas map[string]*spec.Schema
			}
		}
		read(filepath.Join(os.Args[1], file+"_openapi.json"), &doc)
		for name, model := range doc.Components.Schemas {
			models[name] = model
		}
	}
	var own map[string]*spec.Schema
	read(types, &own)
	for name, model := range own {
		models[name] = model
	}
	converted, err := schemaconv.ToSchemaFromOpenAPI(models, false)
	must(err)
	parser = typed.Parser{Schema: schema.Schema{Types: converted.Types}}

	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for i, one := range cases() {
		one["case"] = i
		one["want"] = record(one)
		must(encoder.Encode(one))
	}
}

// Case is what is asked: `kind` says which of its fields are given.
type Case map[string]any

func record(one Case) any {
	switch one["kind"] {
	case "set":
		return recordSet(one["set"].(string))
	case "operations":
		a, b := setOf(one["a"].(string)), setOf(one["b"].(string))
		return map[string]any{
			"union": text(a.Union(b)), "intersection": text(a.Intersection(b)), "difference": text(a.Difference(b)),
			"differenceBelow": text(a.RecursiveDifference(b)), "same": a.Equals(b),
		}
	case "value":
		return recordValue(one["type"].(string), one["value"])
	case "compare":
		before, after := live(one["type"].(string), one["before"]), live(one["type"].(string), one["after"])
		comparison, err := before.Compare(after)
		must(err)
		return map[string]any{"added": text(comparison.Added), "modified": text(comparison.Modified), "removed": text(comparison.Removed)}
	case "merge":
		left := live(one["type"].(string), one["left"])
		right, err := typeOf(one["type"].(string)).FromUnstructured(one["right"])
		must(err)
		merged, err := left.Merge(right)
		must(err)
		return merged.AsValue().Unstructured()
	case "remove":
		return live(one["type"].(string), one["value"]).RemoveItems(setOf(one["set"].(string))).AsValue().Unstructured()
	case "sequence":
		return recordSequence(one["steps"].([]Step))
	}
	panic(fmt.Sprint("no such kind: ", one["kind"]))
}

func recordSet(given string) any {
	set := &fieldpath.Set{}
	if err := set.FromJSON(strings.NewReader(given)); err != nil {
		return map[string]any{"refused": true}
	}
	paths := []string{}
	set.Iterate(func(path fieldpath.Path) { paths = append(paths, path.String()) })
	return map[string]any{"set": text(set), "paths": paths}
}

func recordValue(typeName string, given any) any {
	want := map[string]any{}
	if _, err := typeOf(typeName).FromUnstructured(given); err != nil {
		want["error"] = err.Error()
	}
	tolerant, err := typeOf(typeName).FromUnstructured(given, typed.AllowDuplicates)
	if err == nil {
		set, err := tolerant.ToFieldSet()
		must(err)
		want["set"] = text(set)
	}
	return want
}

// Step is one write of an object.
type Step struct {
	Manager string   `json:"manager"`
	Version string   `json:"version"`
	Apply   bool     `json:"apply,omitempty"`
	Force   bool     `json:"force,omitempty"`
	Ignored []string `json:"ignored,omitempty"`
	Object  any      `json:"object"`
}

// Two versions of one type: what v1 calls `text` is `string` in v2.
type converter struct{}

func versionOf(v *typed.TypedValue) string {
	return strings.TrimPrefix(*v.TypeRef().NamedType, "thing/")
}

func (converter) Convert(object *typed.TypedValue, version fieldpath.APIVersion) (*typed.TypedValue, error) {
	from := versionOf(object)
	if from == string(version) {
		return object, nil
	}
	if version != "v1" && version != "v2" {
		return object, missing{}
	}
	given, _ := object.AsValue().Unstructured().(map[string]any)
	converted := map[string]any{}
	for name, v := range given {
		switch {
		case version == "v2" && name == "text":
			name = "string"
		case version == "v1" && name == "string":
			name = "text"
		}
		converted[name] = v
	}
	return typeOf("thing/"+string(version)).FromUnstructured(converted, typed.AllowDuplicates)
}

func (converter) IsMissingVersionError(err error) bool { _, is := err.(missing); return is }

type missing struct{}

func (missing) Error() string { return "no such version" }

func recordSequence(steps []Step) any {
	results := []any{}
	object := any(map[string]any{})
	version := "v1"
	managers := fieldpath.ManagedFields{}
	for _, step := range steps {
		ignored := fieldpath.NewSet()
		for _, name := range step.Ignored {
			ignored.Insert(fieldpath.MakePathOrDie(name))
		}
		filter := fieldpath.NewExcludeSetFilter(ignored)
		updater := (&merge.UpdaterBuilder{Converter: converter{}, IgnoreFilter: map[fieldpath.APIVersion]fieldpath.Filter{"v1": filter, "v2": filter}}).BuildUpdater()
		before, err := converter{}.Convert(live("thing/"+version, object), fieldpath.APIVersion(step.Version))
		must(err)
		given, err := typeOf("thing/"+step.Version).FromUnstructured(step.Object, typed.AllowDuplicates)
		must(err)
		var after fieldpath.ManagedFields
		changed := given
		if step.Apply {
			changed, after, err = updater.Apply(before, given, fieldpath.APIVersion(step.Version), managers.Copy(), step.Manager, step.Force)
		} else {
			_, after, err = updater.Update(before, given, fieldpath.APIVersion(step.Version), managers.Copy(), step.Manager)
		}
		result := map[string]any{}
		if conflicts, is := err.(merge.Conflicts); is {
			texts := []string{}
			for _, conflict := range conflicts {
				texts = append(texts, conflict.Error())
			}
			sort.Strings(texts)
			result["conflicts"] = texts
			results = append(results, result)
			continue
		}
		must(err)
		if changed != nil {
			object, version = changed.AsValue().Unstructured(), step.Version
		}
		managers = after
		owners := map[string]any{}
		for name, owned := range managers {
			owners[name] = map[string]any{"version": owned.APIVersion(), "applied": owned.Applied(), "set": text(owned.Set())}
		}
		result["noop"] = changed == nil
		result["object"] = object
		result["owners"] = owners
		results = append(results, result)
	}
	return results
}

func typeOf(name string) typed.ParseableType { return parser.Type(name) }

func live(typeName string, given any) *typed.TypedValue {
	v, err := typeOf(typeName).FromUnstructured(given, typed.AllowDuplicates)
	must(err)
	return v
}

func setOf(given string) *fieldpath.Set {
	set := &fieldpath.Set{}
	must(set.FromJSON(strings.NewReader(given)))
	return set
}

func text(set *fieldpath.Set) string {
	bytes, err := set.ToJSON()
	must(err)
	return string(bytes)
}

func read(path string, into any) {
	bytes, err := os.ReadFile(path)
	must(err)
	must(json.Unmarshal(bytes, into))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
