import { z } from 'zod';
import { why as whyOf } from '../../looking/why.ts';
import { whyTable } from '../../looking/why-table.ts';
import { cluster, namespace, object, tool } from '../tool.ts';

export const why = tool({
  name: 'why',
  title: 'Why an object is as it is',
  description:
    'What of an object (pod, deployment, node, …) is not well and why: conditions, containers, warnings, why a pod has no node (node by node), and the chain of causes from the object down to the request that began it. Also of what is gone.',
  input: z.strictObject({ object, namespace, cluster }),
  output: z.looseObject({
    cluster: z.string(),
    object: z.looseObject({ name: z.string() }),
    state: z.looseObject({ ready: z.number(), wanted: z.number() }).optional(),
    scheduling: z.unknown().optional(),
    created: z.array(z.unknown()).optional(),
    lastChange: z.array(z.unknown()).optional(),
  }),
  effect: 'none',
  isIdempotent: true,
  async run({ object, ...place }, reach) {
    const client = await reach.client(place);
    const { state, ...found } = await whyOf(await reach.named(object, client), client);
    const { pending: _, ...told } = state ?? {};
    const text = whyTable({ ...found, ...(state && { state }) }, { columns: undefined, colours: false }).join('\n');
    return { text, structured: { cluster: client.shownAs, ...found, ...(state && { state: told }) } };
  },
});
