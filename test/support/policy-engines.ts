import type { KubeObject } from '../../core/kube/object.ts';
import type { MutatingWebhookConfiguration, Service, ValidatingWebhookConfiguration } from '../../core/schema/generated/kinds.ts';

/** What Gatekeeper and Kyverno install of webhooks: their names, rules, selectors, time limits and failure policies. Who answers them are pods. */

const ignoring = { matchExpressions: [{ key: 'admission.gatekeeper.sh/ignore', operator: 'DoesNotExist' }] };
const gatekeeperAt = (path: string) => ({ clientConfig: { service: { name: 'gatekeeper-webhook-service', namespace: 'gatekeeper-system', path } } });
const subresources = ['pods/ephemeralcontainers', 'pods/exec', 'pods/eviction', 'pods/binding', 'deployments/scale', 'services/status'];
const anything = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*', ...subresources] }];
const v1 = { admissionReviewVersions: ['v1', 'v1beta1'], sideEffects: 'None', matchPolicy: 'Exact', namespaceSelector: ignoring };

const gatekeeperValidating: ValidatingWebhookConfiguration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'gatekeeper-validating-webhook-configuration', labels: { 'gatekeeper.sh/system': 'yes' } },
  webhooks: [
    { ...v1, ...gatekeeperAt('/v1/admit'), name: 'validation.gatekeeper.sh', failurePolicy: 'Ignore', timeoutSeconds: 3, rules: anything },
    {
      ...v1,
      ...gatekeeperAt('/v1/admitlabel'),
      name: 'check-ignore-label.gatekeeper.sh',
      failurePolicy: 'Fail',
      timeoutSeconds: 3,
      rules: [{ apiGroups: [''], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['namespaces'] }],
    },
  ],
};

const gatekeeperMutating: MutatingWebhookConfiguration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'gatekeeper-mutating-webhook-configuration', labels: { 'gatekeeper.sh/system': 'yes' } },
  webhooks: [
    {
      ...v1,
      ...gatekeeperAt('/v1/mutate'),
      name: 'mutation.gatekeeper.sh',
      failurePolicy: 'Ignore',
      reinvocationPolicy: 'Never',
      timeoutSeconds: 1,
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] }],
    },
  ],
};

const kyverno: ValidatingWebhookConfiguration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'kyverno-resource-validating-webhook-cfg', labels: { 'webhook.kyverno.io/managed-by': 'kyverno' } },
  webhooks: [
    {
      name: 'validate.kyverno.svc-fail',
      admissionReviewVersions: ['v1'],
      clientConfig: { service: { name: 'kyverno-svc', namespace: 'kyverno', path: '/validate/fail', port: 443 } },
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kyverno'] }] },
      objectSelector: {},
      rules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
          resources: ['pods', 'pods/ephemeralcontainers'],
          scope: 'Namespaced',
        },
      ],
      sideEffects: 'NoneOnDryRun',
      timeoutSeconds: 10,
    },
  ],
};

const kyvernoService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kyverno-svc', namespace: 'kyverno' },
  spec: { selector: { 'app.kubernetes.io/component': 'admission-controller' }, ports: [{ name: 'https', port: 443, targetPort: 'https' }] },
};

export const policyEngines = { configurations: [gatekeeperValidating, gatekeeperMutating, kyverno] as KubeObject[], services: [kyvernoService] };
