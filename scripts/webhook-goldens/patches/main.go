// Records what evanphx/json-patch makes of patches: it is given the lines of core/schema/patching/testdata/json-patch.jsonl, a document and patches of it, and writes them anew.
//
//	go run ./patches < ../../core/schema/patching/testdata/json-patch.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"os"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
)

type line struct {
	Document json.RawMessage `json:"document,omitempty"`
	Patch    json.RawMessage `json:"patch,omitempty"`
	Is       json.RawMessage `json:"is,omitempty"`
	Error    string          `json:"error,omitempty"`
}

func main() {
	// As kube-apiserver sets it (JSONPatchMaxCopyBytes).
	jsonpatch.AccumulatedCopySizeLimit = 3 * 1024 * 1024
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	in.Buffer(nil, 1024*1024)
	out.SetEscapeHTML(false)
	var document json.RawMessage
	for in.Scan() {
		var one line
		must(json.Unmarshal(in.Bytes(), &one))
		if one.Document != nil {
			document = one.Document
		} else {
			one.Is, one.Error = applied(document, one.Patch)
		}
		must(out.Encode(one))
	}
	must(in.Err())
}

func applied(document, patch json.RawMessage) (json.RawMessage, string) {
	operations, err := jsonpatch.DecodePatch(patch)
	if err != nil {
		return nil, err.Error()
	}
	is, err := operations.Apply(document)
	if err != nil {
		return nil, err.Error()
	}
	return is, ""
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
