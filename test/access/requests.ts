/**
 * What is asked, what authorization takes it for, and whom it lets in: `+` or `-` for each of `identities.ts` (M administrator, C cluster-admin, W view everywhere, A admin,
 * E edit, V view and S view as a service account in the namespace a, P particular rules, N no roles, X no token). The default roles of Kubernetes 1.36 say so.
 *
 *     METHOD path                      | verb resource[/subresource][.group] [namespace] [=name] | MCWAEVSPNX
 */
export const requests = `
GET /api/v1/namespaces/a/pods                                    | list pods a                                  | ++++ +++--- 
GET /api/v1/namespaces/b/pods                                    | list pods b                                  | +++- ------
GET /api/v1/pods                                                 | list pods                                    | +++- ------
GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dweb  | list pods a =web                             | ++++ ++++--
GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3D%3Dweb,status.phase%21%3DFailed | list pods a =web  | ++++ ++++--
GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dother | list pods a =other                          | ++++ +++---
GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%21%3Dweb | list pods a                                | ++++ +++---
GET /api/v1/pods?fieldSelector=metadata.name%3Dweb               | list pods =web                               | +++- ------
GET /api/v1/namespaces/a/pods?watch=1&timeoutSeconds=1           | watch pods a                                 | ++++ +++---
GET /api/v1/namespaces/a/pods?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dweb | watch pods a =web    | ++++ ++++--
GET /api/v1/watch/namespaces/a/pods?timeoutSeconds=1             | watch pods a                                 | ++++ +++---
GET /api/v1/namespaces/a/pods/web                                | get pods a =web                              | ++++ ++++--
HEAD /api/v1/namespaces/a/pods/web                               | get pods a =web                              | ++++ ++++--
GET /api/v1/namespaces/a/pods/other                              | get pods a =other                            | ++++ +++---
POST /api/v1/namespaces/a/pods                                   | create pods a                                | ++-+ +-----
PUT /api/v1/namespaces/a/pods/web                                | update pods a =web                           | ++-+ +-----
PATCH /api/v1/namespaces/a/pods/web                              | patch pods a =web                            | ++-+ +--+--
DELETE /api/v1/namespaces/a/pods/web                             | delete pods a =web                           | ++-+ +-----
DELETE /api/v1/namespaces/a/pods                                 | deletecollection pods a                      | ++-+ +-----
DELETE /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dweb | deletecollection pods a                    | ++-+ +-----
DELETE /api/v1/namespaces/b/pods                                 | deletecollection pods b                      | ++-- ------
GET /api/v1/namespaces/a/pods/web/log                            | get pods/log a =web                          | ++++ ++++--
POST /api/v1/namespaces/a/pods/web/exec?command=sh               | create pods/exec a =web                      | ++-+ +--+--
GET /api/v1/namespaces/a/pods/web/exec?command=sh                | get pods/exec a =web                         | ++-+ +-----
POST /api/v1/namespaces/a/pods/web/attach                        | create pods/attach a =web                    | ++-+ +-----
POST /api/v1/namespaces/a/pods/web/portforward                   | create pods/portforward a =web               | ++-+ +-----
GET /api/v1/namespaces/a/pods/web/proxy/x                        | get pods/proxy a =web                        | ++-+ +-----
POST /api/v1/namespaces/a/pods/web/eviction                      | create pods/eviction a =web                  | ++-+ +-----
POST /api/v1/namespaces/a/pods/web/binding                       | create pods/binding a =web                   | ++-- ------
POST /api/v1/namespaces/a/bindings                               | create bindings a                            | ++-- ------
GET /api/v1/namespaces/a/pods/web/status                         | get pods/status a =web                       | ++++ +++---
PATCH /api/v1/namespaces/a/pods/web/status                       | patch pods/status a =web                     | ++-- ------
PATCH /api/v1/namespaces/a/pods/web/ephemeralcontainers          | patch pods/ephemeralcontainers a =web        | ++-- ------
PATCH /api/v1/namespaces/a/pods/web/resize                       | patch pods/resize a =web                     | ++-- ------
GET /api/v1/namespaces/a/configmaps                              | list configmaps a                            | ++++ +++---
POST /api/v1/namespaces/a/configmaps                             | create configmaps a                          | ++-+ +--+--
GET /api/v1/namespaces/a/secrets                                 | list secrets a                               | ++-+ +-----
GET /api/v1/namespaces/a/secrets/s                               | get secrets a =s                             | ++-+ +-----
GET /api/v1/namespaces/a/secrets?watch=1&timeoutSeconds=1        | watch secrets a                              | ++-+ +-----
GET /api/v1/secrets                                              | list secrets                                 | ++-- ------
POST /api/v1/namespaces/a/secrets                                | create secrets a                             | ++-+ +-----
GET /api/v1/namespaces/a/serviceaccounts                         | list serviceaccounts a                       | ++++ +++---
POST /api/v1/namespaces/a/serviceaccounts/app/token              | create serviceaccounts/token a =app          | ++-+ +-----
POST /api/v1/namespaces/b/serviceaccounts/app/token              | create serviceaccounts/token b =app          | ++-- ------
GET /api/v1/namespaces/a/services                                | list services a                              | ++++ +++---
GET /api/v1/namespaces/a/services/web/status                     | get services/status a =web                   | ++++ +++---
GET /api/v1/namespaces/a/services/web/proxy                      | get services/proxy a =web                    | ++-+ +-----
PATCH /api/v1/namespaces/a/services/web                          | patch services a =web                        | ++-+ +--+--
GET /api/v1/namespaces/a/endpoints                               | list endpoints a                             | ++++ +++---
POST /api/v1/namespaces/a/endpoints                              | create endpoints a                           | ++-- ---+--
GET /apis/discovery.k8s.io/v1/namespaces/a/endpointslices        | list endpointslices.discovery.k8s.io a       | ++++ +++---
GET /api/v1/namespaces/a/events                                  | list events a                                | ++++ +++---
GET /apis/events.k8s.io/v1/namespaces/a/events                   | list events.events.k8s.io a                  | ++++ +++---
POST /api/v1/namespaces/a/events                                 | create events a                              | ++-+ +-----
GET /api/v1/namespaces/a/persistentvolumeclaims                  | list persistentvolumeclaims a                | ++++ +++---
GET /api/v1/namespaces/a/resourcequotas                          | list resourcequotas a                        | ++++ +++---
POST /api/v1/namespaces/a/resourcequotas                         | create resourcequotas a                      | ++-- ------
DELETE /api/v1/namespaces/a/resourcequotas                       | deletecollection resourcequotas a            | ++-- ------
GET /api/v1/namespaces/a/limitranges                             | list limitranges a                           | ++++ +++---
POST /api/v1/namespaces/a/limitranges                            | create limitranges a                         | ++-- ------
GET /api/v1/namespaces/a/podtemplates                            | list podtemplates a                          | ++-- ------
GET /apis/apps/v1/namespaces/a/deployments                       | list deployments.apps a                      | ++++ +++---
POST /apis/apps/v1/namespaces/a/deployments                      | create deployments.apps a                    | ++-+ +-----
PATCH /apis/apps/v1/namespaces/a/deployments/d                   | patch deployments.apps a =d                  | ++-+ +-----
GET /apis/apps/v1/namespaces/a/deployments/d/scale               | get deployments/scale.apps a =d              | ++++ ++++--
PUT /apis/apps/v1/namespaces/a/deployments/d/scale               | update deployments/scale.apps a =d           | ++-+ +--+--
GET /apis/apps/v1/namespaces/a/deployments/d/status              | get deployments/status.apps a =d             | ++++ ++++--
GET /apis/apps/v1/namespaces/a/statefulsets/s/scale              | get statefulsets/scale.apps a =s             | ++++ +++---
GET /apis/apps/v1/namespaces/a/controllerrevisions               | list controllerrevisions.apps a              | ++++ +++---
DELETE /apis/apps/v1/namespaces/a/controllerrevisions/c          | delete controllerrevisions.apps a =c         | ++-- ------
GET /apis/batch/v1/namespaces/a/jobs                             | list jobs.batch a                            | ++++ +++---
POST /apis/batch/v1/namespaces/a/cronjobs                        | create cronjobs.batch a                      | ++-+ +-----
GET /apis/autoscaling/v2/namespaces/a/horizontalpodautoscalers   | list horizontalpodautoscalers.autoscaling a  | ++++ +++---
POST /apis/policy/v1/namespaces/a/poddisruptionbudgets           | create poddisruptionbudgets.policy a         | ++-+ +-----
GET /apis/networking.k8s.io/v1/namespaces/a/ingresses            | list ingresses.networking.k8s.io a           | ++++ +++---
POST /apis/networking.k8s.io/v1/namespaces/a/networkpolicies     | create networkpolicies.networking.k8s.io a   | ++-+ +-----
GET /apis/coordination.k8s.io/v1/namespaces/a/leases             | list leases.coordination.k8s.io a            | ++-+ +-----
GET /apis/resource.k8s.io/v1/namespaces/a/resourceclaims         | list resourceclaims.resource.k8s.io a        | ++++ +++---
GET /apis/rbac.authorization.k8s.io/v1/namespaces/a/roles        | list roles.rbac.authorization.k8s.io a       | ++-+ ------
POST /apis/rbac.authorization.k8s.io/v1/namespaces/a/rolebindings | create rolebindings.rbac.authorization.k8s.io a | ++-+ ------
GET /apis/rbac.authorization.k8s.io/v1/clusterroles              | list clusterroles.rbac.authorization.k8s.io  | ++-- ------
GET /apis/rbac.authorization.k8s.io/v1/clusterroles/view         | get clusterroles.rbac.authorization.k8s.io =view | ++-- ------
GET /api/v1/namespaces                                           | list namespaces                              | +++- ------
POST /api/v1/namespaces                                          | create namespaces                            | ++-- ------
GET /api/v1/namespaces/a                                         | get namespaces a =a                          | ++++ +++---
GET /api/v1/namespaces/b                                         | get namespaces b =b                          | +++- ------
GET /api/v1/namespaces/a/status                                  | get namespaces/status a =a                   | ++++ +++---
PUT /api/v1/namespaces/a/finalize                                | update namespaces/finalize a =a              | ++-- ------
DELETE /api/v1/namespaces/a                                      | delete namespaces a =a                       | ++-- ------
GET /api/v1/nodes                                                | list nodes                                   | ++-- ------
GET /api/v1/nodes/n/proxy/metrics                                | get nodes/proxy =n                           | ++-- ------
GET /api/v1/persistentvolumes                                    | list persistentvolumes                       | ++-- ------
GET /apis/storage.k8s.io/v1/storageclasses                       | list storageclasses.storage.k8s.io           | ++-- ------
GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions      | list customresourcedefinitions.apiextensions.k8s.io | ++-- ------
GET /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations | list validatingwebhookconfigurations.admissionregistration.k8s.io | ++-- ------
POST /apis/certificates.k8s.io/v1/certificatesigningrequests     | create certificatesigningrequests.certificates.k8s.io | ++-- ------
PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/c/approval | update certificatesigningrequests/approval.certificates.k8s.io =c | ++-- ------
GET /apis/example.com/v1/namespaces/a/gizmos                     | list gizmos.example.com a                    | ++-- ---+--
GET /apis/example.com/v1/gizmos                                  | list gizmos.example.com                      | ++-- ------
POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews      | create selfsubjectaccessreviews.authorization.k8s.io | ++++ +++++-
POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews       | create selfsubjectrulesreviews.authorization.k8s.io | ++++ +++++-
POST /apis/authentication.k8s.io/v1/selfsubjectreviews           | create selfsubjectreviews.authentication.k8s.io | ++++ +++++-
POST /apis/authorization.k8s.io/v1/subjectaccessreviews          | create subjectaccessreviews.authorization.k8s.io | ++-- ------
POST /apis/authorization.k8s.io/v1/namespaces/a/localsubjectaccessreviews | create localsubjectaccessreviews.authorization.k8s.io a | ++-+ ------
POST /apis/authentication.k8s.io/v1/tokenreviews                 | create tokenreviews.authentication.k8s.io    | ++-- ------
GET /version                                                     | get                                          | ++++ ++++++
GET /healthz                                                     | get                                          | ++++ ++++++
GET /livez                                                       | get                                          | ++++ ++++++
GET /readyz                                                      | get                                          | ++++ ++++++
GET /livez/ping                                                  | get                                          | ++-- ---+--
GET /readyz/ping                                                 | get                                          | ++-- ------
GET /api                                                         | get                                          | ++++ +++++-
GET /api/v1                                                      | get                                          | ++++ +++++-
GET /apis                                                        | get                                          | ++++ +++++-
GET /apis/apps/v1                                                | get                                          | ++++ +++++-
GET /openapi/v3                                                  | get                                          | ++++ +++++-
POST /apis                                                       | post                                         | ++-- ------
GET /                                                            | get                                          | ++-- ------
GET /metrics                                                     | get                                          | ++-- ---+--
GET /logs/kubelet.log                                            | get                                          | ++-- ---+--
GET /logs                                                        | get                                          | ++-- ------
GET /.well-known/openid-configuration                            | get                                          | ++-- --+---
GET /openid/v1/jwks                                              | get                                          | ++-- --+---
GET /debug/pprof                                                 | get                                          | ++-- ------
`;
