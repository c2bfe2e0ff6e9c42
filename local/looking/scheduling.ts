import type { Pod } from '../../core/schema/generated/kinds.ts';
import type { ApiClient } from '../client/api-client.ts';

/** What the scheduler says of a pod and each node. */
export interface SchedulingAnswer {
  readonly nodes: readonly { readonly node: string; readonly feasible: boolean; readonly reasons: string }[];
}

/** Asks where a pod could run (docs/decisions/0030-preemption-and-explanations.md). Throws what the cluster refuses. */
export async function placesFor({ metadata }: Pod, client: ApiClient): Promise<SchedulingAnswer> {
  const path = `/api/v1/namespaces/${encodeURIComponent(metadata.namespace!)}/pods/${encodeURIComponent(metadata.name)}/scheduling?dryRun=All`;
  const { rows } = await client.send<{ rows: readonly { readonly cells: readonly unknown[] }[] }>('POST', path);
  return { nodes: rows.map(({ cells: [node, feasible, reasons] }) => ({ node: String(node), feasible: feasible === true, reasons: String(reasons ?? '') })) };
}
