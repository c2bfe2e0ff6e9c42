// Records what Kubernetes answers to expressions: the type, the value or the error, what it cost and what it was estimated to cost, by the environment of
// k8s.io/apiserver. Each file CASES/SUBJECT.cel becomes RECORDED/SUBJECT.jsonl. Run it by hand, with Go, in this folder:
//
//	go run -tags timetzdata . ../../test/cel/cases ../../test/cel/recorded
//
// A file of cases has one expression a line. A line that starts with "//! " sets, in JSON, the environment of the expressions below it (environment.go);
// one that starts with "//" is a comment. In an expression, ␤ and ␉ stand for the end of a line and a tab.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Go's maps are iterated in a random order: an expression that shows it has no one answer, and so many evaluations show that.
const evaluations = 16

// Whether a case had more than one answer.
var failed bool

type recording struct {
	Expression string `json:"expression"`
	// What the compiler says, whole.
	CompileError string `json:"compileError,omitempty"`
	// What fails when the program is made of it: constants are folded then.
	ProgramError string `json:"programError,omitempty"`
	Type         string `json:"type,omitempty"`
	Value        any    `json:"value,omitempty"`
	Error        string `json:"error,omitempty"`
	// Text, as are all integers here: JSON readers round what is above 2^53.
	Cost     string   `json:"cost,omitempty"`
	Estimate []string `json:"estimate,omitempty"`
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: cel-goldens CASES RECORDED")
	}
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.cel"))
	must(err)
	for _, file := range files {
		subject := strings.TrimSuffix(filepath.Base(file), ".cel")
		must(os.WriteFile(filepath.Join(os.Args[2], subject+".jsonl"), recordFile(file), 0o644))
	}
	if failed {
		os.Exit(1)
	}
}

func recordFile(file string) []byte {
	cases, err := os.ReadFile(file)
	must(err)
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	env := newEnvironment(settings{})
	seen := map[string]bool{}
	scanner := bufio.NewScanner(bytes.NewReader(cases))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		switch {
		case strings.HasPrefix(line, "//! "):
			var set settings
			must(unmarshalStrict([]byte(line[4:]), &set))
			env = newEnvironment(set)
			seen = map[string]bool{}
			must(lines.Encode(map[string]json.RawMessage{"environment": json.RawMessage(line[4:])}))
		case strings.HasPrefix(line, "//") || strings.TrimSpace(line) == "":
		default:
			if seen[line] {
				fmt.Fprintf(os.Stderr, "%s: twice: %s\n", file, line)
				failed = true
			}
			seen[line] = true
			must(lines.Encode(record(file, env, line)))
		}
	}
	must(scanner.Err())
	return out.Bytes()
}

func record(file string, env environment, expression string) recording {
	// A case may hold what a line cannot.
	expression = strings.NewReplacer("␤", "\n", "␉", "\t").Replace(expression)
	first := recordOnce(env, expression)
	want, err := json.Marshal(first)
	must(err)
	for i := 1; i < evaluations; i++ {
		got, err := json.Marshal(recordOnce(env, expression))
		must(err)
		if !bytes.Equal(got, want) {
			fmt.Fprintf(os.Stderr, "%s: %s: not the same each time:\n%s\n%s\n", file, expression, want, got)
			failed = true
			break
		}
	}
	return first
}

func recordOnce(env environment, expression string) recording {
	result := recording{Expression: expression}
	ast, issues := env.cel.Compile(expression)
	if issues != nil && issues.Err() != nil {
		result.CompileError = issues.String()
		return result
	}
	result.Type = ast.OutputType().String()
	estimate, err := env.cel.EstimateCost(ast, env.estimator)
	must(err)
	result.Estimate = []string{strconv.FormatUint(estimate.Min, 10), strconv.FormatUint(estimate.Max, 10)}
	program, err := env.cel.Program(ast, env.program...)
	if err != nil {
		return recording{Expression: expression, ProgramError: err.Error()}
	}
	value, details, err := program.ContextEval(context.Background(), env.activation)
	if err != nil {
		result.Error = err.Error()
	} else {
		result.Value = tagged(value)
	}
	if cost := details.ActualCost(); cost != nil {
		result.Cost = strconv.FormatUint(*cost, 10)
	}
	return result
}

func unmarshalStrict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
