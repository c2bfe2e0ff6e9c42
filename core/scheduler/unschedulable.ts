import type { Diagnosis } from './framework.ts';

/**
 * Why a pod has no node, as Events and the condition PodScheduled say it (framework.FitError): how many nodes there are, and what keeps the pod from all of them, or
 * each reason with the number of nodes that gave it, in the order of the text; then what was tried to make room.
 */
export function unschedulableMessage({ count, impossible, reasons }: Diagnosis, tried: readonly string[] = []): string {
  const why = impossible === undefined ? unavailable(count, reasons) : `${available(count)} ${impossible}.`;
  return tried.length > 0 ? `${why} ${tried.join(', ')}` : why;
}

/** How many nodes gave each reason. */
export function unavailable(count: number, reasons: ReadonlyMap<string, number>): string {
  const texts = [...reasons].map(([reason, nodes]) => `${nodes} ${reason}`).sort((a, b) => (a < b ? -1 : 1));
  return texts.length > 0 ? `${available(count)} ${texts.join(', ')}.` : available(count);
}

const available = (count: number) => `0/${count} nodes are available:`;
