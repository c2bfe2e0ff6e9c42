import type { ObjectName, PlanStatus } from '../core/apis/logplane/plan-status.ts';

interface Case {
  readonly group: string;
  readonly name: string;
  readonly failure?: string;
}

/** What a plan comes to as JUnit's XML, as CI systems show it: a case for each object that is applied, and for each that does not become ready, finds no node, or is in the way. */
export function planJunit(status: PlanStatus): string {
  const cases = casesOf(status);
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const lines = cases.map(({ group, name, failure }) => {
    const open = `    <testcase classname=${quoted(group)} name=${quoted(name)}`;
    return failure === undefined ? `${open}/>` : `${open}>\n      <failure message=${quoted(failure)}/>\n    </testcase>`;
  });
  const head = `name="logplane plan" tests="${cases.length}" failures="${failures}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite ${head}>\n${lines.join('\n')}\n  </testsuite>\n</testsuites>\n`;
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

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;' };

/** XML has no way to write other control characters. */
const quoted = (text: string): string => `"${text.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF&<>"]/gu, (char) => ESCAPES[char] ?? '\uFFFD')}"`;
