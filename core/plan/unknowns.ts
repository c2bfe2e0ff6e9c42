import { isServed } from '../apis/core/node-agent.ts';
import type { Unknown } from '../apis/logplane/plan-status.ts';
import { parseImage } from '../nodes/image.ts';
import { knownImage } from '../nodes/runtimes/known-images.ts';
import { imageOf } from '../nodes/runtimes/registry.ts';
import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

interface Seen {
  readonly start: State;
  readonly end: State;
  /** The webhooks that were not asked. */
  readonly unasked: readonly string[];
}

/** What a real cluster knows, and this plan has assumed: only where it has made a difference. */
export function unknownsOf({ start, end, unasked }: Seen): Unknown[] {
  const pods = end.list('pods').filter(({ metadata }) => start.get('pods', metadata.namespace, metadata.name)?.metadata.uid !== metadata.uid);
  const images = [...new Set(pods.flatMap(imagesOf))].filter((image) => !isKnown(image)).sort();
  const elsewhere = end.list('nodes').filter((node) => !isServed(node) && !node.metadata.deletionTimestamp);
  const foreign = elsewhere.filter(({ metadata }) => pods.some(({ spec }) => spec!.nodeName === metadata.name)).map(({ metadata }) => metadata.name);
  const autoscaled = end.list('horizontalpodautoscalers.autoscaling');
  return [
    ...of('Images', images, (all) => `what is in ${all} is not known: their containers are taken to start, and to become ready`),
    ...of('Webhooks', unasked, (all) => `these webhooks were not asked, and are taken to admit everything: ${all}`),
    ...of('Kubelets', foreign, (all) => `the kubelets of ${all} are no part of this cluster: what pods there come to is not known`),
    ...(pods.length > 0 || autoscaled.length > 0
      ? [{ about: 'Usage' as const, message: 'what containers use is assumed from their requests, unless objects say otherwise (docs/load.md)' }]
      : []),
    {
      about: 'NodeAutoscaling',
      message: 'no autoscaler of nodes works in this cluster: none are added for pods that wait, and none that are idle are removed',
    },
  ];
}

function of(about: Unknown['about'], names: readonly string[], message: (all: string) => string): Unknown[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return [{ about, message: message(names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown) }];
}

const MOST_NAMED = 20;

const imagesOf = ({ spec }: Pod): string[] => [...(spec!.initContainers ?? []), ...spec!.containers].flatMap(({ image }) => image ?? []);

function isKnown(image: string): boolean {
  const reference = parseImage(image);
  // One that cannot be pulled is known to be none.
  return reference === undefined || knownImage(reference) !== undefined || imageOf(reference, () => false).type !== 'available';
}
