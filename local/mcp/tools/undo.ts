import { z } from 'zod';
import { undo as undone, undoneLines } from '../../undo.ts';
import { cluster, dryRun, force, moment, namespace, object, tool } from '../tool.ts';

export const undo = tool({
  name: 'undo',
  title: 'Take changes back',
  description:
    'Takes back exactly one of: the change at an offset; a request and all that it caused; what an actor did since a moment; the last request that changed an object. It is the inverse of these changes alone: what others changed stays. Can be undone itself. Try it with dry_run first.',
  input: z.strictObject({
    offset: z.int().positive().optional().describe('The change at this offset alone.'),
    request: z.int().positive().optional().describe('The change at this offset, and all that it caused: the request that apply, undo and restore answer with.'),
    actor: z.string().min(1).max(253).optional().describe('What this user did since.'),
    since: moment.optional().describe('With actor: after which moment.'),
    object: object.optional(),
    namespace: namespace.describe('Only changes in this namespace; in the whole cluster, unless told. Of an object: its namespace.'),
    cluster,
    dry_run: dryRun,
    force: force('Also where the same fields were changed since.'),
  }),
  output: z.looseObject({ cluster: z.string(), dryRun: z.boolean(), record: z.string(), objects: z.array(z.unknown()) }),
  effect: 'changes',
  isIdempotent: false,
  async run({ offset, request, actor, since, object, cluster, namespace, dry_run: dryRun, force }, reach) {
    const which = [offset, request, actor, object].filter((value) => value !== undefined);
    if (which.length !== 1) throw new Error('exactly one of offset, request, actor and object is needed: history and changes tell offsets');
    if ((actor === undefined) !== (since === undefined)) throw new Error('actor and since go together: whose changes, and since when');
    const client = await reach.writable({ cluster, namespace }, { dryRun });
    const what = {
      ...(offset !== undefined && { offset }),
      ...(request !== undefined && { request }),
      ...(actor !== undefined && { actor, since: String(since) }),
      ...(object !== undefined && { object }),
    };
    const record = await undone(what, { force, dryRun, isNamespaced: namespace !== undefined }, client);
    const { kind, metadata, status } = record;
    return {
      text: undoneLines(record, { dryRun, columns: undefined }).join('\n'),
      structured: { cluster: client.shownAs, dryRun, record: `${kind.toLowerCase()}.logplane.dev/${metadata.name}`, ...status },
    };
  },
});
