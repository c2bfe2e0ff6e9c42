import type { Container } from '../../../schema/generated/kinds.ts';
import type { Target } from '../api-client.ts';
import { Failed, notSimulated } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';
import { podSpecOf } from './pod-template.ts';

/** `kubectl set image TYPE/NAME CONTAINER=IMAGE`, `kubectl set env TYPE/NAME NAME=VALUE NAME-` */
export function set(invocation: Invocation): void {
  const [what, ...words] = invocation.words;
  const first = words.findIndex((word) => word.includes('=') || (what === 'env' && word.endsWith('-')));
  const changes = first < 0 ? [] : words.slice(first);
  if (what === 'image') {
    if (changes.length === 0) throw new Failed('error: at least one image update is required');
    const images = changes.map((word) => word.split(/=(.*)/s) as [string, string]);
    update(invocation, words.slice(0, first), 'image updated', (of) => withImages(of, images));
  } else if (what === 'env') {
    if (changes.length === 0) throw new Failed('error: at least one environment variable must be provided');
    update(invocation, words.slice(0, first), 'env updated', (of) => withVariables(of, changes, invocation.flag('containers') ?? invocation.flag('container')));
  } else throw notSimulated(`kubectl set ${what ?? ''}`.trim());
}

interface Containers {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
}
type Patch = Readonly<Record<keyof Containers, readonly object[]>>;

/** A strategic merge patch of the containers. Nothing is said of what is so already. */
function update(invocation: Invocation, words: readonly string[], done: string, change: (of: Containers) => Patch): void {
  const { client } = invocation;
  invocation.each(invocation.targets(words), (target: Target) => {
    const { spec, path } = podSpecOf(client.get(target), target);
    const { containers, initContainers } = change({ containers: spec.containers, initContainers: spec.initContainers ?? [] });
    const patch = { ...(containers.length > 0 && { containers }), ...(initContainers.length > 0 && { initContainers }) };
    const nested = path.reduceRight<object>((inner, name) => ({ [name]: inner }), patch);
    const changed = invocation.isDryRun || client.patch(target, nested, 'strategic', 'kubectl-set');
    if (changed) invocation.write(`${printedName(target)} ${done}\n`);
  });
}

function withImages({ containers, initContainers }: Containers, images: readonly (readonly [string, string])[]): Patch {
  const missing = images.filter(([of]) => of !== '*' && ![...containers, ...initContainers].some(({ name }) => name === of));
  if (missing.length > 0) throw new Failed(missing.map(([name]) => `error: unable to find container named ${JSON.stringify(name)}`).join('\n'));
  const changed = ({ name }: Container) => {
    const image = images.find(([of]) => of === name || of === '*')?.[1];
    return image === undefined ? [] : [{ name, image }];
  };
  return { containers: containers.flatMap(changed), initContainers: initContainers.flatMap(changed) };
}

function withVariables({ containers }: Containers, changes: readonly string[], only: string | undefined): Patch {
  const env = changes.map((word) => (word.endsWith('-') && !word.includes('=') ? { name: word.slice(0, -1), $patch: 'delete' } : variable(word)));
  const chosen = containers.filter(({ name }) => only === undefined || only === '*' || only === name);
  return { containers: chosen.map(({ name }) => ({ name, env })), initContainers: [] };
}

function variable(word: string): object {
  const [name, value] = word.split(/=(.*)/s);
  return { name, value };
}
