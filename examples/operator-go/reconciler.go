// Package operator keeps a ConfigMap beside each Deployment that asks for one.
package operator

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// Annotation of Deployments of which a ConfigMap tells how many replicas are ready.
const Annotation = "example.com/report"

// Reconciler writes NAME-report for each annotated Deployment NAME.
type Reconciler struct {
	client.Client
}

// SetupWithManager lets a manager run it.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).For(&appsv1.Deployment{}).Owns(&corev1.ConfigMap{}).Complete(r)
}

// Reconcile looks at one Deployment.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var deployment appsv1.Deployment
	if err := r.Get(ctx, req.NamespacedName, &deployment); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if _, asked := deployment.Annotations[Annotation]; !asked || deployment.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	report := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: req.Namespace, Name: req.Name + "-report"}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, report, func() error {
		report.Data = map[string]string{"ready": fmt.Sprint(deployment.Status.ReadyReplicas)}
		return controllerutil.SetControllerReference(&deployment, report, r.Scheme())
	})
	return ctrl.Result{}, err
}
