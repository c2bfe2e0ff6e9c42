package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

var asker = &user.DefaultInfo{Name: "alice", Groups: []string{"developers"}}

// stubAuthorizer allows get and list, has no opinion of watch, fails at fail, and denies all else; its reason says all that it was asked.
type stubAuthorizer struct{}

func (stubAuthorizer) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	asked := []string{a.GetUser().GetName(), a.GetVerb()}
	if a.IsResourceRequest() {
		asked = append(asked, fmt.Sprintf("%s/%s/%s/%s in %s named %s", a.GetAPIGroup(), a.GetAPIVersion(), a.GetResource(), a.GetSubresource(), a.GetNamespace(), a.GetName()))
	} else {
		asked = append(asked, a.GetPath())
	}
	fields, err := a.GetFieldSelector()
	for _, r := range fields {
		asked = append(asked, fmt.Sprintf("field %s%s%s", r.Field, r.Operator, r.Value))
	}
	if err != nil {
		asked = append(asked, "field selector: "+err.Error())
	}
	labels, err := a.GetLabelSelector()
	for _, r := range labels {
		asked = append(asked, "label "+r.String())
	}
	if err != nil {
		asked = append(asked, "label selector: "+err.Error())
	}
	reason := strings.Join(asked, ", ")
	switch a.GetVerb() {
	case "get", "list":
		return authorizer.DecisionAllow, reason, nil
	case "watch":
		return authorizer.DecisionNoOpinion, reason, nil
	case "fail":
		return authorizer.DecisionNoOpinion, reason, errors.New("the authorizer is out of order")
	}
	return authorizer.DecisionDeny, reason, nil
}

// requestResource is what authorizer.requestResource is of.
type requestResource struct{}

func (requestResource) GetName() string { return "web" }

func (requestResource) GetNamespace() string { return "shop" }

func (requestResource) GetResource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
}

func (requestResource) GetSubresource() string { return "scale" }
