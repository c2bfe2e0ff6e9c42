import { z } from 'zod';
import { planned } from '../../plan.ts';
import { planTable } from '../../plan-table.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { manifestsOf } from '../given-manifests.ts';
import { cluster, force, manifests, namespace, tool } from '../tool.ts';

const change = z.strictObject({
  type: z
    .enum(['Remove', 'Cordon', 'Drain', 'Fail', 'Usage'])
    .describe('Remove, Cordon, Drain or Fail (lose the machines of) nodes; Usage: what the ready pods of a workload use from then on.'),
  nodes: z.array(z.string().min(1)).max(1_000).optional().describe('Which nodes; not of Usage.'),
  zone: z.string().min(1).max(253).optional().describe('All nodes of this zone, instead of nodes.'),
  after: z.string().max(50).optional().describe('How long after the beginning: 10m. At once, unless told.'),
  target: z
    .strictObject({ apiVersion: z.string(), kind: z.string(), namespace: z.string().optional(), name: z.string() })
    .optional()
    .describe('Of Usage: the workload.'),
  usage: z.record(z.string(), z.string()).optional().describe('Of Usage: {"cpu": "2"}.'),
});

export const plan = tool({
  name: 'plan',
  title: 'What would happen if',
  description:
    'What would come of manifests, or of something else that comes to pass (a drain, a zone that fails): the cluster goes on from its state in virtual time, with its scheduler, controllers and nodes, and nothing is written. Tells what is applied, created, evicted, stays without a node, does not become ready and why, and whether all would be well (result). Bring back a plan with every change that you propose.',
  input: z.strictObject({
    manifests: manifests.optional(),
    changes: z.array(change).max(100).optional().describe('What else comes to pass.'),
    until: z.string().max(50).default('ready').describe('How far to look: ready, or a duration such as 10m or 24h.'),
    namespace,
    cluster,
    force: force('Take over fields of other managers.'),
  }),
  output: z.looseObject({ cluster: z.string(), result: z.enum(['Succeeds', 'Fails', 'Unfinished']), message: z.string() }),
  effect: 'none',
  isIdempotent: true,
  async run({ manifests, changes = [], until, force, ...place }, reach) {
    if (manifests === undefined && changes.length === 0) throw new Error('a plan needs manifests, or changes such as [{"type": "Drain", "nodes": ["node-1"]}]');
    const client = await reach.client(place);
    const objects = manifests === undefined ? [] : manifestsOf(manifests).map(({ object }) => ({ ...object }));
    const { namespace } = client;
    const spec = {
      manifests: objects,
      changes: changes as NonNullable<Parameters<typeof planned>[0]['changes']>,
      until,
      ...(force && { force }),
      ...(namespace !== undefined && { namespace }),
    };
    const status = await planned(spec, FIELD_MANAGER, client);
    return { text: planTable(status, COLUMNS), structured: { cluster: client.shownAs, ...status } };
  },
});

const COLUMNS = 200;
