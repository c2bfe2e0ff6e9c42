package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"

	resource "k8s.io/api/resource/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/common"
	kubeenvironment "k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
	"k8s.io/apiserver/pkg/cel/mutation"
)

var release = version.MajorMinor(1, 36)

// settings are one environment, as a case file says it. Its kinds:
//   - "" has nothing but the variables that it lists, by name, with the type and the value of each
//   - "rule" is that of a rule of a custom resource definition: self and oldSelf, typed by an OpenAPI v3 schema
//   - "admission" is that of a policy or a match condition; "mutation" has the types of patches, too
//   - "device" is that of the selector of a device
type settings struct {
	Kind      string              `json:"kind,omitempty"`
	CostLimit uint64              `json:"costLimit,omitempty"`
	Variables map[string]variable `json:"variables,omitempty"`
	Schema    json.RawMessage     `json:"schema,omitempty"`
	// Whether the schema is that of a whole object, with metadata.
	Root            bool            `json:"root,omitempty"`
	OptionalOldSelf bool            `json:"optionalOldSelf,omitempty"`
	Self            json.RawMessage `json:"self,omitempty"`
	OldSelf         json.RawMessage `json:"oldSelf,omitempty"`

	Object          json.RawMessage `json:"object,omitempty"`
	OldObject       json.RawMessage `json:"oldObject,omitempty"`
	Params          json.RawMessage `json:"params,omitempty"`
	Request         json.RawMessage `json:"request,omitempty"`
	NamespaceObject json.RawMessage `json:"namespaceObject,omitempty"`

	Device json.RawMessage `json:"device,omitempty"`
}

type variable struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

type environment struct {
	cel        *cel.Env
	program    []cel.ProgramOption
	estimator  *library.CostEstimator
	activation map[string]any
}

func newEnvironment(set settings) environment {
	env := environment{estimator: &library.CostEstimator{}, activation: map[string]any{}}
	var options []cel.EnvOption
	var declared []*apiservercel.DeclType
	switch set.Kind {
	case "":
		for name, variable := range set.Variables {
			declaredType := parseType(variable.Type)
			options = append(options, cel.Variable(name, declaredType))
			env.activation[name] = nativeOf(declaredType, unmarshal(variable.Value))
		}
	case "rule":
		structural := structuralOf(set.Schema)
		// As schema/cel.prepareEnvSet does, but for the name of the type: that one is of the time.
		self := model.SchemaDeclType(structural, set.Root).MaybeAssignTypeName("selfType")
		declared = append(declared, self)
		oldSelf := self.CelType()
		if set.OptionalOldSelf {
			oldSelf = types.NewOptionalType(oldSelf)
		}
		options = append(options, cel.Variable("self", self.CelType()), cel.Variable("oldSelf", oldSelf))
		env.estimator = &library.CostEstimator{SizeEstimator: &sizes{root: self}}
		if set.Root {
			structural = model.WithTypeAndObjectMeta(structural)
		}
		env.activation["self"] = schemacel.UnstructuredToVal(unmarshal(set.Self), structural)
		switch {
		case set.OldSelf != nil && set.OptionalOldSelf:
			env.activation["oldSelf"] = types.OptionalOf(schemacel.UnstructuredToVal(unmarshal(set.OldSelf), structural))
		case set.OldSelf != nil:
			env.activation["oldSelf"] = schemacel.UnstructuredToVal(unmarshal(set.OldSelf), structural)
		case set.OptionalOldSelf:
			env.activation["oldSelf"] = types.OptionalNone
		}
	case "admission", "mutation":
		// As admission/plugin/cel.createEnvForOpts does.
		request, namespace := admissioncel.BuildRequestType(), admissioncel.BuildNamespaceType()
		declared = append(declared, namespace, request)
		options = append(options, cel.Variable("object", cel.DynType), cel.Variable("oldObject", cel.DynType), cel.Variable("params", cel.DynType),
			cel.Variable("namespaceObject", namespace.CelType()), cel.Variable("request", request.CelType()),
			cel.Variable("authorizer", library.AuthorizerType), cel.Variable("authorizer.requestResource", library.ResourceCheckType))
		for name, value := range map[string]json.RawMessage{"object": set.Object, "oldObject": set.OldObject, "params": set.Params, "request": set.Request,
			"namespaceObject": set.NamespaceObject} {
			env.activation[name] = unmarshal(value)
		}
		env.activation["authorizer"] = library.NewAuthorizerVal(asker, stubAuthorizer{})
		env.activation["authorizer.requestResource"] = library.NewResourceAuthorizerVal(asker, stubAuthorizer{}, requestResource{})
	case "device":
		// As k8s.io/dynamic-resource-allocation/cel.newCompiler does, which exports neither its environment nor what it estimates by.
		device := deviceType()
		declared = append(declared, device)
		options = append(options, ext.Bindings(ext.BindingsVersion(0)), cel.Variable("device", device.CelType()))
		env.estimator = &library.CostEstimator{SizeEstimator: &sizes{root: device, variable: "device", ofAttributes: attributeType}}
		env.activation["device"] = unmarshal(set.Device)
	default:
		fail("no such kind of environment: %s", set.Kind)
	}
	extended, err := kubeenvironment.MustBaseEnvSet(release).Extend(kubeenvironment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0), EnvOptions: options, DeclTypes: declared,
	}, kubeenvironment.StrictCostOpt)
	must(err)
	if set.Kind == "mutation" {
		// Its resolver of types has to be the outermost.
		extended, err = extended.Extend(kubeenvironment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0),
			EnvOptions:        []cel.EnvOption{common.ResolverEnvOption(&mutation.DynamicTypeResolver{}), library.JSONPatch()},
		})
		must(err)
	}
	env.cel = extended.NewExpressionsEnv()
	limit := set.CostLimit
	if limit == 0 {
		limit = celconfig.PerCallLimit
	}
	env.program = []cel.ProgramOption{cel.CostLimit(limit), cel.CostTracking(env.estimator), cel.InterruptCheckFrequency(celconfig.CheckFrequency)}
	return env
}

func sized(declared *apiservercel.DeclType, most int64) *apiservercel.DeclType {
	out := *declared
	out.MaxElements = most
	return &out
}

var attributeType = sized(apiservercel.AnyType, resource.DeviceAttributeMaxValueLength)

func deviceType() *apiservercel.DeclType {
	domain, id := sized(apiservercel.StringType, resource.DeviceMaxDomainLength), sized(apiservercel.StringType, resource.DeviceMaxIDLength)
	byName := func(value *apiservercel.DeclType) *apiservercel.DeclType {
		return apiservercel.NewMapType(domain, apiservercel.NewMapType(id, value, resource.ResourceSliceMaxAttributesAndCapacitiesPerDevice),
			resource.ResourceSliceMaxAttributesAndCapacitiesPerDevice)
	}
	fields := map[string]*apiservercel.DeclField{}
	for name, declared := range map[string]*apiservercel.DeclType{"driver": sized(apiservercel.StringType, resource.DriverNameMaxLength),
		"allowMultipleAllocations": sized(apiservercel.BoolType, 1), "attributes": byName(attributeType), "capacity": byName(apiservercel.QuantityDeclType)} {
		fields[name] = apiservercel.NewDeclField(name, declared, true, nil, nil)
	}
	return apiservercel.NewObjectType("kubernetes.DRADevice", fields)
}

// sizes is schema/cel.sizeEstimator, which is not exported: how long a value may be by the schema. The one of devices is asked about a variable, and knows
// attributes of any name.
type sizes struct {
	root         *apiservercel.DeclType
	variable     string
	ofAttributes *apiservercel.DeclType
}

func (s *sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	if len(node.Path()) == 0 {
		return nil
	}
	if s.variable != "" && node.Path()[0] != s.variable {
		return nil
	}
	at := s.root
	for _, name := range node.Path()[1:] {
		switch name {
		case "@items", "@values":
			at = at.ElemType
		case "@keys":
			at = at.KeyType
		default:
			field, ok := at.Fields[name]
			switch {
			case ok:
				at = field.Type
			case s.ofAttributes != nil && at.ElemType == s.ofAttributes:
				at = s.ofAttributes
			default:
				return nil
			}
		}
		if at == nil {
			return nil
		}
	}
	return &checker.SizeEstimate{Min: 0, Max: uint64(at.MaxElements)}
}

func (s *sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

func structuralOf(text json.RawMessage) *schema.Structural {
	var props apiextensionsv1.JSONSchemaProps
	must(json.Unmarshal(text, &props))
	var internal apiextensions.JSONSchemaProps
	must(apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&props, &internal, nil))
	structural, err := schema.NewStructural(&internal)
	must(err)
	return structural
}

// unmarshal reads numbers as Kubernetes does: int64 where they are whole, float64 where not.
func unmarshal(text json.RawMessage) any {
	if text == nil {
		return nil
	}
	var value any
	must(utiljson.Unmarshal(text, &value))
	return value
}

var simpleTypes = map[string]*cel.Type{"int": cel.IntType, "uint": cel.UintType, "double": cel.DoubleType, "bool": cel.BoolType, "string": cel.StringType,
	"bytes": cel.BytesType, "dyn": cel.DynType, "null": cel.NullType, "timestamp": cel.TimestampType, "duration": cel.DurationType}

// parseType reads "int", "list(int)", "map(string, dyn)", "optional(int)".
func parseType(text string) *cel.Type {
	if simple, ok := simpleTypes[text]; ok {
		return simple
	}
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	switch name {
	case "list":
		return cel.ListType(parseType(rest))
	case "map":
		key, value, _ := strings.Cut(rest, ", ")
		return cel.MapType(parseType(key), parseType(value))
	}
	fail("no such type: %s", text)
	return nil
}

func nativeOf(declared *cel.Type, value any) any {
	switch declared.Kind() {
	case types.UintKind:
		number, err := strconv.ParseUint(fmt.Sprint(value), 10, 64)
		must(err)
		return number
	case types.IntKind:
		number, err := strconv.ParseInt(fmt.Sprint(value), 10, 64)
		must(err)
		return number
	case types.DoubleKind:
		number, err := strconv.ParseFloat(fmt.Sprint(value), 64)
		must(err)
		return number
	case types.BytesKind:
		bytes, err := base64.StdEncoding.DecodeString(value.(string))
		must(err)
		return bytes
	case types.TimestampKind:
		at, err := time.Parse(time.RFC3339Nano, value.(string))
		must(err)
		return at
	case types.DurationKind:
		duration, err := time.ParseDuration(value.(string))
		must(err)
		return duration
	}
	return value
}
