import type { Check, Control } from '../control.ts';
import { containersThat, plural, sorted, using } from '../wording.ts';

const check: Check = (pod) => {
  const bad = containersThat(pod, ({ ports = [] }) => ports.some(({ hostPort }) => hostPort));
  if (bad.length === 0) return undefined;
  const used = sorted(pod.containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))));
  return { reason: 'hostPort', detail: `${using('container', bad)} ${plural('hostPort', used.length)} ${used.join(', ')}` };
};

/** No ports of the node. */
export const hostPorts: Control = { id: 'hostPorts', level: 'baseline', versions: [{ since: 0, check }] };
