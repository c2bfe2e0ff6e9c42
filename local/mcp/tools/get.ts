import { z } from 'zod';
import { formatYaml } from '../../../core/api/codec/yaml.ts';
import { isFields } from '../../../core/kube/fields.ts';
import type { KubeObject } from '../../../core/kube/object.ts';
import { MOST_CHARACTERS } from '../bounded.ts';
import { shownObject } from '../shown-object.ts';
import { cluster, namespace, object, tool } from '../tool.ts';

export const get = tool({
  name: 'get',
  title: 'Get an object',
  description: 'One object as it is, or as it was (cluster: NAME@OFFSET), as YAML, without managedFields. Values of Secrets appear by their length.',
  input: z.strictObject({
    object,
    namespace,
    cluster,
    path: z
      .string()
      .max(1_000)
      .optional()
      .describe('Only this part of it: .spec.template.spec, .status.conditions[0], .data["app.conf"]. All of it, unless told.'),
    from: z.int().min(0).default(0).describe('Of a part that is a long text: from which character on.'),
  }),
  output: z.looseObject({ cluster: z.string(), object: z.unknown().optional(), part: z.unknown().optional() }),
  effect: 'none',
  isIdempotent: true,
  async run({ object, path, from, ...place }, reach) {
    const client = await reach.client(place);
    const named = await reach.named(object, client);
    const found = shownObject(await client.get<KubeObject>(named.path), reach);
    if (path === undefined) return { text: formatYaml(found), structured: { cluster: client.shownAs, object: found } };
    const part = partOf(found, path);
    const shown = typeof part === 'string' ? textFrom(part, from) : part;
    return { text: typeof shown === 'string' ? shown : formatYaml(shown), structured: { cluster: client.shownAs, part: shown } };
  },
});

/** A long text in pieces, each of which says how to have the next. */
function textFrom(text: string, from: number): string {
  // What JSON escapes becomes longer.
  const most = MOST_CHARACTERS / 4;
  const piece = text.slice(from, from + most);
  return from + most < text.length ? `${piece}…\n(${text.length - from - most} more characters: call again with from: ${from + most})` : piece;
}

/** Throws an Error where there is no such part, which says what there is. */
function partOf(object: unknown, path: string): unknown {
  let at: unknown = object;
  let walked = '';
  for (const step of stepsOf(path)) {
    const next: unknown = Array.isArray(at) ? at[Number(step)] : isFields(at) && Object.hasOwn(at, step) ? at[step] : undefined;
    if (next === undefined) {
      const there = Array.isArray(at) ? `${at.length} elements` : isFields(at) ? Object.keys(at).slice(0, MOST_NAMES).join(', ') : 'nothing below it';
      throw new Error(`there is no ${JSON.stringify(step)} at ${walked || 'the top'} of the object: there is ${there}`);
    }
    at = next;
    walked += `.${step}`;
  }
  return at;
}

const MOST_NAMES = 50;

function stepsOf(path: string): string[] {
  const steps = [...path.matchAll(STEP)];
  if (steps.map(([text]) => text).join('') !== path) throw new Error(`${JSON.stringify(path)} is no path: .spec.containers[0].image or .data["a.b"] is needed`);
  return steps.map(([, plain, quoted, index]) => plain ?? (quoted !== undefined ? (JSON.parse(`"${quoted}"`) as string) : index!));
}

/** `.name`, `["name"]`, `[0]`; the first dot may be missing. */
const STEP = /(?:^|\.)([A-Za-z_][\w-]*)|\["((?:[^"\\]|\\["\\])*)"\]|\[(\d+)\]/g;
