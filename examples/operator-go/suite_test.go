package operator

import (
	"context"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// Begins with USE_EXISTING_CLUSTER=true and KUBECONFIG (see test.sh): envtest then takes the cluster that is there. Unlike the API server of envtest alone, it has controllers, a
// scheduler and nodes, so that Deployments become ready and owned objects go.
func startEnvironment(t *testing.T) client.Client {
	t.Helper()
	environment := &envtest.Environment{}
	config, err := environment.Start()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	manager, err := ctrl.NewManager(config, ctrl.Options{Scheme: scheme.Scheme, Metrics: server.Options{BindAddress: "0"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := (&Reconciler{Client: manager.GetClient()}).SetupWithManager(manager); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- manager.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := environment.Stop(); err != nil {
			t.Error(err)
		}
	})
	direct, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	return direct
}

func TestReport(t *testing.T) {
	ctx := t.Context()
	cluster := startEnvironment(t)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "report-"}}
	if err := cluster.Create(ctx, namespace); err != nil {
		t.Fatal(err)
	}
	replicas := int32(2)
	labels := map[string]string{"app": "web"}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace.Name, Name: "web", Annotations: map[string]string{Annotation: ""}},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:1.29"}}},
			},
		},
	}
	if err := cluster.Create(ctx, deployment); err != nil {
		t.Fatal(err)
	}
	key := client.ObjectKey{Namespace: namespace.Name, Name: "web-report"}
	var report corev1.ConfigMap
	eventually(t, "the report tells of two replicas", func() bool {
		return cluster.Get(ctx, key, &report) == nil && report.Data["ready"] == "2"
	})
	if err := cluster.Delete(ctx, deployment); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the report goes with its Deployment", func() bool {
		return apierrors.IsNotFound(cluster.Get(ctx, key, &report))
	})
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("not true after 30 s: %s", what)
}
