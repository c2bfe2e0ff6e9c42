import type { ReadCall } from '../call.ts';
import { type Negotiated, type Negotiation, negotiate as negotiateFormat } from '../codec/negotiate.ts';
import { checkRoutedTypes } from '../codec/routed-types.ts';
import { isShown } from '../handlers.ts';
import { fieldMaskOf } from '../query/field-mask.ts';

/** Agrees on the form of the answer, before anything is done that would be in vain. Throws 406, and 400 for `fields` that are none. */
export function negotiate(call: Omit<ReadCall, 'format'>): { format: Negotiated } {
  const { verb, subresource } = call.info;
  // What is only created (reviews, tokens, bindings) and what is only connected to (logs, proxies) is not shown as a Table.
  const shown = subresource === undefined ? call.target.version.verbs.includes('get') : isShown(subresource);
  const protobuf = !call.target.resource.custom && !OF_OURS.has(subresource ?? '');
  // The paths of custom resources are not the router's.
  if (protobuf) checkRoutedTypes(call.request.headers.get('accept'), { lists: verb === 'list' || verb === 'watch' });
  const asked = READS.has(verb) && subresource === undefined ? call.query.get('fields') : null;
  const fields = asked === null ? undefined : fieldMaskOf(asked);
  const format = formatOf(call, {
    as: shown ? ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] : [],
    stream: verb === 'watch',
    protobuf: protobuf && !fields,
  });
  if (!fields) return { format };
  // Of the rows of a Table, what comes with them; metadata alone is asked for as such.
  return { format: format.as === undefined ? { ...format, as: 'Fields', fields } : format.as === 'Table' ? { ...format, fields } : format };
}

/** What shows objects. */
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

export const formatOf = ({ request, query }: Pick<ReadCall, 'request' | 'query'>, options: Negotiation) =>
  negotiateFormat(request.headers.get('accept'), { pretty: query.get('pretty'), userAgent: request.headers.get('user-agent') ?? '', ...options });

/** What they speak has no protobuf form. */
const OF_OURS: ReadonlySet<string> = new Set(['history', 'blame']);
