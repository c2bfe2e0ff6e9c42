import { z } from 'zod';
import { applyAtomically } from '../../apply-atomically.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { manifestsOf } from '../given-manifests.ts';
import { cluster, dryRun, force, manifests, namespace, tool } from '../tool.ts';

export const apply = tool({
  name: 'apply',
  title: 'Apply manifests',
  description: `Applies manifests server-side, as the field manager ${FIELD_MANAGER}: all of them, or none if one is refused. Plan them first. What comes of them: why of each workload. To take it back: undo with request: the request of the answer.`,
  input: z.strictObject({ manifests, namespace, cluster, dry_run: dryRun, force: force('Take over fields that belong to other managers.') }),
  output: z.looseObject({ cluster: z.string(), dryRun: z.boolean(), request: z.int().optional(), objects: z.array(z.unknown()) }),
  effect: 'changes',
  isIdempotent: true,
  async run({ manifests, dry_run: dryRun, force, ...place }, reach) {
    const client = await reach.writable(place, { dryRun });
    const { names, transaction } = await applyAtomically(manifestsOf(manifests), { fieldManager: FIELD_MANAGER, force, dryRun }, client);
    const { steps = [], request } = transaction.status ?? {};
    const objects = names.map((name, i) => {
      const { namespace, resourceVersion } = steps[i] ?? {};
      return { name, ...(namespace && { namespace }), ...(resourceVersion && { resourceVersion }) };
    });
    const lines = objects.map(({ name, namespace }) => `${name}${namespace ? ` -n ${namespace}` : ''} serverside-applied${dryRun ? ' (server dry run)' : ''}`);
    if (request !== undefined && !dryRun) lines.push(`All of it is the request ${request}: undo with request: ${request} takes it back.`);
    return { text: lines.join('\n'), structured: { cluster: client.shownAs, dryRun, ...(request !== undefined && { request }), objects } };
  },
});
