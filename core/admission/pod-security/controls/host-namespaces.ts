import type { Check, Control } from '../control.ts';

const check: Check = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]);
  return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

/** The network, the processes and the IPC of the node are not shared. */
export const hostNamespaces: Control = { id: 'hostNamespaces', level: 'baseline', versions: [{ since: 0, check }] };
