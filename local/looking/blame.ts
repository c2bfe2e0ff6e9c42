import type { ApiClient } from '../client/api-client.ts';
import { type NamedObject, withoutOwnApi } from '../client/resources.ts';
import type { Row } from '../columns.ts';
import { actorOf, seconds } from './changes.ts';

/** As the subresource `blame` answers. */
export interface Blame {
  readonly fields: readonly BlamedField[];
}

interface BlamedField {
  readonly path: string;
  readonly value?: unknown;
  readonly offset?: number;
  readonly time?: string;
  readonly actor?: string;
  readonly manager?: { readonly name: string };
  /** Where it has not changed for longer than is looked back: since before this offset. */
  readonly before?: number;
}

/** Throws what the cluster refuses. */
export const blameOf = ({ path }: NamedObject, client: ApiClient): Promise<Blame> =>
  client.get<Blame>(`${path}/blame`).catch(async (error) => {
    throw await withoutOwnApi(error, client);
  });

/** A row for each field, below a heading. */
export const blameRows = ({ fields }: Blame): Row[] => [
  ['OFFSET', 'TIME', 'ACTOR', 'FIELD'],
  ...fields.map(({ path, value, offset, time, actor, before }) => [
    offset === undefined ? `<${before ?? ''}` : String(offset),
    time === undefined ? '' : seconds(time),
    actorOf(actor ?? ''),
    `${path}: ${shown(value)}`,
  ]),
];

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = (text ?? '').replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

const LONGEST = 200;
