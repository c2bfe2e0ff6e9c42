// Records what kube-apiserver's client and checks of admission webhooks make of answers: one line of JSON for each, for core/admission/webhook.
//
//	go run . > ../../core/admission/webhook/testdata/answers.jsonl
package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionv1beta1 "k8s.io/api/admission/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/request"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
)

type answer struct {
	Version    string `json:"version"`
	Body       string `json:"body"`
	Failed     string `json:"failed,omitempty"`
	Mutating   any    `json:"mutating,omitempty"`
	Validating any    `json:"validating,omitempty"`
}

const uid = "705ab4f5-6393-11e8-b7cc-42010a800002"

func main() {
	cm, err := webhookutil.NewClientManager(
		[]schema.GroupVersion{admissionv1beta1.SchemeGroupVersion, admissionv1.SchemeGroupVersion}, admissionv1beta1.AddToScheme, admissionv1.AddToScheme)
	must(err)
	resolver, err := webhookutil.NewDefaultAuthenticationInfoResolver("")
	must(err)
	cm.SetAuthenticationInfoResolver(resolver)
	cm.SetServiceResolver(webhookutil.NewDefaultServiceResolver())
	var body string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(strings.ReplaceAll(body, "UID", uid)))
	}))
	defer server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	client, err := cm.HookClient(webhookutil.ClientConfig{Name: "n", URL: server.URL, CABundle: ca})
	must(err)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for i, bodies := range [][]string{v1, v1beta1} {
		version := []string{"v1", "v1beta1"}[i]
		for _, body = range bodies {
			var sent, response runtime.Object = &admissionv1.AdmissionReview{}, &admissionv1.AdmissionReview{}
			if version == "v1beta1" {
				sent, response = &admissionv1beta1.AdmissionReview{}, &admissionv1beta1.AdmissionReview{}
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			err := client.Post().Body(sent).Do(ctx).Into(response)
			cancel()
			one := answer{Version: version, Body: body}
			if err != nil {
				// The name that the scheme has in a kube-apiserver as it is built.
				one.Failed = strings.ReplaceAll(err.Error(), "pkg/runtime/scheme.go:111", "pkg/util/webhook/client.go:71")
			} else {
				one.Mutating, one.Validating = verified(true, response), verified(false, response)
			}
			must(out.Encode(one))
		}
	}
}

func verified(mutating bool, response runtime.Object) any {
	r, err := request.VerifyAdmissionResponse(uid, mutating, response)
	if err != nil {
		return err.Error()
	}
	return map[string]any{
		"allowed": r.Allowed, "patch": string(r.Patch), "patchType": r.PatchType, "status": r.Result, "warnings": r.Warnings, "auditAnnotations": r.AuditAnnotations,
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

const head = `"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"`
const beta = `"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"`

var v1 = []string{
	`{` + head + `,"response":{"uid":"UID","allowed":true}}`,
	"null",
	"{}",
	`{"kind":"AdmissionReview"}`,
	`{"apiVersion":"admission.k8s.io/v1"}`,
	`{"apiVersion":"admission.k8s.io/v1","kind":"Foo"}`,
	`{"apiVersion":"v1","kind":"AdmissionReview"}`,
	`{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","response":{"uid":"UID","allowed":true}}`,
	`{"apiVersion":"admission.k8s.io/v2","kind":"AdmissionReview","response":{"uid":"UID","allowed":true}}`,
	`{"apiVersion":"a/b/c","kind":"AdmissionReview","response":{"uid":"UID","allowed":true}}`,
	`{"apiVersion":1,"kind":"AdmissionReview"}`,
	`{"response":{"uid":"UID","allowed":true}}`,
	`{` + head + `}`,
	`{` + head + `,"response":null}`,
	`{` + head + `,"response":{}}`,
	`{` + head + `,"response":[]}`,
	`{` + head + `,"response":{"uid":"V","allowed":true}}`,
	`{` + head + `,"response":{"uid":1,"allowed":true}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":"yes"}}`,
	`{` + head + `,"response":{"uid":"UID","Allowed":true}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":"e30="}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patchType":"JSONPatch"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":"e30=","patchType":""}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":"not base64!","patchType":"JSONPatch"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":[],"patchType":"JSONPatch"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":{},"patchType":"JSONPatch"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"warnings":"x"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"warnings":[1]}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"auditAnnotations":{"a":1}}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":false,"status":"x"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":false,"status":{"code":"x"}}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":false,"status":{"code":4.5}}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":false,"status":{"code":99999999999}}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":false,"status":{"message":"no","code":418,"reason":"Teapot","details":{"name":"x","causes":[{"field":"a"}]},"metadata":{"continue":"x"}}}}`,
	`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not today","code":500}`,
	`{"kind":"Status","apiVersion":"v1","status":"Failure"}`,
	`{"kind":"Status","apiVersion":"v1","status":"Success","message":"not today","code":200}`,
	`{"kind":"Status","apiVersion":"v2","status":"Failure","message":"not today","code":500}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"allowed":false}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"unknown":1}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":"W10=","patchType":"JSONPatch"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":"W10=","patchType":"Other"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"warnings":["a",null],"auditAnnotations":{"k":"v"}}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true,"patch":null,"patchType":null,"status":null}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":null}}`,
}

var v1beta1 = []string{
	`{` + beta + `,"response":{"uid":"UID","allowed":true}}`,
	`{` + beta + `,"response":{"uid":"V","allowed":true}}`,
	`{` + beta + `,"response":{"allowed":true,"patch":"W10="}}`,
	`{` + beta + `,"response":{"allowed":true,"patch":"W10=","patchType":"Other"}}`,
	`{` + head + `,"response":{"uid":"UID","allowed":true}}`,
	`{"response":{"allowed":true}}`,
	`{"response":{"allowed":false,"status":{"code":403,"message":"no"}}}`,
	`{` + beta + `}`,
	`{` + beta + `,"response":{"allowed":1}}`,
}
