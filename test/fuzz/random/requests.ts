import type { RequestOptions } from '../../../core/testing/server.ts';
import type { Chance } from '../../simulation/chance.ts';
import { anyValue, mutated } from './values.ts';

/** An object that requests are about: where it is, and how it would be right. */
export interface Target {
  readonly collection: string;
  readonly name: string;
  readonly manifest: object;
}

export interface RandomRequest {
  readonly line: string;
  readonly options: RequestOptions;
}

/** A request of any kind about an object; what it sends is mostly nearly right. */
export function randomRequest(chance: Chance, { collection, name, manifest }: Target): RandomRequest {
  const part = chance.weighted({ '': 6, '/status': 1, '/scale': 1, '/wrong': 0.2 });
  const path = `${collection}/${chance.happens(0.95) ? name : chance.pick(['other', '..', 'UPPER', '%00', 'x'.repeat(300)])}${part}`;
  const body = chance.happens(0.85) ? mutated(chance, manifest) : chance.happens(0.7) ? manifest : anyValue(chance);
  const send = (line: string, value: unknown, type: string, query: readonly string[]) => ({
    line: `${line}?${[...query, ...common(chance)].join('&')}`,
    options: { body: JSON.stringify(value) ?? 'null', type },
  });
  switch (chance.weighted({ create: 5, update: 3, apply: 5, merge: 3, json: 3, strategic: 3, delete: 0.5 })) {
    case 'create':
      return send(`POST ${collection}`, body, 'application/json', []);
    case 'update':
      return send(`PUT ${path}`, body, 'application/json', []);
    case 'apply':
      return send(`PATCH ${path}`, body, 'application/apply-patch+yaml', managers(chance));
    case 'merge':
      return send(`PATCH ${path}`, chance.happens(0.7) ? body : anyValue(chance), 'application/merge-patch+json', []);
    case 'strategic':
      return send(`PATCH ${path}`, chance.happens(0.7) ? directed(chance, body) : anyValue(chance), 'application/strategic-merge-patch+json', []);
    case 'json':
      return send(`PATCH ${path}`, jsonPatch(chance, manifest), 'application/json-patch+json', []);
    case 'delete':
      return send(`DELETE ${path}`, chance.happens(0.5) ? {} : anyValue(chance), 'application/json', []);
  }
}

/** As clients say who they are, and as they do not. */
const managers = (chance: Chance): string[] => [
  ...(chance.happens(0.9) ? [`fieldManager=${chance.pick(['a', 'b', 'c', '', '%F0%9F%8C%8D', 'x'.repeat(130), 'a%00'])}`] : []),
  ...(chance.happens(0.4) ? [`force=${chance.pick(['true', 'false', 'maybe'])}`] : []),
];

const common = (chance: Chance): string[] => [
  ...(chance.happens(0.1) ? [`dryRun=${chance.pick(['All', 'Some', ''])}`] : []),
  ...(chance.happens(0.3) ? [`fieldValidation=${chance.pick(['Strict', 'Warn', 'Ignore', 'Other'])}`] : []),
];

/** With directives of strategic merge patches somewhere in it. */
function directed(chance: Chance, body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body))
    return chance.happens(0.3)
      ? [...body, { $patch: chance.pick(['delete', 'replace', 'merge', 'x']), name: 'main' }]
      : body.map((one) => directed(chance, one));
  const fields = Object.entries(body).map(([name, value]): [string, unknown] => [name, directed(chance, value)]);
  if (chance.happens(0.1)) fields.push(['$patch', chance.pick(['delete', 'replace', 'merge', 1])]);
  if (chance.happens(0.1)) fields.push(['$retainKeys', anyValue(chance, 1)]);
  if (chance.happens(0.1) && fields.length > 0) fields.push([`$setElementOrder/${chance.pick(fields)[0]}`, anyValue(chance, 2)]);
  if (chance.happens(0.1) && fields.length > 0) fields.push([`$deleteFromPrimitiveList/${chance.pick(fields)[0]}`, anyValue(chance, 2)]);
  return Object.fromEntries(fields);
}

function jsonPatch(chance: Chance, manifest: object): unknown {
  const pointers = [...pointersIn(manifest), '', '/', '/metadata/labels/-', '/spec/~0~1', '/status', '/a/b', '/__proto__/a', 'x'];
  const operation = () => ({
    op: chance.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'other']),
    path: `${chance.pick(pointers)}${chance.happens(0.2) ? chance.pick(['/-', '/0', '/99', '/new']) : ''}`,
    ...(chance.happens(0.5) && { from: chance.pick(pointers) }),
    ...(chance.happens(0.8) && { value: anyValue(chance) }),
  });
  const patch = Array.from({ length: chance.whole(0, 4) }, operation);
  return chance.happens(0.1) ? mutated(chance, patch) : patch;
}

function pointersIn(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const pointer = `${prefix}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [pointer, ...(typeof inner === 'object' && inner !== null ? pointersIn(inner, pointer) : [])];
  });
}
