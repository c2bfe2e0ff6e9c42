import { z } from 'zod';
import { clusterRows, listClusters } from '../../clusters.ts';
import { laidOut } from '../../columns.ts';
import { tool } from '../tool.ts';

export const forks = tool({
  name: 'forks',
  title: 'Clusters and forks',
  description: 'The clusters of the host: of what each is a fork, when it goes by itself, and which of them this server made (own), in which it may write.',
  input: z.strictObject({ limit: z.int().min(1).max(1_000).default(100) }),
  output: z.looseObject({ clusters: z.array(z.looseObject({ name: z.string(), own: z.boolean() })), more: z.int().optional() }),
  effect: 'none',
  isIdempotent: true,
  async run({ limit }, reach) {
    const all = await listClusters(await reach.client());
    const shown = all.slice(0, limit);
    const clusters = await Promise.all(
      shown.map(async ({ metadata: { name }, spec, status }) => {
        const { phase = 'Ready', expiresAt, fork, offset, objects } = (status ?? {}) as NonNullable<typeof status> & { offset?: number; objects?: number };
        const forkOf = spec.forkOf && { name: spec.forkOf.name, ...(fork ? { at: fork.offset } : spec.forkOf.at !== undefined && { at: spec.forkOf.at }) };
        return {
          name,
          phase,
          own: await reach.isOwn(name),
          ...(forkOf && { forkOf }),
          ...(expiresAt && { expiresAt }),
          ...(offset !== undefined && { offset }),
          ...(objects !== undefined && { objects }),
        };
      }),
    );
    const more = all.length - shown.length;
    const rows = clusterRows(shown).map((row, i) => [...row, i === 0 ? 'OWN' : clusters[i - 1]!.own ? 'yes' : '']);
    const lines = [...laidOut(rows, { columns: undefined }), ...(more > 0 ? [`${more} more: a limit of ${all.length} shows them.`] : [])];
    return { text: lines.join('\n'), structured: { clusters, ...(more > 0 && { more }) } };
  },
});
