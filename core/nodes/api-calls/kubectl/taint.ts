import type { Node, Taint } from '../../../schema/generated/kinds.ts';
import { Failed } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';

/** `kubectl taint nodes NODE key=value:Effect key:Effect- key-` (kubectl's pkg/cmd/taint). */
export function taint(invocation: Invocation): void {
  const { words, client } = invocation;
  const first = words.findIndex((word) => isChange(word));
  const [kind, ...names] = first < 0 ? words : words.slice(0, first);
  if (kind === undefined) throw new Failed('error: one or more resources must be specified as <resource> <name>');
  if (first < 0) throw new Failed('error: at least one taint update is required');
  const changes = words.slice(first);
  const late = changes.find((word) => !isChange(word));
  if (late) throw new Failed(`error: all resources must be specified before taint changes: ${late}`);
  if (invocation.resource(kind).kind !== 'Node') throw new Failed(`error: invalid resource type ${kind}, only node types are supported`);
  if (names.length === 0 && !invocation.is('all') && !invocation.flags.has('selector'))
    throw new Failed("error: at least one resource name must be specified since 'all' parameter is not set");
  const added = changes.filter((word) => !word.endsWith('-')).map((word) => taintOf(word, { needsEffect: true }));
  const removed = changes.filter((word) => word.endsWith('-')).map((word) => taintOf(word.slice(0, -1)));
  const both = removed.filter((one) => added.some((other) => isMeant(other, one)));
  if (both.length > 0)
    throw new Failed(
      `error: can not both modify and remove the following taint(s) in the same command: ${both.map(({ key, effect = '' }) => `${key}=${effect}`).join(', ')}`,
    );
  invocation.each(invocation.targets([kind, ...names]), (target) => {
    const { spec } = client.get(target) as Node;
    const { taints, done } = changed(spec?.taints ?? [], { added, removed, node: target.name, overwrites: invocation.is('overwrite') });
    if (!invocation.isDryRun) client.patch(target, { spec: { taints: taints.length > 0 ? taints : null } }, 'strategic', 'kubectl-taint');
    invocation.write(`${printedName(target)} ${done}\n`);
  });
}

const isChange = (word: string): boolean => /[=:]|-$/.test(word);

/** One of which a taint may be removed, by its key alone or its effect too. */
type Named = Pick<Taint, 'key'> & Partial<Taint>;

const EFFECTS = new Set(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);

function taintOf(text: string, { needsEffect = false } = {}): Taint {
  const [pair = '', effect, more] = text.split(':');
  const [key, value, again] = effect === undefined ? [pair] : pair.split('=');
  if (effect !== undefined && !EFFECTS.has(effect)) throw new Failed(`error: invalid taint effect: ${effect}, unsupported taint effect`);
  if (!key || more !== undefined || again !== undefined || key.includes('=') || (needsEffect && effect === undefined))
    throw new Failed(`error: invalid taint spec: ${text}`);
  return { key, ...(value && { value }), ...(effect !== undefined && { effect }) } as Taint;
}

const isMeant = ({ key, effect }: Taint, named: Named): boolean => key === named.key && (named.effect === undefined || named.effect === effect);

interface Changes {
  readonly added: readonly Taint[];
  readonly removed: readonly Named[];
  readonly node: string;
  readonly overwrites: boolean;
}

/** The new ones stand first. */
function changed(old: readonly Taint[], { added, removed, node, overwrites }: Changes): { taints: Taint[]; done: string } {
  const there = added.filter((one) => old.some((other) => isMeant(other, one))).map(({ key }) => key);
  if (there.length > 0 && !overwrites)
    throw new Failed(`error: node ${node} already has ${there.join()} taint(s) with same effect(s) and --overwrite is false`);
  const all = [...added, ...old.filter((other) => !added.some((one) => isMeant(other, one)))];
  const missing = removed.filter((named) => !all.some((one) => isMeant(one, named)));
  const texts = missing.map(({ key, effect }) => `taint "${key}${effect ? `:${effect}` : ''}" not found`);
  if (texts.length > 0) throw new Failed(`error: ${texts.length > 1 ? `[${texts.join(', ')}]` : texts[0]}`);
  const taints = all.filter((one) => !removed.some((named) => isMeant(one, named)));
  const adds = all.length !== old.length;
  return { taints, done: overwrites || (adds && removed.length > 0) ? 'modified' : adds ? 'tainted' : 'untainted' };
}
