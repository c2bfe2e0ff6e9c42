import { z } from 'zod';
import { API_VERSION } from '../../../core/apis/logplane/own-resource.ts';
import { withoutOwnApi } from '../../client/resources.ts';
import { type UndoRecord, undoneLines } from '../../undo.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { cluster, dryRun, force, moment, namespaceOrAll, tool } from '../tool.ts';

const names = z.array(z.string().min(1).max(253)).min(1).max(1_000).optional();

export const restore = tool({
  name: 'restore',
  title: 'Bring objects to what they were',
  description:
    'Brings chosen objects to what they were at a moment: what is gone is created again, what was changed is changed back, what was not there is removed. Chosen by resources, names and labels, all of them together, or everything. Try it with dry_run first; undo takes back exact changes instead.',
  input: z.strictObject({
    at: moment,
    resources: names.describe('Of these kinds: ["deployments", "configmaps"].'),
    names: names.describe('Of these names.'),
    labels: z.record(z.string(), z.string()).optional().describe('With these labels, then or now: {"app": "web"}.'),
    everything: z.boolean().default(false).describe('All objects, where nothing else chooses some.'),
    namespace: namespaceOrAll,
    cluster,
    dry_run: dryRun,
    force: force('Take what belongs to other field managers and owners too.'),
  }),
  output: z.looseObject({ cluster: z.string(), dryRun: z.boolean(), record: z.string(), objects: z.array(z.unknown()) }),
  effect: 'changes',
  isIdempotent: false,
  async run({ at, resources, names, labels, everything, namespace, cluster, dry_run: dryRun, force }, reach) {
    const client = await reach.writable({ cluster }, { dryRun });
    const kind = namespace === undefined ? 'ClusterRestore' : 'Restore';
    const spec = {
      at,
      ...(resources && { resources }),
      ...(names && { names }),
      ...(labels && { selector: { matchLabels: labels } }),
      ...(everything && { everything }),
      ...(force && { force }),
    };
    const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, ...(dryRun && { dryRun: 'All' }) });
    const body = { apiVersion: API_VERSION, kind, metadata: { generateName: 'restore-' }, spec };
    const record = await client.send<UndoRecord>('POST', `/apis/${API_VERSION}${within}/${kind.toLowerCase()}s?${query}`, body).catch(async (error) => {
      throw await withoutOwnApi(error, client);
    });
    return {
      text: undoneLines(record, { dryRun, columns: undefined }).join('\n'),
      structured: { cluster: client.shownAs, dryRun, record: `${kind.toLowerCase()}.logplane.dev/${record.metadata.name}`, ...record.status },
    };
  },
});
