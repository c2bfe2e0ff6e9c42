import { FAULTS, faultsOf } from '../../apis/core/faults.ts';
import { tooManyRequests } from '../../kube/status.ts';
import type { ClusterCall } from '../call.ts';

/** Answers late, or not at all, where the cluster is told to (apis/core/faults.ts). What it is told can always be read and changed. Throws 429. */
export function faults({ state, info, api }: ClusterCall): Promise<undefined> | undefined {
  const { apiLatencyMs, apiRefusals } = faultsOf(state);
  if ((apiLatencyMs === 0 && apiRefusals === 0) || info.type === 'path') return undefined;
  if (info.resource === 'configmaps' && info.namespace === FAULTS.namespace && (info.name ?? FAULTS.name) === FAULTS.name) return undefined;
  return late(api.env, apiLatencyMs, apiRefusals);
}

async function late({ clock, random }: ClusterCall['api']['env'], latencyMs: number, refusals: number): Promise<undefined> {
  if (latencyMs > 0) await clock.sleep(latencyMs);
  if (random.next() < refusals) throw tooManyRequests('Too many requests, please try again later.', 1);
  return undefined;
}
