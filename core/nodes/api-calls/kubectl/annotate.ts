import type { KubeObject } from '../../../kube/object.ts';
import { Failed } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';

/** `kubectl label TYPE NAME a=b c-` */
export const label = (invocation: Invocation): void => change(invocation, { map: 'labels', done: 'labeled', manager: 'kubectl-label' });

/** `kubectl annotate TYPE NAME a=b c-` */
export const annotate = (invocation: Invocation): void => change(invocation, { map: 'annotations', done: 'annotated', manager: 'kubectl-annotate' });

interface Kind {
  readonly map: 'labels' | 'annotations';
  readonly done: string;
  readonly manager: string;
}

function change(invocation: Invocation, { map, done, manager }: Kind): void {
  const { words, client } = invocation;
  const first = words.findIndex((word) => word.includes('=') || word.endsWith('-'));
  const changes = first < 0 ? [] : words.slice(first).map((word) => changeOf(word));
  if (changes.length === 0) throw new Failed(`error: at least one ${map === 'labels' ? 'label' : 'annotation'} update is required`);
  invocation.each(invocation.targets(words.slice(0, first)), (target) => {
    const object = client.get(target);
    if (!invocation.is('overwrite')) refuseOverwriting(object, map, changes);
    const patch = { metadata: { [map]: Object.fromEntries(changes) } };
    const changed = invocation.isDryRun || client.patch(target, patch, 'merge', manager);
    invocation.write(
      `${printedName(target)} ${changed ? (changes.every(([, value]) => value === null) && map === 'labels' ? 'unlabeled' : done) : `not ${done}`}\n`,
    );
  });
}

/** `name=value` sets, `name-` removes. */
function changeOf(word: string): [string, string | null] {
  if (word.endsWith('-') && !word.includes('=')) return [word.slice(0, -1), null];
  const [key, value] = word.split(/=(.*)/s) as [string, string?];
  if (value === undefined) throw new Failed(`error: unknown label spec: ${word}`);
  return [key, value];
}

function refuseOverwriting({ metadata }: KubeObject, map: Kind['map'], changes: readonly (readonly [string, string | null])[]): void {
  const there = changes.filter(([key, value]) => value !== null && Object.hasOwn(metadata[map] ?? {}, key) && metadata[map]![key] !== value);
  const told = there.map(([key]) => `'${key}' already has a value (${metadata[map]![key]})`);
  if (told.length === 0) return;
  if (map === 'labels') throw new Failed(`error: ${told.map((text) => `${text}, and --overwrite is false`).join('\nerror: ')}`);
  throw new Failed(`error: --overwrite is false but found the following declared annotation(s): ${told.join('; ')}`);
}
