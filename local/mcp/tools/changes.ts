import { z } from 'zod';
import type { ChangeObject } from '../../../core/apis/logplane/change.ts';
import { API_VERSION } from '../../../core/apis/logplane/own-resource.ts';
import { groupResourceOf, withoutOwnApi } from '../../client/resources.ts';
import { laidOut } from '../../columns.ts';
import { changeRows, shownChange } from '../changes.ts';
import { cluster, moment, namespaceOrAll, tool } from '../tool.ts';

const text = z.string().min(1).max(253);

export const changes = tool({
  name: 'changes',
  title: 'What changed',
  description:
    'What happened in a cluster, the newest first: each change of each object, who made it, and the change that it answers to (cause). change tells more of one.',
  input: z.strictObject({
    namespace: namespaceOrAll,
    cluster,
    kind: text.optional().describe('Only of this kind: deployments.apps, pods.'),
    name: text.optional().describe('Only of objects of this name; also of one that is gone.'),
    actor: text.optional().describe('Only of this user: alice, system:serviceaccount:kube-system:deployment-controller.'),
    type: z.enum(['ADDED', 'MODIFIED', 'DELETED']).optional(),
    cause: z.int().positive().optional().describe('Only what answers to the change at this offset.'),
    from: moment.optional().describe('Since then: an offset, a time or a bookmark.'),
    to: moment.optional().describe('Until then.'),
    order: z.enum(['newest', 'oldest']).default('newest'),
    labels: z.string().max(2_000).optional().describe('A label selector of the objects: app=web.'),
    limit: z.int().min(1).max(500).default(50),
    continue: z.string().max(10_000).optional().describe('Goes on where the answer before ended: its continue.'),
  }),
  output: z.looseObject({ cluster: z.string(), changes: z.array(z.unknown()), continue: z.string().optional() }),
  effect: 'none',
  isIdempotent: true,
  async run({ cluster, namespace, kind, labels, limit, continue: token, ...selected }, reach) {
    const client = await reach.client({ cluster });
    const resource = kind === undefined ? undefined : groupResourceOf(await reach.resource(kind, client));
    const fields = Object.entries({ resource, ...selected }).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams({
      limit: String(limit),
      fieldSelector: fields.map(([name, value]) => `${name}=${escaped(String(value))}`).join(','),
      ...(labels !== undefined && { labelSelector: labels }),
      ...(token !== undefined && { continue: token }),
    });
    const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
    const { items, metadata } = await client
      .get<{ items: readonly ChangeObject[]; metadata: { continue?: string } }>(`/apis/${API_VERSION}${within}/changes?${query}`)
      .catch(async (error) => {
        throw await withoutOwnApi(error, client);
      });
    const lines = items.length === 0 ? ['No changes found.'] : laidOut(changeRows(items), { columns: undefined });
    // A page that has looked through a great many changes may be empty, and the next goes on.
    if (metadata.continue) lines.push(`There are more: call again with continue: ${metadata.continue}, or select fewer.`);
    return {
      text: lines.join('\n'),
      structured: { cluster: client.shownAs, changes: items.map(shownChange), ...(metadata.continue && { continue: metadata.continue }) },
    };
  },
});

/** As field selectors escape (k8s.io/apimachinery/pkg/fields, EscapeValue). */
const escaped = (value: string): string => value.replace(/[\\,=]/g, (char) => `\\${char}`);
