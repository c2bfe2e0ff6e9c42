import type { Check, CheckedPod, Control } from '../control.ts';
import { listed, plural, sorted, using } from '../wording.ts';

const check: Check = ({ containers }) => {
  const bad = containers.filter((container) => hostsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const hosts = sorted(bad.flatMap(hostsOf));
  return {
    reason: 'probe or lifecycle host',
    detail: `${using('container', sorted(bad.map(({ name }) => name)))} ${plural('probe or lifecycle host', hosts.length)} ${listed(hosts)}`,
  };
};

/** Where the probes and the lifecycle hooks of a container go, if not to its pod. */
function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: CheckedPod['containers'][number]): string[] {
  const actions = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return actions.flatMap((action) => [action?.httpGet?.host, action?.tcpSocket?.host].filter((host) => host !== undefined && host !== '')) as string[];
}

/** The kubelet, which is in the network of the node, connects to nothing but the pod. */
export const hostProbesAndHostLifecycle: Control = { id: 'hostProbesAndHostLifecycle', level: 'baseline', versions: [{ since: 34, check }] };
