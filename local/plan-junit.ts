import type { ObjectName, PlanStatus } from '../core/apis/logplane/plan-status.ts';
import { type Case, junit } from './junit.ts';

/** What a plan comes to as JUnit's XML, as CI systems show it: a case for each object that is applied, and for each that does not become ready, finds no node, or is in the way. */
export function planJunit(status: PlanStatus): string {
  return junit('logplane plan', casesOf(status));
}

function casesOf({ result, message, applied, stuck, unscheduled, outOfMemory, disruptionBudgets }: PlanStatus): Case[] {
  const accepted = [...applied.created, ...applied.changed, ...applied.unchanged];
  const waiting = stuck.filter(({ before }) => !before);
  const ids = new Set(waiting.map(named));
  return [
    ...(result === 'Unfinished' ? [{ group: 'plan', name: 'comes to an end', failure: message }] : []),
    ...accepted.map((of) => ({ group: 'applied', name: named(of) })),
    ...applied.refused.map((of) => ({ group: 'applied', name: named(of), failure: of.message })),
    ...accepted.filter((of) => !ids.has(named(of))).map((of) => ({ group: 'ready', name: named(of) })),
    ...waiting.map((of) => ({
      group: 'ready',
      name: named(of),
      failure: `${of.ready}/${of.wanted} ready: ${of.reasons.map(({ reason, message }) => `${reason}: ${message}`).join('; ')}`,
    })),
    ...unscheduled
      .filter(({ before }) => !before)
      .map(({ namespace, owner, count, message }) => ({ group: 'scheduled', name: `${namespace}/${owner} (${count})`, failure: message })),
    ...outOfMemory
      .filter(({ before }) => !before)
      .map(({ namespace, owner, container, after }) => ({ group: 'memory', name: `${namespace}/${owner} ${container}`, failure: `OOMKilled after ${after}` })),
    ...disruptionBudgets.map((of) => ({ group: 'evicted', name: named(of), failure: of.message })),
  ];
}

const named = ({ kind, namespace, name }: ObjectName): string => `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
