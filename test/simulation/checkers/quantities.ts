import type { Node, Pod } from '../../../core/schema/generated/kinds.ts';

/** Amounts in the forms that the simulation uses, reckoned without the core: thousandths of a CPU, bytes of memory. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
}

export const nothing: Amounts = { cpu: 0, memory: 0, pods: 0 };

export function requestsOf(pod: Pod): Amounts {
  const requests = pod.spec!.containers.map((container) => container.resources?.requests ?? {});
  const sum = (name: string, of: (text: string) => number) => requests.reduce((total, request) => total + (request[name] ? of(request[name]) : 0), 0);
  return { cpu: sum('cpu', millis), memory: sum('memory', bytes), pods: 1 };
}

export function allocatableOf(node: Node): Amounts {
  const { cpu, memory, pods } = node.status!.allocatable!;
  return { cpu: millis(cpu!), memory: bytes(memory!), pods: Number(pods) };
}

export const plus = (a: Amounts, b: Amounts): Amounts => ({ cpu: a.cpu + b.cpu, memory: a.memory + b.memory, pods: a.pods + b.pods });

export const within = (a: Amounts, b: Amounts): boolean => a.cpu <= b.cpu && a.memory <= b.memory && a.pods <= b.pods;

export const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

export function millis(text: string): number {
  return text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

function bytes(text: string): number {
  const match = /^(\d+)(Ki|Mi|Gi)?$/.exec(text);
  if (!match) throw new Error(`an amount that the simulation does not use: ${text}`);
  return Number(match[1]) * { '': 1, Ki: 1 << 10, Mi: 1 << 20, Gi: 1 << 30 }[match[2] ?? '']!;
}
