import { z } from 'zod';
import { laidOut } from '../../columns.ts';
import { differenceRows, differencesBetween } from '../differences.ts';
import { CLUSTER, namespaceOrAll, tool } from '../tool.ts';

const point = z.string().regex(CLUSTER, 'NAME or NAME@AT is needed, such as default@120');

export const diff = tool({
  name: 'diff',
  title: 'What differs between two points',
  description:
    'Compares two moments of a cluster, or two clusters (a fork and what it was forked of): which objects were created, changed (field by field) and deleted. Events, Leases, endpoints and the records of logplane.dev are left out, unless their kinds are named.',
  input: z.strictObject({
    from: point.describe('NAME@AT: default@120, default@2026-11-27T10:00:00Z, default@before-the-exam.'),
    to: point.describe('NAME or NAME@AT: default, try.'),
    namespace: namespaceOrAll,
    kinds: z.array(z.string().min(1).max(253)).max(50).optional().describe('Only objects of these kinds: ["deployments", "configmaps"].'),
    status: z.boolean().default(false).describe('Compare statuses too.'),
    limit: z.int().min(1).max(500).default(100).describe('How many objects are told of.'),
  }),
  output: z.looseObject({
    from: z.string(),
    to: z.string(),
    created: z.int(),
    changed: z.int(),
    deleted: z.int(),
    objects: z.array(z.unknown()),
    notCompared: z.array(z.string()).optional(),
  }),
  effect: 'none',
  isIdempotent: true,
  async run({ from, to, limit, ...what }, reach) {
    const [before, after] = await Promise.all([reach.client({ cluster: from }), reach.client({ cluster: to })]);
    const found = await differencesBetween({ before, after }, what, reach);
    const count = (change: string) => found.objects.filter((object) => object.change === change).length;
    const counts = { created: count('created'), changed: count('changed'), deleted: count('deleted') };
    const shown = found.objects.slice(0, limit);
    const left = found.objects.length - shown.length;
    const lines = [
      `From ${found.from} to ${found.to}: ${counts.created} created, ${counts.changed} changed, ${counts.deleted} deleted.`,
      ...laidOut(differenceRows(shown), { columns: undefined }),
      ...(left > 0 ? [`${left} more objects differ: name kinds or a namespace, or a higher limit.`] : []),
      ...found.notCompared.map((text) => `Not compared: ${text}`),
    ];
    return {
      text: lines.join('\n'),
      structured: {
        from: found.from,
        to: found.to,
        ...counts,
        objects: shown,
        ...(left > 0 && { more: left }),
        ...(found.notCompared.length > 0 && { notCompared: found.notCompared }),
      },
    };
  },
});
