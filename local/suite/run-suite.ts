import { setTimeout as sleep } from 'node:timers/promises';
import { measureReadiness } from '../../core/plan/readiness.ts';
import { applyEach } from '../apply-each.ts';
import type { ApiClient } from '../client/api-client.ts';
import { discover, groupResourceOf, type NamedObject, namedObject, nameOfObject, pathOf, type Resources } from '../client/resources.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Case } from '../junit.ts';
import { objectIfThere } from '../looking/changes.ts';
import { reasonsOf } from '../looking/reasons.ts';
import type { Manifest } from '../manifests.ts';
import type { WaitCondition } from './condition.ts';
import { type Expectation, nameOfExpectation, unmet } from './expectation.ts';

/** What is applied to a cluster, what is waited for, and what has to be so then. */
export interface Suite {
  readonly manifests: readonly Manifest[];
  /** Instead of all that is applied being ready. */
  readonly conditions: readonly WaitCondition[];
  /** Whether it is waited for at all, before what is expected is. */
  readonly waits: boolean;
  readonly asserts: readonly Expectation[];
  /** Parts of objects that must not be there, or get away. */
  readonly errors: readonly Expectation[];
  readonly timeoutMs: number;
  /** Ends it, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What came of it, a case for each thing that was to be so. Nothing is waited for once something was refused. Throws `Unreachable`, and what the cluster refuses of reads. */
export async function runSuite(suite: Suite, client: ApiClient): Promise<Case[]> {
  const cases: Case[] = [];
  const { signal } = suite;
  const { names, refused, brokenOff } = await applyEach(suite.manifests, { fieldManager: FIELD_MANAGER, force: false, dryRun: false, signal }, client);
  if (brokenOff) throw brokenOff;
  cases.push(
    ...names.map((name) => ({ group: 'applied', name })),
    ...refused.map((message) => ({ group: 'applied', name: message.split(': ').slice(0, 2).join(': '), failure: message })),
  );
  if (refused.length > 0) return cases;
  // What was applied may serve more kinds.
  const resources = await discover(client);
  const deadline = performance.now() + suite.timeoutMs;
  for (const checks of [await waitedFor(suite, { client, resources }), expected(suite, { client, resources })]) {
    const came = await untilSo(checks, { deadline, signal });
    cases.push(...came);
    if (came.some(({ failure }) => failure !== undefined)) break;
  }
  return cases;
}

interface Asked {
  readonly client: ApiClient;
  readonly resources: Resources;
}

interface Check {
  readonly group: string;
  readonly name: string;
  /** What it is not yet; undefined: it is so. */
  readonly look: () => Promise<Verdict | undefined>;
  /** Why it is not, once it was waited for in vain. */
  readonly explain?: () => Promise<string>;
}

interface Verdict {
  readonly failure: string;
  /** It will not become so. */
  readonly isFinal?: boolean;
}

async function waitedFor({ manifests, conditions, waits }: Suite, { client, resources }: Asked): Promise<Check[]> {
  if (!waits) return [];
  if (conditions.length > 0) return Promise.all(conditions.map((condition) => checkOf(condition, { client, resources })));
  return manifests.map(({ object }) => {
    const resource = resources.ofKind(object.apiVersion, object.kind)!;
    const namespace = resource.namespaced ? (object.metadata.namespace ?? client.namespace ?? 'default') : undefined;
    const { name } = object.metadata;
    const named = { resource, name, namespace, path: pathOf(resource, namespace, name) };
    return { group: 'ready', name: nameOfObject(resource, name), look: () => unready(named, client), explain: () => whyUnready(named, client) };
  });
}

async function checkOf({ object, text, unmet }: WaitCondition, { client, resources }: Asked): Promise<Check> {
  const { path } = await namedObject(object, client, resources);
  const look = async () => {
    const failure = unmet(await objectIfThere(path, client));
    return failure === undefined ? undefined : { failure };
  };
  return { group: 'for', name: text, look };
}

async function unready(named: NamedObject, client: ApiClient): Promise<Verdict | undefined> {
  const object = await objectIfThere(named.path, client);
  if (!object) return { failure: 'it is not there' };
  const { ready, wanted, failure } = measureReadiness(groupResourceOf(named.resource), object);
  if (ready >= wanted && failure === undefined) return undefined;
  return { failure: `${ready}/${wanted} ready${failure ? `: ${failure}` : ''}`, ...(failure !== undefined && { isFinal: true }) };
}

async function whyUnready(named: NamedObject, client: ApiClient): Promise<string> {
  const object = await objectIfThere(named.path, client);
  if (!object) return 'it is not there';
  const { ready, wanted, reasons } = await reasonsOf(named, object, client);
  return [`${ready}/${wanted} ready`, ...reasons.map(({ of, reason, message }) => `${of === undefined ? '' : `${of}: `}${reason}: ${message}`)].join('; ');
}

function expected({ asserts, errors }: Suite, asked: Asked): Check[] {
  const verdictOf = (failures: readonly string[]) => (failures.length > 0 ? { failure: failures.join('; ') } : undefined);
  return [
    ...asserts.map((expectation) => ({ group: 'assert', name: named(expectation), look: async () => verdictOf(await unmet(expectation, asked)) })),
    ...errors.map((expectation) => ({
      group: 'error',
      name: named(expectation),
      look: async () => verdictOf((await unmet(expectation, asked)).length === 0 ? ['it is there, and must not be'] : []),
    })),
  ];
}

const named = (expectation: Expectation): string => `${nameOfExpectation(expectation)} (${expectation.source})`;

/** Looks until all is so, or the time is over. */
async function untilSo(checks: readonly Check[], { deadline, signal }: { deadline: number; signal: AbortSignal | undefined }): Promise<Case[]> {
  const began = performance.now();
  const open = new Map(checks.map((check): [Check, Verdict] => [check, { failure: '' }]));
  const took = new Map<Check, number>();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    for (const [check, { isFinal = false }] of open) {
      if (isFinal) continue;
      const verdict = await check.look();
      if (verdict) open.set(check, verdict);
      else {
        open.delete(check);
        took.set(check, (performance.now() - began) / 1000);
      }
    }
    const isOver = performance.now() >= deadline || [...open.values()].every(({ isFinal }) => isFinal);
    if (isOver) break;
    await sleep(pause, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
  const seconds = (performance.now() - began) / 1000;
  return Promise.all(
    checks.map(async (check) => {
      const { group, name, explain } = check;
      const verdict = open.get(check);
      const failure = verdict && (explain ? await explain() : verdict.failure);
      return { group, name, seconds: took.get(check) ?? seconds, ...(failure !== undefined && { failure }) };
    }),
  );
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
