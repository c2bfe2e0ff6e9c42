package main

import (
	"encoding/json"
	"math/rand"
)

const thing = "thing/v1"

func cases() []Case {
	all := []Case{}
	for _, set := range sets {
		all = append(all, Case{"kind": "set", "set": set})
	}
	for i, a := range trees {
		for _, b := range trees[i:] {
			all = append(all, Case{"kind": "operations", "a": a, "b": b})
		}
	}
	for _, one := range values {
		all = append(all, Case{"kind": "value", "type": one[0], "value": parse(one[1])})
	}
	for _, pair := range pairs {
		all = append(all, Case{"kind": "compare", "type": thing, "before": parse(pair[0]), "after": parse(pair[1])})
		if isKeyed(parse(pair[1])) {
			all = append(all, Case{"kind": "merge", "type": thing, "left": parse(pair[0]), "right": parse(pair[1])})
		}
	}
	random := rand.New(rand.NewSource(36))
	for i := 0; i < 60; i++ {
		before, after := thingOf(random, true), thingOf(random, true)
		all = append(all, Case{"kind": "compare", "type": thing, "before": before, "after": after})
		right := thingOf(random, false)
		all = append(all, Case{"kind": "merge", "type": thing, "left": before, "right": right})
		all = append(all, Case{"kind": "remove", "type": thing, "value": before, "set": fieldsOf(random, before)})
	}
	for _, steps := range sequences {
		all = append(all, Case{"kind": "sequence", "steps": steps})
	}
	for i := 0; i < 120; i++ {
		all = append(all, Case{"kind": "sequence", "steps": stepsOf(random)})
	}
	return all
}

var sets = []string{
	`{}`, `null`, `{"f:a":{}}`, `{"f:a":{".":{}}}`, `{"f:a":{".":{},"f:b":{}}}`, `{".":{}}`, `{"f:b":{},"f:a":{}}`, `{"f:a":{"f:c":{}},"f:b":{}}`,
	`{"k:{\"name\":\"a\"}":{".":{},"f:name":{}}}`, `{"k:{\"protocol\":\"TCP\",\"port\":80}":{}}`, `{"k:{\"port\":80,\"protocol\":\"TCP\"}":{}}`,
	`{"k:{\"port\":8080}":{},"k:{\"port\":80}":{},"k:{\"port\":9}":{}}`, `{"v:\"b\"":{},"v:\"a\"":{},"v:2":{},"v:10":{},"v:true":{},"v:null":{},"v:1.5":{}}`,
	`{"i:10":{},"i:9":{},"i:0":{}}`, `{"i:x":{}}`, `{"x:new":{},"f:a":{}}`, `{"f":{}}`, `{"fa":{}}`, `{"f:":{}}`, `{"v:{":{}}`, `{"k:[]":{}}`,
	`{"i:1":{},"v:1":{},"k:{\"a\":1}":{},"f:z":{}}`, `{"f:a<b>&c":{}}`, `{"k:{\"name\":\"a<b>&c\"}":{}}`, `{"v:\"é\\n\\t\"":{}}`, `{"v:\"a\\\\b\\\"c\"":{}}`,
	`{"f:a.b/c":{"f:d e":{}}}`, `{"f:日本":{},"f:z":{},"f:é":{},"f:\ud83d\ude00":{},"f:\uffee":{}}`, `{"f:a":{"f:b":{"f:c":{".":{},"f:d":{}}}}}`, `{"f:a":[]}`, `[]`,
	`{"k:{\"a\":1,\"b\":\"x\"}":{},"k:{\"a\":1}":{},"k:{\"b\":\"x\"}":{},"k:{\"a\":2}":{},"k:{\"a\":\"1\"}":{}}`, `{"v:1":{},"v:1.0":{}}`, `{"v:1e3":{}}`,
	`{"k:{\"x\":true}":{},"k:{\"x\":false}":{},"k:{\"x\":null}":{}}`,
}

var trees = []string{
	`{}`, `{"f:a":{}}`, `{"f:b":{}}`, `{"f:a":{},"f:b":{}}`, `{"f:a":{"f:c":{}}}`, `{"f:a":{".":{},"f:c":{},"f:d":{}}}`, `{"f:a":{"f:c":{"f:e":{}},"f:d":{}},"f:b":{}}`,
	`{"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:name":{},"f:v":{}},"k:{\"name\":\"y\"}":{".":{},"f:name":{}}}}`,
	`{"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:name":{}},"k:{\"name\":\"z\"}":{}}}`, `{"f:l":{".":{},"v:1":{},"v:10":{},"v:\"a\"":{}}}`, `{"f:l":{"v:10":{},"v:9":{}}}`,
}

// Of a type, a value: what is wrong with it, and its fields.
var values = [][2]string{
	{thing, `{}`}, {thing, `null`}, {thing, `{"text":"a"}`}, {thing, `{"text":null}`}, {thing, `{"text":1}`}, {thing, `{"text":["a"]}`}, {thing, `{"text":{"a":"b"}}`},
	{thing, `{"number":1}`}, {thing, `{"number":"1"}`}, {thing, `{"number":1.5}`}, {thing, `{"number":true}`}, {thing, `{"flag":true}`}, {thing, `{"flag":"true"}`},
	{thing, `{"flag":1}`}, {thing, `{"either":1}`}, {thing, `{"either":"50%"}`}, {thing, `{"either":{}}`}, {thing, `{"either":[1]}`}, {thing, `{"unknown":1}`},
	{thing, `{"struct":{}}`}, {thing, `{"struct":null}`}, {thing, `{"struct":{"a":"x","inner":{}}}`}, {thing, `{"struct":{"a":"x","inner":{"c":"y"}}}`}, {thing, `{"struct":[]}`},
	{thing, `{"struct":"text"}`}, {thing, `{"struct":{"z":1}}`}, {thing, `{"atomicStruct":{"a":"x"}}`}, {thing, `{"atomicStruct":{"z":"x"}}`}, {thing, `{"atomicStruct":null}`},
	{thing, `{"map":{}}`}, {thing, `{"map":{"a":"1","b":"2"}}`}, {thing, `{"map":{"a":null}}`}, {thing, `{"map":{"a":1}}`}, {thing, `{"map":{"a":[1,"b",null,{"c":true}]}}`},
	{thing, `{"mapOfStructs":{"x":{"a":"1"},"y":{},"z":null}}`}, {thing, `{"atomicMap":{"a":"1"}}`}, {thing, `{"atomicMap":{}}`}, {thing, `{"list":[]}`}, {thing, `{"list":["a","a"]}`},
	{thing, `{"list":[1]}`}, {thing, `{"list":null}`}, {thing, `{"list":"a"}`}, {thing, `{"set":["a","b"]}`}, {thing, `{"set":["a","a","b","a"]}`}, {thing, `{"set":[]}`},
	{thing, `{"set":[null]}`}, {thing, `{"set":[{}]}`}, {thing, `{"set":[["a"]]}`}, {thing, `{"set":[1]}`}, {thing, `{"numbers":[3,1,2.5,10]}`}, {thing, `{"numbers":[1,1.0]}`},
	{thing, `{"items":[{"name":"b","value":"1"},{"name":"a"}]}`}, {thing, `{"items":[{"name":"a"},{"name":"a","value":"2"}]}`}, {thing, `{"items":[{"value":"1"}]}`},
	{thing, `{"items":[null]}`}, {thing, `{"items":["a"]}`}, {thing, `{"items":[{"name":null}]}`}, {thing, `{"items":[{"name":"a","z":1}]}`},
	{thing, `{"items":[{"name":"a","numbers":[2,1],"nested":[{"id":2},{"id":1,"value":"x"}]}]}`}, {thing, `{"items":[{"name":"a","nested":[{"id":1},{"id":1}]}]}`},
	{thing, `{"ports":[{"port":80}]}`}, {thing, `{"ports":[{"port":80},{"port":80,"protocol":"TCP"}]}`}, {thing, `{"ports":[{"port":80,"protocol":"UDP"},{"port":80,"name":"x"}]}`},
	{thing, `{"ports":[{"protocol":"UDP"}]}`}, {thing, `{"ports":[{}]}`}, {thing, `{"ports":[{"port":8080},{"port":80},{"port":443,"protocol":"SCTP"}]}`},
	{thing, `{"atomicItems":[{"name":"a","value":"1"}]}`}, {thing, `{"any":{"a":1,"b":[1,{"c":2}],"d":{"e":null,"f":{}}}}`}, {thing, `{"any":{}}`}, {thing, `{"any":"text"}`},
	{thing, `{"mixed":{"known":"a","other":{"x":1}}}`}, {thing, `{"mixed":{"known":1}}`}, {thing, `{"set":[1,"a","a",2]}`}, {thing, `{"float":1.5}`}, {thing, `[]`}, {thing, `"text"`},
	{"io.k8s.api.core.v1.ConfigMap", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"v","a.b":"c"},"binaryData":{"b":"AQ=="}}`},
	{"io.k8s.api.core.v1.ConfigMap", `{"datas":{"k":"v"}}`}, {"io.k8s.api.core.v1.ConfigMap", `{"data":{"k":1}}`}, {"io.k8s.api.core.v1.ConfigMap", `{"metadata":{"finalizers":["a/b","c/d"],"ownerReferences":[{"uid":"1","name":"x","kind":"K","apiVersion":"v1"}]}}`},
	{"io.k8s.api.core.v1.Pod", `{"spec":{"containers":[{"name":"b","image":"x","ports":[{"containerPort":80},{"containerPort":53,"protocol":"UDP"}],"env":[{"name":"A","value":"1"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],"resources":{"limits":{"cpu":"1","memory":2}},"command":["a"],"volumeMounts":[{"mountPath":"/a","name":"v"}]},{"image":"y"}],"tolerations":[{"key":"a"}],"nodeSelector":{"a":"b"},"hostAliases":[{"ip":"1.2.3.4","hostnames":["x"]}],"volumes":[{"name":"v","emptyDir":{}}],"topologySpreadConstraints":[{"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","maxSkew":1}],"imagePullSecrets":[{"name":"s"},{}]}}`},
	{"io.k8s.api.core.v1.Pod", `{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80},{"containerPort":80,"protocol":"TCP"}]}]}}`}, {"io.k8s.api.core.v1.Pod", `{"spec":{"containers":[{"name":"a"},{"name":"a"}]}}`},
	{"io.k8s.api.core.v1.Pod", `{"spec":{"containers":{"name":"a"}}}`}, {"io.k8s.api.core.v1.Pod", `{"spec":{"contaners":[]}}`}, {"io.k8s.api.core.v1.Pod", `{"status":{"podIPs":[{"ip":"10.0.0.1"}],"hostIPs":[{"ip":"10.0.0.2"}],"conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"a"}]}}`},
	{"io.k8s.api.core.v1.Service", `{"spec":{"ports":[{"port":80,"targetPort":"http"},{"port":53,"protocol":"UDP","targetPort":53}],"selector":{"a":"b"},"externalIPs":["1.2.3.4"],"type":"ClusterIP","clusterIPs":["None"]},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]},"conditions":[{"type":"x"}]}}`},
	{"io.k8s.api.core.v1.Service", `{"spec":{"ports":[{"protocol":"UDP"}]}}`}, {"io.k8s.api.apps.v1.Deployment", `{"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":1}},"template":{"metadata":{"labels":{"a":"b"},"creationTimestamp":null},"spec":{"containers":[{"name":"a","securityContext":{"capabilities":{"drop":["ALL"]}},"livenessProbe":{"httpGet":{"port":"http","httpHeaders":[{"name":"a","value":"b"}]}}}]}}}}`},
	{"io.k8s.api.apps.v1.Deployment", `{"spec":{"replicas":"3"}}`}, {"io.k8s.api.apps.v1.Deployment", `{"spec":{"template":{"spec":{"containers":[{"name":"a","image":1}]}}}}`},
	{"io.k8s.api.networking.v1.Ingress", `{"spec":{"rules":[{"host":"a"}],"tls":[{"hosts":["a"]}],"defaultBackend":{"service":{"name":"a","port":{"number":80}}}}}`},
	{"io.k8s.api.rbac.v1.Role", `{"rules":[{"verbs":["get"]}]}`}, {"io.k8s.api.rbac.v1.ClusterRole", `{"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]},"rules":null}`},
	{"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition", `{"spec":{"versions":[{"name":"v1","schema":{"openAPIV3Schema":{"type":"object","default":{"a":1},"properties":{"a":{"type":"string"}}}}}],"names":{"plural":"a","shortNames":["b"]}}}`},
}

// Values before and after.
var pairs = [][2]string{
	{`{}`, `{}`}, {`{}`, `{"text":"a"}`}, {`{"text":"a"}`, `{}`}, {`{"text":"a"}`, `{"text":"b"}`}, {`{"text":"a"}`, `{"text":null}`}, {`{"text":null}`, `{}`}, {`{}`, `{"text":null}`},
	{`{}`, `{"struct":{}}`}, {`{"struct":{}}`, `{}`}, {`{"struct":{}}`, `{"struct":null}`}, {`{"struct":null}`, `{"struct":{"a":"x"}}`}, {`{"struct":{"a":"x","b":1}}`, `{"struct":{"b":2}}`},
	{`{"struct":{"a":"x"}}`, `{"struct":{}}`}, {`{}`, `{"struct":{"a":"x","inner":{"c":"y"}}}`}, {`{"struct":{"inner":{"c":"y"}}}`, `{"struct":{"inner":{}}}`}, {`{"struct":{"inner":{"c":"y"}}}`, `{}`},
	{`{}`, `{"atomicStruct":{"a":"x"}}`}, {`{"atomicStruct":{"a":"x"}}`, `{"atomicStruct":{"a":"y"}}`}, {`{"atomicStruct":{"a":"x","b":1}}`, `{"atomicStruct":{"b":1}}`}, {`{"atomicStruct":{"a":"x"}}`, `{}`},
	{`{}`, `{"map":{"a":"1"}}`}, {`{"map":{"a":"1"}}`, `{"map":{"b":"1"}}`}, {`{"map":{"a":"1"}}`, `{"map":{}}`}, {`{"map":{}}`, `{"map":{"a":"1"}}`}, {`{"map":{"a":"1"}}`, `{"map":null}`}, {`{"map":{"a":null}}`, `{"map":{"a":"1"}}`},
	{`{"mapOfStructs":{"x":{"a":"1","b":2}}}`, `{"mapOfStructs":{"x":{"b":3},"y":{}}}`}, {`{"mapOfStructs":{"x":{"a":"1"}}}`, `{"mapOfStructs":{"y":{"a":"1"}}}`}, {`{"atomicMap":{"a":"1"}}`, `{"atomicMap":{"a":"1","b":"2"}}`},
	{`{"list":["a"]}`, `{"list":["a","b"]}`}, {`{"list":["a","b"]}`, `{"list":["b","a"]}`}, {`{"list":[]}`, `{"list":null}`}, {`{}`, `{"list":[]}`}, {`{"list":["a"]}`, `{}`},
	{`{"set":["a","b"]}`, `{"set":["b","c"]}`}, {`{"set":["a","b"]}`, `{"set":["b","a"]}`}, {`{"set":["a"]}`, `{"set":[]}`}, {`{}`, `{"set":["a"]}`}, {`{"set":["a"]}`, `{}`}, {`{"set":["a","a"]}`, `{"set":["a"]}`},
	{`{"set":["a"]}`, `{"set":["a","a"]}`}, {`{"set":["a","a"]}`, `{"set":["a","a"]}`}, {`{"set":["a","a"]}`, `{"set":["a","a","a"]}`}, {`{"set":["a","a"]}`, `{"set":[]}`}, {`{"set":["a","b","a"]}`, `{"set":["c"]}`},
	{`{"numbers":[1,2]}`, `{"numbers":[2,3]}`},
	{`{"items":[{"name":"a","value":"1"}]}`, `{"items":[{"name":"a","value":"2"}]}`}, {`{"items":[{"name":"a","value":"1"},{"name":"b"}]}`, `{"items":[{"name":"b"},{"name":"c"}]}`}, {`{}`, `{"items":[{"name":"a","value":"1"}]}`},
	{`{"items":[{"name":"a"}]}`, `{"items":[]}`}, {`{"items":[{"name":"a","value":"1"},{"name":"a","value":"2"}]}`, `{"items":[{"name":"a","value":"1"}]}`}, {`{"items":[{"name":"a","value":"1"}]}`, `{"items":[{"name":"a","value":"1"},{"name":"a"}]}`},
	{`{"items":[{"name":"a","value":"1"},{"name":"a","value":"2"}]}`, `{"items":[{"name":"a","value":"2"},{"name":"a","value":"1"}]}`}, {`{"items":[{"name":"a"},{"name":"a"}]}`, `{}`}, {`{"items":[{"name":"a"},{"name":"a"},{"name":"b"}]}`, `{"items":[{"name":"b","value":"x"}]}`},
	{`{"items":[{"name":"a","numbers":[1,2],"nested":[{"id":1,"value":"x"}]}]}`, `{"items":[{"name":"a","numbers":[2,3],"nested":[{"id":2},{"id":1,"value":"y"}]}]}`}, {`{"items":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]}`, `{"items":[{"name":"d"},{"name":"b"},{"name":"e"}]}`},
	{`{"items":[{"name":"a"},{"name":"b"}]}`, `{"items":[{"name":"b"},{"name":"a"}]}`}, {`{"items":[{"name":"1"},{"name":"2"},{"name":"3"}]}`, `{"items":[{"name":"0"},{"name":"2"},{"name":"9"}]}`},
	{`{"ports":[{"port":80}]}`, `{"ports":[{"port":80,"protocol":"TCP"}]}`}, {`{"ports":[{"port":80,"name":"a"}]}`, `{"ports":[{"port":80,"protocol":"UDP","name":"a"}]}`}, {`{"ports":[{"port":80,"protocol":"TCP","name":"a"}]}`, `{"ports":[{"port":80,"name":"b"}]}`},
	{`{"atomicItems":[{"name":"a","value":"1"}]}`, `{"atomicItems":[{"name":"a","value":"2"},{"name":"b"}]}`}, {`{"any":{"a":1,"b":{"c":2}}}`, `{"any":{"a":"x","b":{"c":3,"d":{}}}}`}, {`{"any":{"a":1}}`, `{"any":{"a":{"b":1}}}`},
	{`{"any":{"a":{"b":1}}}`, `{"any":{"a":[1]}}`}, {`{"any":{"a":[1]}}`, `{"any":{"a":null}}`}, {`{"any":{"a":null}}`, `{"any":{"a":1}}`}, {`{"any":{"a":[]}}`, `{"any":{"a":{}}}`}, {`{"mixed":{"known":"a","other":1}}`, `{"mixed":{"other":{"x":1}}}`},
	{`{"either":1}`, `{"either":"1"}`}, {`{"float":1}`, `{"float":1.0}`}, {`{"float":1}`, `{"float":1.5}`}, {`{"number":0}`, `{"number":null}`},
}

func apply(manager, object string) Step {
	return Step{Manager: manager, Version: "v1", Apply: true, Object: parse(object)}
}
func force(manager, object string) Step {
	return Step{Manager: manager, Version: "v1", Apply: true, Force: true, Object: parse(object)}
}
func update(manager, object string) Step {
	return Step{Manager: manager, Version: "v1", Object: parse(object)}
}
func in(version string, step Step) Step        { step.Version = version; return step }
func ignoring(step Step, names ...string) Step { step.Ignored = names; return step }

var sequences = [][]Step{
	{apply("a", `{"text":"x"}`), apply("a", `{"text":"x"}`)},
	{apply("a", `{"text":"x","number":1}`), apply("a", `{"text":"x"}`), apply("a", `{}`)},
	{apply("a", `{"text":"x"}`), apply("b", `{"text":"x"}`), apply("a", `{}`), apply("b", `{}`)},
	{apply("a", `{"text":"x"}`), apply("b", `{"text":"y"}`), force("b", `{"text":"y"}`), apply("a", `{}`)},
	{apply("a", `{"text":"x"}`), update("u", `{"text":"y"}`), apply("a", `{"text":"x"}`), force("a", `{"text":"x"}`)},
	{apply("a", `{"map":{"a":"1","b":"2"}}`), apply("b", `{"map":{"b":"2","c":"3"}}`), apply("a", `{"map":{"a":"1"}}`), apply("b", `{"map":{"c":"3"}}`), apply("b", `{}`)},
	{apply("a", `{"set":["a","b"]}`), apply("b", `{"set":["b","c"]}`), apply("a", `{"set":["a"]}`), apply("b", `{"set":[]}`), apply("a", `{}`)},
	{apply("a", `{"items":[{"name":"a","value":"1"},{"name":"b"}]}`), apply("b", `{"items":[{"name":"b","value":"2"}]}`), apply("a", `{"items":[{"name":"a"}]}`), apply("b", `{}`)},
	{apply("a", `{"items":[{"name":"a","value":"1"}]}`), update("u", `{"items":[{"name":"a","value":"1"},{"name":"x"}]}`), apply("a", `{"items":[]}`), apply("a", `{"items":[{"name":"x"}]}`), apply("a", `{}`)},
	{apply("a", `{"list":["a"]}`), apply("b", `{"list":["b"]}`), apply("b", `{"list":["a"]}`), apply("a", `{}`)},
	{apply("a", `{"atomicMap":{"a":"1"}}`), apply("b", `{"atomicMap":{"b":"1"}}`), force("b", `{"atomicMap":{"b":"1"}}`)},
	{update("u", `{"text":"x","map":{"a":"1"}}`), update("v", `{"text":"x","map":{"a":"2"}}`), update("u", `{"map":{}}`), update("u", `{}`)},
	{update("u", `{"struct":{"a":"x","b":1}}`), apply("a", `{"struct":{"a":"x"}}`), apply("a", `{"struct":{}}`), apply("a", `{}`)},
	{apply("a", `{"struct":{"inner":{"c":"x"}}}`), apply("a", `{"struct":{"a":"y"}}`), apply("a", `{}`)},
	{apply("a", `{"struct":null}`), apply("a", `{"struct":{}}`), apply("b", `{"struct":null}`), apply("a", `{"text":null}`)},
	{apply("a", `{"ports":[{"port":80,"name":"x"}]}`), update("u", `{"ports":[{"port":80,"protocol":"TCP","name":"x"}]}`), apply("b", `{"ports":[{"port":80,"protocol":"UDP","name":"x"}]}`), apply("a", `{"ports":[{"port":81}]}`)},
	{apply("a", `{"items":[{"name":"a"},{"name":"b"},{"name":"c"}]}`), apply("b", `{"items":[{"name":"c"},{"name":"d"},{"name":"a"}]}`), apply("a", `{"items":[{"name":"c"},{"name":"a"}]}`)},
	{update("u", `{"set":["a","a","b"]}`), apply("a", `{"set":["a"]}`), apply("a", `{}`)},
	{update("u", `{"items":[{"name":"a","value":"1"},{"name":"a","value":"2"}]}`), apply("a", `{"items":[{"name":"b"}]}`), force("a", `{"items":[{"name":"a","value":"3"}]}`), apply("a", `{}`)},
	{apply("a", `{"any":{"x":1,"y":{"z":[1]}}}`), apply("b", `{"any":{"y":{"w":2}}}`), apply("a", `{"any":{"y":{"z":[2]}}}`), apply("b", `{}`)},
	{apply("a", `{"mapOfStructs":{"x":{"a":"1"},"y":{}}}`), apply("b", `{"mapOfStructs":{"x":{"b":1}}}`), apply("a", `{}`), apply("b", `{}`)},
	{apply("a", `{"atomicItems":[{"name":"a","value":"1"}]}`), apply("b", `{"atomicItems":[{"name":"a","value":"2"}]}`), apply("b", `{"atomicItems":[{"name":"b"}]}`)},
	{apply("a", `{"text":"x","number":1}`), in("v2", apply("b", `{"string":"y"}`)), in("v2", force("b", `{"string":"y"}`)), in("v2", apply("b", `{"number":1}`)), apply("a", `{}`)},
	{apply("a", `{"text":"x"}`), in("v2", apply("a", `{"string":"x"}`)), in("v2", apply("a", `{}`))},
	{in("v2", update("u", `{"string":"x","map":{"a":"1"}}`)), apply("a", `{"text":"y"}`), update("u", `{"text":"z"}`), in("v2", update("u", `{"string":"w"}`))},
	{in("v2", apply("a", `{"string":"x","items":[{"name":"a"}]}`)), apply("a", `{"items":[{"name":"b"}]}`)},
	{ignoring(apply("a", `{"text":"x","struct":{"a":"1"}}`), "struct"), ignoring(update("u", `{"text":"y","struct":{"a":"2"}}`), "struct"), ignoring(apply("b", `{"struct":{"a":"3"}}`), "struct")},
	{apply("a", `{"struct":{"a":"1"}}`), ignoring(update("u", `{"struct":{"a":"2"},"text":"x"}`), "struct"), ignoring(apply("b", `{"struct":{"a":"3"},"text":"y"}`), "struct", "text")},
	{apply("a", `{"text":"x","number":1,"flag":true}`), apply("b", `{"text":"x","number":1}`), apply("c", `{"text":"z","number":2,"flag":false}`), force("c", `{"text":"z","number":2,"flag":false}`), apply("a", `{"flag":false}`)},
}

// A thing of chance; `duplicates`: keys may repeat.
func thingOf(random *rand.Rand, duplicates bool) map[string]any {
	object := map[string]any{}
	letter := func() string { return string(rune('a' + random.Intn(3))) }
	maybe := func(name string, make func() any) {
		switch random.Intn(9) {
		case 0, 1, 2:
			object[name] = make()
		case 3:
			if random.Intn(4) == 0 {
				object[name] = nil
			}
		}
	}
	list := func(make func(int) any) any {
		out := []any{}
		for i := 0; i < 3; i++ {
			if random.Intn(2) == 0 {
				out = append(out, make(i))
			}
		}
		random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	key := func(i int) int {
		if duplicates && random.Intn(3) == 0 {
			return random.Intn(3)
		}
		return i
	}
	name := func(i int) string { return string(rune('a' + key(i))) }
	maybe("text", func() any { return letter() })
	maybe("number", func() any { return int64(random.Intn(3)) })
	maybe("flag", func() any { return random.Intn(2) == 0 })
	maybe("either", func() any {
		if random.Intn(2) == 0 {
			return int64(1)
		}
		return letter()
	})
	structure := func() any {
		out := map[string]any{}
		if random.Intn(2) == 0 {
			out["a"] = letter()
		}
		if random.Intn(2) == 0 {
			out["b"] = int64(random.Intn(3))
		}
		return out
	}
	maybe("struct", func() any {
		out := structure().(map[string]any)
		if random.Intn(2) == 0 {
			inner := map[string]any{}
			if random.Intn(2) == 0 {
				inner["c"] = letter()
			}
			out["inner"] = inner
		}
		return out
	})
	maybe("atomicStruct", structure)
	texts := func() any {
		out := map[string]any{}
		for i := 0; i < 3; i++ {
			if random.Intn(2) == 0 {
				out[string(rune('a'+i))] = letter()
			}
		}
		return out
	}
	maybe("map", texts)
	maybe("atomicMap", texts)
	maybe("mapOfStructs", func() any { return map[string]any{letter(): structure(), letter(): structure()} })
	maybe("list", func() any { return list(func(int) any { return letter() }) })
	maybe("set", func() any { return list(func(i int) any { return name(i) }) })
	maybe("numbers", func() any { return list(func(i int) any { return int64(key(i)) }) })
	maybe("items", func() any {
		return list(func(i int) any {
			item := map[string]any{"name": name(i)}
			if random.Intn(2) == 0 {
				item["value"] = letter()
			}
			if random.Intn(3) == 0 {
				item["numbers"] = list(func(i int) any { return int64(key(i)) })
			}
			if random.Intn(3) == 0 {
				item["nested"] = list(func(i int) any { return map[string]any{"id": int64(key(i)), "value": letter()} })
			}
			return item
		})
	})
	maybe("ports", func() any {
		return list(func(i int) any {
			port := map[string]any{"port": int64(80 + key(i))}
			if random.Intn(3) == 0 {
				port["protocol"] = []string{"TCP", "UDP"}[random.Intn(2)]
			}
			if random.Intn(2) == 0 {
				port["name"] = letter()
			}
			return port
		})
	})
	maybe("atomicItems", func() any { return list(func(i int) any { return map[string]any{"name": name(i), "value": letter()} }) })
	maybe("any", func() any {
		return map[string]any{letter(): int64(random.Intn(2)), letter(): texts(), letter(): list(func(int) any { return letter() })}
	})
	return object
}

// Some of the fields of a value.
func fieldsOf(random *rand.Rand, of map[string]any) string {
	set, err := live(thing, of).ToFieldSet()
	must(err)
	other, err := live(thing, thingOf(random, true)).ToFieldSet()
	must(err)
	some := setOf(`{}`)
	for path := range set.All() {
		if random.Intn(3) == 0 {
			some.Insert(path.Copy())
		}
	}
	if random.Intn(3) == 0 {
		some = some.Union(other)
	}
	return text(some)
}

func stepsOf(random *rand.Rand) []Step {
	steps := []Step{}
	for i := 0; i < 6; i++ {
		step := Step{Manager: string(rune('a' + random.Intn(3))), Version: "v1", Apply: random.Intn(4) > 0, Force: random.Intn(2) == 0}
		if !step.Apply {
			step.Manager = string(rune('u' + random.Intn(2)))
			step.Force = false
		}
		object := thingOf(random, !step.Apply)
		if random.Intn(4) == 0 {
			step.Version = "v2"
			if text, has := object["text"]; has {
				delete(object, "text")
				object["string"] = text
			}
		}
		step.Object = object
		steps = append(steps, step)
	}
	return steps
}

func isKeyed(given any) bool {
	_, err := typeOf(thing).FromUnstructured(given)
	return err == nil
}

func parse(text string) any {
	var out any
	must(json.Unmarshal([]byte(text), &out))
	return integers(out)
}

// Whole numbers as Kubernetes' decoder has them.
func integers(given any) any {
	switch v := given.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = integers(v[k])
		}
	}
	return given
}
