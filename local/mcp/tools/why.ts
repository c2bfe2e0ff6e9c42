import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { KubeObject } from '../../../core/kube/object.ts';
import { measureReadiness } from '../../../core/plan/readiness.ts';
import type { ApiClient } from '../../client/api-client.ts';
import { groupResourceOf, type NamedObject } from '../../client/resources.ts';
import { objectIfThere } from '../../looking/changes.ts';
import { why as whyOf } from '../../looking/why.ts';
import { whyTable } from '../../looking/why-table.ts';
import { cluster, namespace, object, tool } from '../tool.ts';

/** Clients give up on a call after a minute (the SDK's default). */
const MOST_SECONDS = 50;

export const why = tool({
  name: 'why',
  title: 'Why an object is as it is',
  description:
    'What of an object (pod, deployment, node, …) is not well and why: conditions, containers, warnings, why a pod has no node (node by node), and the chain of causes from the object down to the request that began it. Also of what is gone.',
  input: z.strictObject({
    object,
    namespace,
    cluster,
    wait: z
      .int()
      .min(0)
      .max(MOST_SECONDS)
      .default(0)
      .describe('How many seconds it is waited for until the object is ready, such as after apply. Not at all, unless told.'),
  }),
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
  async run({ object, wait, ...place }, reach) {
    const client = await reach.client(place);
    const named = await reach.named(object, client);
    await untilReady(named, wait * 1000, client);
    const { state, ...found } = await whyOf(named, client);
    const { pending: _, ...told } = state ?? {};
    const text = whyTable({ ...found, ...(state && { state }) }, { columns: undefined, colours: false }).join('\n');
    return { text, structured: { cluster: client.shownAs, ...found, ...(state && { state: told }) } };
  },
});

/** Waits until an object has come to what it is meant to be, or for so long. */
async function untilReady(named: NamedObject, ms: number, client: ApiClient): Promise<void> {
  const groupResource = groupResourceOf(named.resource);
  for (let waited = 0; waited < ms; waited += PAUSE_MS) {
    const object = await objectIfThere(named.path, client);
    if (!object) return;
    const { ready, wanted, failure } = measureReadiness(groupResource, object);
    if (failure || (ready >= wanted && isObserved(object))) return;
    await sleep(PAUSE_MS);
  }
}

const PAUSE_MS = 250;

/** A controller has not looked at what was applied a moment ago. */
function isObserved({ metadata, status }: KubeObject & { readonly status?: { readonly observedGeneration?: number } }): boolean {
  return status?.observedGeneration === undefined || status.observedGeneration >= (metadata.generation ?? 0);
}
