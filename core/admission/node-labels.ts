/** Labels that a kubelet may put on its own Node besides those of its namespaces (k8s.io/kubelet/pkg/apis, well_known_labels.go). */
const KUBELET: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);

const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

type Labels = Readonly<Record<string, string>>;

/** The labels that differ and that a node may not set, change or take away, in their order: by them it would draw pods to itself (noderestriction, getForbiddenLabels). */
export function forbiddenLabels(labels: Labels = {}, before: Labels = {}): string[] {
  if (labels === before) return [];
  const keys = new Set([...Object.keys(labels), ...Object.keys(before)]);
  return [...keys].filter((key) => labelOf(labels, key) !== labelOf(before, key) && isForbidden(key)).sort();
}

const labelOf = (labels: Labels, key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/');
  const namespace = slash < 0 ? '' : key.slice(0, slash);
  if (isWithin(namespace, 'node-restriction.kubernetes.io')) return true;
  const isKubernetes = isWithin(namespace, 'kubernetes.io') || isWithin(namespace, 'k8s.io');
  return isKubernetes && !KUBELET.has(key) && !KUBELET_NAMESPACES.some((allowed) => isWithin(namespace, allowed));
}

const isWithin = (namespace: string, domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`);
