// Prints core/admission/pod-security/testdata/recorded.jsonl: what Go's k8s.io/pod-security-admission says of pods at each level, and from which version on. One line a pod.
// Run it by hand, with Go, in this folder:
//
//	go run . > ../../core/admission/pod-security/testdata/recorded.jsonl
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// The newest version in which a control changed is v1.35: one behind it shows that later ones are as that.
const versions = 37

type recorded struct {
	Pod json.RawMessage `json:"pod"`
	// What is forbidden from which minor version on.
	Baseline   []since `json:"baseline"`
	Restricted []since `json:"restricted"`
}

type since struct {
	Since   int    `json:"since"`
	Details string `json:"details"`
}

func main() {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	must(err)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, pod := range pods(rand.New(rand.NewSource(1))) {
		text, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": pod.Annotations}, "spec": pod.Spec})
		must(err)
		text = []byte(strings.NewReplacer(`"metadata":{"annotations":null},`, "", `,"resources":{}`, "").Replace(string(text)))
		must(out.Encode(recorded{Pod: text, Baseline: said(evaluator, pod, api.LevelBaseline), Restricted: said(evaluator, pod, api.LevelRestricted)}))
	}
}

func said(evaluator policy.Evaluator, pod *corev1.Pod, level api.Level) []since {
	var all []since
	for minor := 0; minor < versions; minor++ {
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}, &pod.ObjectMeta, &pod.Spec))
		now := since{Since: minor, Details: result.ForbiddenDetail()}
		if len(all) == 0 || all[len(all)-1].Details != now.Details {
			all = append(all, now)
		}
	}
	return all
}

// Each part alone, on a pod that is allowed everywhere and on one that says nothing, then some together.
func pods(random *rand.Rand) []*corev1.Pod {
	var all []*corev1.Pod
	for _, start := range []string{bare, strict} {
		all = append(all, podOf(start))
		for _, part := range podParts {
			all = append(all, podOf(start, part))
		}
		for _, part := range containerParts {
			all = append(all, podOf(start, fmt.Sprintf(`{"spec":{"containers":[%s]}}`, named("app", part))))
			all = append(all, podOf(start, fmt.Sprintf(`{"spec":{"initContainers":[%s],"ephemeralContainers":[%s]}}`, named("init", part), named("debug", part))))
		}
	}
	for i := 0; i < 60; i++ {
		start := []string{bare, strict}[random.Intn(2)]
		var parts []string
		for n := random.Intn(4); n > 0; n-- {
			parts = append(parts, podParts[random.Intn(len(podParts))])
		}
		pod := podOf(append([]string{start}, parts...)...)
		for _, name := range []string{"a", "b", "c"}[:1+random.Intn(3)] {
			container := corev1.Container{Name: name}
			for n := random.Intn(5); n > 0; n-- {
				must(json.Unmarshal([]byte(containerParts[random.Intn(len(containerParts))]), &container))
			}
			if random.Intn(4) == 0 {
				pod.Spec.InitContainers = append(pod.Spec.InitContainers, container)
			} else {
				pod.Spec.Containers = append(pod.Spec.Containers, container)
			}
		}
		all = append(all, pod)
	}
	return all
}

func named(name, part string) string {
	container := corev1.Container{Name: name}
	must(json.Unmarshal([]byte(part), &container))
	text, err := json.Marshal(container)
	must(err)
	return string(text)
}

func podOf(parts ...string) *corev1.Pod {
	pod := &corev1.Pod{}
	for _, part := range parts {
		must(json.Unmarshal([]byte(part), pod))
	}
	return pod
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
